import { Link } from '@tanstack/react-router'
import type { CSSProperties } from 'react'
import { visibleText } from '../../text/hidden.ts'
import { bytes } from '../../text/numbers.ts'
import { RawText } from '../../text/raw-text.tsx'
import { Clock } from '../../time/time.tsx'
import type { NetworkRow } from './documents.ts'
import type { NetworkFilter } from './filter.ts'

export const networkColumns = ['Time', 'Protocol', 'Process', 'From and to', 'What', 'There and back', 'Host']

/** One line of the network: who, where, what; the whole row opens it. */
export function NetworkLine({
  row,
  filter,
  style,
  index,
}: {
  readonly row: NetworkRow
  readonly filter: NetworkFilter
  readonly style: CSSProperties
  readonly index: number
}) {
  const { event_id: id, process, source, destination, detail } = row
  const open = filter.event === id
  return (
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events -- the link in it has the keys
    <div
      role="row"
      aria-rowindex={index}
      className={open ? 'network-line current' : 'network-line'}
      style={style}
      onClick={({ target, currentTarget }) => {
        if (target instanceof Element && target.closest('a')) return
        currentTarget.querySelector<HTMLElement>('.title-cell a')?.click()
      }}
    >
      <span role="cell" className="tree-time">
        <Clock at={row.time} precision="seconds" />
      </span>
      <span role="cell" className="protocol-cell">
        {row.protocol ?? row.transport}
      </span>
      <span role="cell" className="program-cell" title={process ? visibleText(process.name) : undefined}>
        {process ? (
          <>
            <RawText text={process.name} /> <small>{process.pid}</small>
          </>
        ) : (
          <span className="quiet">not known</span>
        )}
      </span>
      <span role="cell" className="title-cell">
        <Link
          to="/network"
          search={{ ...filter, event: id }}
          replace
          resetScroll={false}
          activeProps={{}}
          data-event={id}
          aria-current={open ? 'true' : undefined}
        >
          <code>
            {source && (
              <>
                <RawText text={placeOf(source)} />
                <span className="arrow"> → </span>
              </>
            )}
            <RawText text={placeOf(destination)} />
          </code>
        </Link>
      </span>
      <span role="cell" className="excerpt-cell" title={visibleText(detail)}>
        <RawText text={detail} />
      </span>
      <span role="cell" className="bytes-cell" title={sumOf(row)}>
        {row.bytes_out !== null && row.bytes_in !== null && (
          <>
            {bytes(row.bytes_out)} <span className="quiet">/</span> {bytes(row.bytes_in)}
          </>
        )}
      </span>
      <span role="cell" className="host-cell" title={visibleText(row.host)}>
        <RawText text={row.host} />
      </span>
    </div>
  )
}

/** `192.0.2.1:443`, `[2001:db8::1]:53`, the address alone where there are no ports. */
export function placeOf({ ip, port }: { readonly ip: string; readonly port: number }): string {
  if (port === 0) return ip
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`
}

function sumOf({ bytes_out: out, bytes_in: back }: NetworkRow): string | undefined {
  return out === null || back === null ? undefined : `${bytes(out)} from who opened it, ${bytes(back)} to it`
}
