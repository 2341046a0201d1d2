import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { type FormEvent, useRef } from 'react'
import { ask, useAnswer } from '../../api/api.ts'
import { useKeys } from '../../keys/use-keys.ts'
import { fieldOf } from '../../parts/form.ts'
import { Kbd } from '../../parts/kbd.tsx'
import { SpanSelect } from '../../parts/span-select.tsx'
import { Empty, Failure, Loading } from '../../parts/state.tsx'
import { usePages } from '../../parts/use-pages.ts'
import { usePlace } from '../../shell/header.tsx'
import { count, plural } from '../../text/numbers.ts'
import { spanBounds } from '../../time/span.ts'
import { networkCountsDocument, networkDocument } from './documents.ts'
import { EventPanel } from './event-panel.tsx'
import { type NetworkFilter, networkVariables } from './filter.ts'
import { NetworkTable, type NetworkTableHandle } from './network-table.tsx'

const USUAL = '24h'
/** Protocols that have a chip of their own, where there is anything of them. */
const CHIPS: readonly (readonly [protocol: string, label: string])[] = [
  ['connection', 'Connections'],
  ['flow', 'Flows'],
  ['dns', 'DNS'],
  ['tls', 'TLS'],
  ['http', 'HTTP'],
  ['ssh', 'SSH'],
  ['smb', 'SMB'],
]
const OTHERS = 'quic rdp ldap kerberos dcerpc smtp ftp dhcp tcp udp icmp icmp6 sctp raw packet'.split(' ')

/** What hosts did on the network: connections, flows, and what was said in them; with who did it. */
export function NetworkPage() {
  usePlace({ title: 'Network' })
  const filter = useSearch({ from: '/network' })
  const navigate = useNavigate()
  const table = useRef<NetworkTableHandle>(null)
  const { event, ...question } = filter
  const variables = networkVariables(question)
  const pages = usePages(JSON.stringify(question), async ({ limit, offset, asOf }) => {
    const { network_activity } = await ask(networkDocument, {
      ...variables,
      ...spanBounds(question, asOf, USUAL),
      limit,
      offset,
    })
    return network_activity
  })
  const { rows, error, asOf } = pages
  const since = spanBounds(question, asOf, USUAL)
  const counted = useAnswer(
    networkCountsDocument,
    { ...variables, protocol: null, ...since },
    { live: false },
  )
  const later = useAnswer(networkCountsDocument, {
    ...variables,
    since: new Date(asOf).toISOString(),
    until: question.to ?? null,
  })
  const counts = new Map(counted.data?.network_counts.map(({ activity, count }) => [activity, count]))
  const fresh = later.data?.network_counts.reduce((sum, { count }) => sum + count, 0) ?? 0

  const go = (change: Partial<Record<keyof NetworkFilter, string | undefined>>, replace = false) =>
    void navigate({
      to: '/network',
      search: (before) => ({ ...before, ...change }) as NetworkFilter,
      replace,
      resetScroll: false,
    })
  const move = (step: number) => {
    const id = table.current?.move(step)
    // With one open, the next one opens.
    if (id !== undefined && event !== undefined) go({ event: id }, true)
  }
  const renew = () => {
    pages.reload()
    window.scrollTo({ top: 0 })
  }
  useKeys([
    { keys: 'j', label: 'next one', run: () => move(1) },
    { keys: 'k', label: 'one before', run: () => move(-1) },
    { keys: 'n', label: 'show the new ones', run: renew },
    {
      keys: 'Escape',
      label: 'close the details',
      run: () => {
        if (event !== undefined) go({ event: undefined }, true)
      },
    },
  ])

  const whole =
    question.protocol === undefined
      ? [...counts.values()].reduce((sum, count) => sum + count, 0)
      : counts.get(question.protocol)
  return (
    <div className={event === undefined ? undefined : 'alert-page'}>
      <div className="alert-main">
        <div className="top">
          <h1>{counted.data && whole !== undefined ? heading(whole, question.protocol) : 'Network'}</h1>
        </div>
        <Protocols filter={question} counts={counts} busy={counted.loading} onChange={go} />
        <Narrow filter={question} onChange={go} fresh={fresh} onFresh={renew} />
        {error && (
          <Failure what="The network could not be read" error={error} onRetry={pages.reload}>
            {rows.length > 0 && <p>What was read before is below.</p>}
          </Failure>
        )}
        {pages.first && <Loading what="the network" />}
        {rows.length === 0 && !pages.loading && !error && <Nothing filter={question} />}
        {rows.length > 0 && <NetworkTable pages={pages} filter={filter} ref={table} />}
        {pages.full && (
          <p className="more">
            These are the newest {count(rows.length)}. Narrow the filter or the time to see older ones.
          </p>
        )}
        {rows.length > 0 && (
          <div className="key-bar" aria-hidden="true">
            <span>
              <Kbd keys="j" /> <Kbd keys="k" /> move
            </span>
            <span>
              <Kbd keys="Enter" /> open
            </span>
            <span>
              <Kbd keys="?" /> all keys
            </span>
          </div>
        )}
      </div>
      {event !== undefined && <EventPanel key={event} id={event} filter={filter} />}
    </div>
  )
}

type Change = (change: Partial<Record<keyof NetworkFilter, string | undefined>>) => void

function Protocols({
  filter,
  counts,
  busy,
  onChange,
}: {
  readonly filter: NetworkFilter
  readonly counts: ReadonlyMap<string, number>
  readonly busy: boolean
  readonly onChange: Change
}) {
  const { protocol, event: _, ...rest } = filter
  const other = protocol !== undefined && OTHERS.includes(protocol)
  return (
    <div className="filters" aria-busy={busy}>
      {[[undefined, 'Everything'] as const, ...CHIPS].map(([name, label]) => {
        const found = name === undefined ? undefined : counts.get(name)
        const on = protocol === name
        return (
          <Link
            key={label}
            to="/network"
            search={name === undefined ? rest : { ...rest, protocol: name }}
            className={on ? 'chip on' : 'chip'}
            activeProps={{}}
            aria-current={on ? 'true' : undefined}
          >
            {label}
            {found !== undefined && <small> {count(found)}</small>}
          </Link>
        )
      })}
      <select
        className={other ? 'chip on' : 'chip'}
        aria-label="Other protocols"
        value={other ? protocol : ''}
        onChange={({ target: { value } }) => onChange({ protocol: value === '' ? undefined : value })}
      >
        <option value="">Others</option>
        {OTHERS.map((name) => {
          const found = counts.get(name)
          return (
            <option key={name} value={name}>
              {name.toUpperCase()}
              {found === undefined ? '' : ` ${count(found)}`}
            </option>
          )
        })}
      </select>
      <i className="gap" aria-hidden="true" />
      <SpanSelect
        span={filter}
        usual={USUAL}
        onChange={({ range, from, to }) => onChange({ range, from, to })}
      />
    </div>
  )
}

const FIELDS = [
  ['address', 'Address or range', 'address, 10.0.0.0/8'],
  ['port', 'Port', 'port'],
  ['program', 'Process', 'process'],
  ['search', 'Text', 'name, URL, JA3, JA4'],
] as const

function Narrow({
  filter,
  onChange,
  fresh,
  onFresh,
}: {
  readonly filter: NetworkFilter
  readonly onChange: Change
  readonly fresh: number
  readonly onFresh: () => void
}) {
  return (
    <div className="filters">
      <form
        className="narrow"
        key={FIELDS.map(([name]) => filter[name] ?? '').join('\n')}
        onSubmit={(event: FormEvent<HTMLFormElement>) => {
          event.preventDefault()
          const form = new FormData(event.currentTarget)
          onChange(Object.fromEntries(FIELDS.map(([name]) => [name, fieldOf(form, name) || undefined])))
        }}
      >
        {FIELDS.map(([name, label, hint]) => (
          <input
            key={name}
            name={name}
            className={name}
            aria-label={label}
            placeholder={hint}
            defaultValue={filter[name] ?? ''}
            maxLength={200}
            spellCheck={false}
            autoComplete="off"
            {...(name === 'port' && { inputMode: 'numeric', pattern: '[0-9]{1,5}' })}
          />
        ))}
        <button type="submit">Narrow</button>
      </form>
      {(['host', 'process', 'flow'] as const).map(
        (name) =>
          filter[name] !== undefined && (
            <button
              key={name}
              type="button"
              className="chip on"
              onClick={() => onChange({ [name]: undefined })}
            >
              This {name} only ×
            </button>
          ),
      )}
      <span className="filters-end" aria-live="polite">
        {fresh > 0 && (
          <button type="button" className="fresh" onClick={onFresh}>
            {count(fresh)} new, show <Kbd keys="n" />
          </button>
        )}
      </span>
    </div>
  )
}

function Nothing({ filter }: { readonly filter: NetworkFilter }) {
  const { range, from: _, to: __, ...rest } = filter
  const narrowed = Object.values(rest).some((value) => value !== undefined)
  return (
    <Empty title={narrowed ? 'Nothing matches' : 'Nothing was seen in this time'}>
      <p>
        {range !== 'all' && (
          <>
            <Link to="/network" search={{ ...rest, range: 'all' }}>
              Look at all that is stored
            </Link>
            {narrowed ? ', or ' : '. '}
          </>
        )}
        {narrowed && (
          <>
            <Link to="/network">take the filter away</Link>.{' '}
          </>
        )}
      </p>
      <p>
        Connections and questions to name servers are told by the kernel. Flows, TLS, HTTP and other protocols
        are seen in packets, and these are looked at only where <code>collect.packet.enabled</code> says so.
      </p>
    </Empty>
  )
}

function heading(whole: number, protocol: string | undefined): string {
  if (protocol === 'flow') return plural(whole, 'flow')
  if (protocol === 'connection') return plural(whole, 'connection')
  const of = protocol === undefined ? 'on the network' : `of ${protocol.toUpperCase()}`
  return `${plural(whole, 'event')} ${of}`
}
