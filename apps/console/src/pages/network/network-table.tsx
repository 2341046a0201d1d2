import { useEffect, useImperativeHandle, useRef, type Ref } from 'react'
import type { Pages } from '../../parts/use-pages.ts'
import { useRowWindow } from '../../parts/window.ts'
import type { NetworkRow } from './documents.ts'
import type { NetworkFilter } from './filter.ts'
import { networkColumns, NetworkLine } from './network-row.tsx'

const ROW_PX = 34
/** Older ones are read when so few rows are left below. */
const AHEAD = 60

/** What the keys do with the table. */
export interface NetworkTableHandle {
  /** Moves the focus by so many rows; tells whose row has it then. */
  move(step: number): string | undefined
}

/** What happened on the network, newest first; of a long list only the rows that can be seen are on the page. */
export function NetworkTable({
  pages,
  filter,
  ref,
}: {
  readonly pages: Pages<NetworkRow>
  readonly filter: NetworkFilter
  readonly ref: Ref<NetworkTableHandle>
}) {
  const { rows, more, loading, loadMore } = pages
  const wanted = useRef<string>(undefined)
  const { list, top, virtualizer } = useRowWindow(
    rows.length,
    () => ROW_PX,
    (at) => rows[at]?.event_id ?? at,
  )
  const items = virtualizer.getVirtualItems()
  const lastShown = items.at(-1)?.index ?? 0

  useEffect(() => {
    if (lastShown >= rows.length - AHEAD) loadMore()
    // oxlint-disable-next-line react/exhaustive-deps -- it is made anew with each state that it belongs to
  }, [lastShown, rows.length, loading])

  const linkOf = (id: string) => list.current?.querySelector<HTMLElement>(`[data-event="${CSS.escape(id)}"]`)
  useEffect(() => {
    if (wanted.current === undefined) return
    const link = linkOf(wanted.current)
    if (!link) return
    wanted.current = undefined
    link.focus({ preventScroll: true })
  })

  const move = (step: number): string | undefined => {
    const active =
      document.activeElement instanceof HTMLElement ? document.activeElement.dataset['event'] : undefined
    const now = rows.findIndex(({ event_id: id }) => id === (active ?? filter.event))
    const at = now < 0 ? 0 : Math.max(0, Math.min(now + step, rows.length - 1))
    const id = rows[at]?.event_id
    if (id === undefined) return undefined
    virtualizer.scrollToIndex(at, { align: 'auto' })
    const link = linkOf(id)
    if (link) link.focus({ preventScroll: true })
    else wanted.current = id
    return id
  }
  useImperativeHandle(ref, () => ({ move }))

  return (
    // oxlint-disable-next-line jsx-a11y/interactive-supports-focus, jsx-a11y/no-noninteractive-element-interactions -- its links have the focus
    <div
      ref={list}
      className={filter.host === undefined ? 'list network' : 'list network hostless'}
      role="table"
      aria-label="Network activity"
      aria-rowcount={more ? -1 : rows.length + 1}
      aria-busy={loading}
      onKeyDown={(event) => {
        if (event.altKey || event.ctrlKey || event.metaKey) return
        if (event.key === 'ArrowDown') move(1)
        else if (event.key === 'ArrowUp') move(-1)
        else return
        event.preventDefault()
      }}
    >
      <div role="row" className="visually-hidden">
        {networkColumns.map((name) => (
          <span key={name} role="columnheader">
            {name}
          </span>
        ))}
      </div>
      <div role="rowgroup" className="virtual" style={{ height: `${virtualizer.getTotalSize()}px` }}>
        {items.map(({ index, start, key }) => {
          const row = rows[index]
          const style = { transform: `translateY(${start - top}px)` }
          return row && <NetworkLine key={key} row={row} filter={filter} style={style} index={index + 2} />
        })}
      </div>
    </div>
  )
}
