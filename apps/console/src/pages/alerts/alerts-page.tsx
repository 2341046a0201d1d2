import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { type ReactNode, useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react'
import { onRefresh, useAnswer } from '../../api/api.ts'
import { type AlertRow, frameDocument } from '../../api/documents.ts'
import { useKeys } from '../../keys/use-keys.ts'
import { onNewAlert } from '../../live/live.ts'
import { Kbd } from '../../parts/kbd.tsx'
import { Empty, Failure, Loading } from '../../parts/state.tsx'
import { useSession } from '../../session/session.tsx'
import { usePlace } from '../../shell/header.tsx'
import { count, plural } from '../../text/numbers.ts'
import { RawText } from '../../text/raw-text.tsx'
import { RespondDialog } from './respond-dialog.tsx'
import { acknowledge } from './act.ts'
import { AlertTable, type TableHandle } from './alert-table.tsx'
import { type AlertFilter, belongs, statusOf } from './filter.ts'
import { queueFor, setOrder } from './queues.ts'
import { linesOf, storyCount } from './stories.ts'
import { VerdictDialog } from './verdict-dialog.tsx'

const severityNames = ['critical', 'high', 'medium', 'low', 'informational'] as const

/** The queue: what needs somebody, by story, worked through with the keyboard. */
export function AlertsPage() {
  usePlace({ title: 'Alerts' })
  const filter: AlertFilter = useSearch({ from: '/alerts' })
  const navigate = useNavigate()
  const mayAct = useSession().may('Mutation.acknowledgeAlert')
  const frame = useAnswer(frameDocument, {})
  const { status, severity, host, process, range, q } = filter
  // oxlint-disable-next-line react/exhaustive-deps -- the parts of the filter are the filter
  const queue = useMemo(() => queueFor(filter), [status, severity, host, process, range, q])
  const state = useSyncExternalStore(queue.subscribe, queue.state)
  const lines = useMemo(() => linesOf(state.chunks), [state.chunks])
  const table = useRef<TableHandle>(null)
  const [dialog, setDialog] = useState<'verdict' | 'respond'>()

  useEffect(() => {
    const mine = (alert: AlertRow) => belongs(alert, filter)
    void queue.catchUp(mine)
    if (queue.state().cursor !== undefined) table.current?.focus()
    const stops = [
      onNewAlert((alert) => queue.arrive(alert, mine)),
      onRefresh(() => void queue.catchUp(mine)),
    ]
    return () => {
      for (const stop of stops) stop()
    }
    // oxlint-disable-next-line react/exhaustive-deps -- the queue is the filter's
  }, [queue])

  useEffect(() => {
    setOrder(
      queue,
      lines.flatMap((line) => (line.kind === 'alert' ? [line.alert.id] : [])),
    )
  }, [queue, lines])

  const rows = useMemo(() => state.chunks.flat(), [state.chunks])
  const cursorAlert = state.cursor === undefined ? undefined : queue.alert(state.cursor)
  const chosen =
    state.selected.size > 0
      ? rows.filter(({ id }) => state.selected.has(id))
      : cursorAlert
        ? [cursorAlert]
        : []

  const open = () => {
    if (cursorAlert) void navigate({ to: '/alerts/$id', params: { id: cursorAlert.id } })
  }
  const showFresh = () => {
    void queue.reload().then(() => window.scrollTo({ top: 0 }))
  }
  const acknowledgeChosen = () => {
    if (chosen.length === 0) return
    void acknowledge(chosen)
    if (state.selected.size > 0) queue.select([])
    else table.current?.move(1)
  }

  useKeys([
    { keys: 'j', label: 'next alert', run: () => table.current?.move(1) },
    { keys: 'k', label: 'alert before', run: () => table.current?.move(-1) },
    { keys: 'Enter', label: 'open', run: open },
    { keys: 'e', label: 'open', run: open },
    { keys: 'n', label: 'show the new ones', run: showFresh },
    ...(mayAct
      ? [
          { keys: ' ', label: 'select', run: () => state.cursor !== undefined && queue.toggle(state.cursor) },
          {
            keys: 'Escape',
            label: 'select none',
            run: () => {
              queue.select([])
            },
          },
          { keys: 'a', label: 'acknowledge', run: acknowledgeChosen },
          {
            keys: 'v',
            label: 'resolve with a verdict',
            run: () => {
              if (chosen.length > 0) setDialog('verdict')
            },
          },
          {
            keys: 'r',
            label: 'respond',
            run: () => {
              if (cursorAlert?.process) setDialog('respond')
            },
          },
        ]
      : []),
  ])

  const known = frame.data?.overview.open_alerts
  const stories = useMemo(() => storyCount(state.chunks), [state.chunks])
  const repeats = rows.reduce((sum, alert) => sum + alert.count - 1, 0)
  const narrowed =
    severity !== undefined ||
    host !== undefined ||
    process !== undefined ||
    range !== undefined ||
    q !== undefined
  const first = state.chunks.length === 0

  return (
    <div className="alerts-page">
      <div className="top">
        <h1>{first ? 'Alerts' : heading(filter, rows, state.more, narrowed ? undefined : known, stories)}</h1>
        {repeats > 0 && <span>{plural(repeats, 'repeat')} of these suppressed</span>}
      </div>
      <div className="filters">
        <StatusChips filter={filter} />
        <span className="filters-end">
          {state.selected.size > 0 && (
            <span className="selection">
              {plural(state.selected.size, 'alert')} selected
              <button type="button" onClick={acknowledgeChosen}>
                Acknowledge <Kbd keys="a" />
              </button>
              <button type="button" onClick={() => setDialog('verdict')}>
                Resolve… <Kbd keys="v" />
              </button>
            </span>
          )}
          <span aria-live="polite">
            {state.fresh.length > 0 && (
              <button type="button" className="fresh" onClick={showFresh}>
                {count(state.fresh.length)} new, show <Kbd keys="n" />
              </button>
            )}
          </span>
        </span>
      </div>
      {state.error && (
        <Failure what="The alerts could not be read" error={state.error} onRetry={() => void queue.reload()}>
          {!first && <p>What was read before is below.</p>}
        </Failure>
      )}
      {first && state.loading && <Loading what="alerts" />}
      {first && !state.loading && !state.error && <NoAlerts filter={filter} narrowed={narrowed} />}
      {!first && (
        <>
          <AlertTable queue={queue} state={state} lines={lines} mayAct={mayAct} ref={table} />
          {state.loading && <Loading what="older alerts" />}
          <KeyBar mayAct={mayAct} />
        </>
      )}
      {dialog === 'verdict' && (
        <VerdictDialog
          alerts={chosen}
          onClose={() => setDialog(undefined)}
          onDone={() => {
            setDialog(undefined)
            queue.select([])
          }}
        />
      )}
      {dialog === 'respond' && cursorAlert && (
        <RespondDialog alert={cursorAlert} onClose={() => setDialog(undefined)} />
      )}
    </div>
  )
}

function heading(
  filter: AlertFilter,
  rows: readonly AlertRow[],
  more: boolean,
  open: number | undefined,
  stories: number,
): string {
  const status = statusOf(filter)
  const word = status === undefined ? '' : `${status} `
  const left = status === undefined ? rows.length : rows.filter((row) => row.status === status).length
  if (more) {
    const known = status === 'open' && open !== undefined ? count(open) : `${count(rows.length)}+`
    return `${known} ${word}alerts`
  }
  const alerts = `${count(left)} ${word}${left === 1 ? 'alert' : 'alerts'}`
  return stories < rows.length ? `${alerts} in ${plural(stories, 'story', 'stories')}` : alerts
}

function StatusChips({ filter }: { readonly filter: AlertFilter }) {
  const { status, severity, host, process, range, q } = filter
  return (
    <>
      {(
        [
          [undefined, 'Open'],
          ['acknowledged', 'Acknowledged'],
          ['resolved', 'Resolved'],
          ['all', 'All'],
        ] as const
      ).map(([value, label]) => (
        <Chip key={label} label={label} on={status === value} change={{ status: value }} />
      ))}
      <i className="gap" aria-hidden="true" />
      <Chip
        label="Last 24 hours"
        on={range === '24h'}
        change={{ range: range === '24h' ? undefined : '24h' }}
      />
      <SeveritySelect severity={severity} />
      {host !== undefined && <Chip label="This host only ×" on change={{ host: undefined }} />}
      {process !== undefined && <Chip label="This process only ×" on change={{ process: undefined }} />}
      {q !== undefined && <Chip label={<RawText text={`“${q}” ×`} />} on change={{ q: undefined }} />}
    </>
  )
}

function Chip({
  label,
  on,
  change,
}: {
  readonly label: ReactNode
  readonly on: boolean
  readonly change: Partial<Record<keyof AlertFilter, string | undefined>>
}) {
  return (
    <Link
      to="/alerts"
      search={(before) => ({ ...before, ...change }) as AlertFilter}
      className={on ? 'chip on' : 'chip'}
      activeProps={{}}
      aria-current={on ? 'true' : undefined}
    >
      {label}
    </Link>
  )
}

function SeveritySelect({ severity }: { readonly severity: AlertFilter['severity'] }) {
  const navigate = useNavigate()
  return (
    <select
      className={severity ? 'chip on' : 'chip'}
      aria-label="Severity"
      value={severity ?? ''}
      onChange={(event) => {
        const { value } = event.target
        void navigate({
          to: '/alerts',
          search: (before) => ({ ...before, severity: value === '' ? undefined : value }) as AlertFilter,
        })
      }}
    >
      <option value="">Any severity</option>
      {severityNames.map((name) => (
        <option key={name} value={name}>
          {name.charAt(0).toUpperCase() + name.slice(1)}
        </option>
      ))}
    </select>
  )
}

function NoAlerts({ filter, narrowed }: { readonly filter: AlertFilter; readonly narrowed: boolean }) {
  if (narrowed) {
    return (
      <Empty title="No alert matches">
        <p>
          {filter.q !== undefined && (
            <>
              Nothing has <RawText text={`“${filter.q}”`} /> in its rule, host, command line or
              addresses.{' '}
            </>
          )}
          <Link to="/alerts" search={{ status: 'all' }}>
            See all alerts
          </Link>{' '}
          or take a filter away.
        </p>
      </Empty>
    )
  }
  if (statusOf(filter) === 'open') {
    return (
      <Empty title="No open alerts">
        <p>
          Nothing needs you. <Link to="/hosts">See what each host watches, and what it cannot see</Link>, or
          look at{' '}
          <Link to="/alerts" search={{ status: 'all' }}>
            all alerts
          </Link>
          .
        </p>
        <p>
          To see how one looks, type <code>vedette demo</code> in a terminal: it performs five harmless
          attacks on that machine and removes every trace.
        </p>
      </Empty>
    )
  }
  return (
    <Empty title={filter.status === 'all' ? 'No alerts yet' : `No ${filter.status ?? ''} alerts`}>
      <p>
        <Link to="/alerts">See the open ones</Link>.
      </p>
    </Empty>
  )
}

function KeyBar({ mayAct }: { readonly mayAct: boolean }) {
  return (
    <div className="key-bar" aria-hidden="true">
      <span>
        <Kbd keys="j" /> <Kbd keys="k" /> move
      </span>
      <span>
        <Kbd keys="Enter" /> open
      </span>
      {mayAct && (
        <>
          <span>
            <Kbd keys=" " /> select
          </span>
          <span>
            <Kbd keys="a" /> acknowledge
          </span>
          <span>
            <Kbd keys="v" /> resolve
          </span>
          <span>
            <Kbd keys="r" /> respond
          </span>
        </>
      )}
      <span>
        <Kbd keys="?" /> all keys
      </span>
    </div>
  )
}
