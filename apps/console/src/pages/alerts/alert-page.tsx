import { Link, useNavigate, useParams } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { prefetch, refresh, useAnswer } from '../../api/api.ts'
import { type AlertDetail, alertDocument } from '../../api/documents.ts'
import { useKeys } from '../../keys/use-keys.ts'
import { onIncidentUpdate, onNewAlert } from '../../live/live.ts'
import { Kbd } from '../../parts/kbd.tsx'
import { Lane } from '../../parts/lane.tsx'
import { SeverityMark } from '../../parts/severity.tsx'
import { Empty, Failure, Loading } from '../../parts/state.tsx'
import { useSession } from '../../session/session.tsx'
import { usePlace } from '../../shell/header.tsx'
import { visibleText } from '../../text/hidden.ts'
import { count, plural } from '../../text/numbers.ts'
import { RawText } from '../../text/raw-text.tsx'
import { Ago } from '../../time/time.tsx'
import type { NetworkFilter } from '../network/filter.ts'
import { acknowledge } from './act.ts'
import { verdictWords } from './alert-line.tsx'
import { ExceptionDialog } from './exception-dialog.tsx'
import { fieldRank } from './fields.ts'
import { ProcessTree, type Subject } from './process-tree.tsx'
import { neighbour, pointLatest } from './queues.ts'
import { ResponsePanel } from './response-panel.tsx'
import { RespondDialog } from './respond-dialog.tsx'
import { RiskPanel } from './risk-panel.tsx'
import { Sentence } from './sentence.tsx'
import { VerdictDialog } from './verdict-dialog.tsx'
import { hasPage, WhyPanel } from './why-panel.tsx'

/** The page of the alert that the address names; another one starts anew. */
export function AlertRoute() {
  const { id } = useParams({ from: '/alerts/$id' })
  return <AlertPage key={id} id={id} />
}

/** One alert: what happened, how it came about, why it is an alert, what can be done. */
function AlertPage({ id }: { readonly id: string }) {
  const { data, error } = useAnswer(alertDocument, { id }, { live: false })
  const alert = data?.alert
  usePlace({
    title: alert ? visibleText(alert.rule.title) : 'Alert',
    parent: { to: '/alerts', title: 'Alerts' },
  })
  if (alert) return <Detail alert={alert} />
  if (data) {
    return (
      <Empty whole title="No such alert">
        <p>
          It may have been removed after its time. <Link to="/alerts">See the open alerts</Link>.
        </p>
      </Empty>
    )
  }
  if (error)
    return <Failure whole what="The alert could not be read" error={error} onRetry={() => void refresh()} />
  return <Loading what="the alert" />
}

function Detail({ alert }: { readonly alert: AlertDetail }) {
  const { may } = useSession()
  const mayAct = may('Mutation.acknowledgeAlert')
  const mayRespond = may('Mutation.executeResponse')
  const navigate = useNavigate()
  const [dialog, setDialog] = useState<'verdict' | 'exception' | 'freeze' | 'kill'>()
  const grown = useGrown(alert)
  const next = neighbour(alert.id, 1)
  const before = neighbour(alert.id, -1)
  const excepted = hasPage(alert.rule.type)

  useEffect(() => pointLatest(alert.id), [alert.id])
  useEffect(() => {
    if (next !== undefined) prefetch(alertDocument, { id: next })
  }, [next])

  const go = (to: string | undefined) => {
    if (to !== undefined) void navigate({ to: '/alerts/$id', params: { id: to }, replace: true })
  }
  useKeys([
    { keys: 'j', label: 'next alert of the list', run: () => go(next) },
    { keys: 'k', label: 'alert before', run: () => go(before) },
    { keys: 'n', label: 'show what is new', run: () => void refresh() },
    {
      keys: 'i',
      label: 'its incident',
      run: () => {
        if (alert.incident) void navigate({ to: '/incidents/$id', params: { id: alert.incident.id } })
      },
    },
    {
      keys: 'w',
      label: 'what its process did on the network',
      run: () => {
        if (alert.process) void navigate({ to: '/network', search: networkOf(alert.process.uid) })
      },
    },
    ...(mayAct
      ? [
          { keys: 'a', label: 'acknowledge', run: () => void acknowledge([alert]) },
          {
            keys: 'v',
            label: 'resolve with a verdict',
            run: () => {
              if (alert.status !== 'resolved') setDialog('verdict')
            },
          },
          ...(excepted ? [{ keys: 'x', label: 'make an exception', run: () => setDialog('exception') }] : []),
          ...(mayRespond
            ? [
                {
                  keys: 'r',
                  label: 'respond',
                  run: () => {
                    if (alert.process) setDialog('freeze')
                  },
                },
              ]
            : []),
        ]
      : []),
  ])

  const names = [
    alert.host,
    ...[alert.process, ...alert.ancestry].flatMap((each) => (each ? [each.name] : [])),
  ]
  const events = alert.surroundings.reduce((sum, point) => sum + point.events, 0)
  const alerts = alert.surroundings.reduce((sum, point) => sum + point.alerts, 0)

  return (
    <div className="alert-page">
      <div className="alert-main">
        <div className="facts">
          <SeverityMark severity={alert.severity} label />
          <span className="status">
            {alert.status.charAt(0).toUpperCase() + alert.status.slice(1)}
            {alert.verdict && `: ${verdictWords[alert.verdict]}`}
          </span>
          {alert.techniques.map(({ id, name }) => (
            <span key={id}>
              {id} {name}
            </span>
          ))}
          <Ago at={alert.last_seen} long />
          {alert.count > 1 && (
            <span>
              ×{alert.count}, first <Ago at={alert.time} long />
            </span>
          )}
          {alert.suppressed > 0 && (
            <span>
              {count(alert.suppressed)} more of this rule in that minute are counted here and have no alert
            </span>
          )}
          <span>{alert.assignee === null ? 'Not assigned' : <RawText text={alert.assignee} />}</span>
        </div>
        <h1>
          <Sentence title={alert.title} names={names} />
        </h1>
        <div className="actions">
          {mayAct && alert.status === 'open' && (
            <button type="button" className="primary" onClick={() => void acknowledge([alert])}>
              Acknowledge <Kbd keys="a" />
            </button>
          )}
          {mayAct && alert.status !== 'resolved' && (
            <button
              type="button"
              className={alert.status === 'acknowledged' ? 'primary' : undefined}
              onClick={() => setDialog('verdict')}
            >
              Resolve… <Kbd keys="v" />
            </button>
          )}
          {mayRespond && alert.process && (
            <button type="button" onClick={() => setDialog('freeze')}>
              Respond… <Kbd keys="r" />
            </button>
          )}
          {mayAct && excepted && (
            <button type="button" onClick={() => setDialog('exception')}>
              Exception… <Kbd keys="x" />
            </button>
          )}
          {alert.incident && (
            <Link to="/incidents/$id" params={{ id: alert.incident.id }} className="button">
              Incident, {plural(alert.incident.alert_count, 'alert')} <Kbd keys="i" />
            </Link>
          )}
          {alert.process && (
            <Link to="/network" search={networkOf(alert.process.uid)} className="button">
              Network <Kbd keys="w" />
            </Link>
          )}
          <span aria-live="polite" className="filters-end">
            {grown && (
              <button type="button" className="fresh" onClick={() => void refresh()}>
                This has grown, show <Kbd keys="n" />
              </button>
            )}
          </span>
        </div>
        {alert.process_tree.length > 0 && (
          <section>
            <h2>
              How it came about <span>time · process · user · pid</span>
            </h2>
            <ProcessTree nodes={alert.process_tree} alertId={alert.id} subject={subjectOf(alert)} />
          </section>
        )}
        {alert.process_tree.length === 0 && <Events events={alert.events} total={alert.event_count} />}
        {alert.surroundings.length > 0 && (
          <section>
            <h2>
              <span>
                <RawText text={alert.host} />, 10 minutes around it
              </span>
              <span>
                {plural(events, 'event')}, {plural(alerts, 'alert')}
              </span>
            </h2>
            <Lane points={alert.surroundings} label="Ten minutes around it" at={alert.time} />
          </section>
        )}
        <Similar alerts={alert.similar} />
      </div>
      <aside aria-label="Why, risk and response">
        <WhyPanel alert={alert} />
        <RiskPanel alert={alert} />
        <ResponsePanel alert={alert} onRespond={setDialog} />
      </aside>
      {dialog === 'verdict' && (
        <VerdictDialog
          alerts={[alert]}
          onClose={() => setDialog(undefined)}
          onDone={() => setDialog(undefined)}
        />
      )}
      {dialog === 'exception' && <ExceptionDialog alert={alert} onClose={() => setDialog(undefined)} />}
      {(dialog === 'freeze' || dialog === 'kill') && (
        <RespondDialog alert={alert} action={dialog} onClose={() => setDialog(undefined)} />
      )}
    </div>
  )
}

/** All that a process did on the network, however long ago. */
function networkOf(process: string): NetworkFilter {
  return { process, range: 'all' }
}

/** The process as it was when the alert fired, with what matched in its command line. */
function subjectOf({ process, matches }: AlertDetail): Subject | undefined {
  if (!process) return undefined
  const commandLine = process.cmd_line ?? ''
  const marks = matches
    .filter(({ field, value }) => fieldRank(field) === 0 && value !== '' && commandLine.startsWith(value))
    .map(({ value, start, length }) => ({ start: start ?? 0, length: length ?? value.length }))
  return { uid: process.uid, name: process.name, commandLine, marks }
}

/** Whether something came to this alert or its incident since it was read. */
function useGrown(alert: AlertDetail): boolean {
  const [outdated, setOutdated] = useState<AlertDetail>()
  const incident = alert.incident?.id
  useEffect(() => {
    const stops = [
      onNewAlert((each) => {
        const grown =
          each.id === alert.id
            ? each.count > alert.count
            : incident !== undefined && each.incident?.id === incident
        if (grown) setOutdated(alert)
      }),
      onIncidentUpdate((each) => {
        if (each === incident) setOutdated(alert)
      }),
    ]
    return () => {
      for (const stop of stops) stop()
    }
  }, [alert, incident])
  return outdated === alert
}

function Events({ events, total }: { readonly events: AlertDetail['events']; readonly total: number }) {
  if (events.length === 0) return null
  return (
    <section>
      <h2>
        What was seen <span>{plural(total, 'event')}</span>
      </h2>
      <EventList events={events} />
    </section>
  )
}

/** Events, one line each. */
export function EventList({ events }: { readonly events: AlertDetail['events'] }) {
  return (
    <div className="list">
      <ul className="event-list">
        {events.map((event) => (
          <li key={event.event_id}>
            <span className="tree-time">
              <Ago at={event.timestamp} />
            </span>
            <span className="quiet">{event.event_type}</span>
            <code title={visibleText(event.summary)}>
              <RawText text={event.summary} />
            </code>
          </li>
        ))}
      </ul>
    </div>
  )
}

function Similar({ alerts }: { readonly alerts: AlertDetail['similar'] }) {
  if (alerts.length === 0) return null
  return (
    <section>
      <h2>
        Similar alerts <span>same rule or same entity</span>
      </h2>
      <div className="list">
        <ul className="similar-list">
          {alerts.map((each) => (
            <li key={each.id}>
              <SeverityMark severity={each.severity} />
              <Link to="/alerts/$id" params={{ id: each.id }}>
                <RawText text={each.title} />
              </Link>
              <span>
                <RawText text={each.host} />
              </span>
              <span>
                {each.status}
                {each.verdict && `, ${verdictWords[each.verdict]}`}
              </span>
              <Ago at={each.time} />
            </li>
          ))}
        </ul>
      </div>
    </section>
  )
}
