import { Link } from '@tanstack/react-router'
import type { Severity } from '@vedette/model'
import { refresh, useAnswer } from '../../api/api.ts'
import { overviewDocument } from '../../api/documents.ts'
import { Lane } from '../../parts/lane.tsx'
import { SeverityMark } from '../../parts/severity.tsx'
import { Empty, Failure, Loading } from '../../parts/state.tsx'
import { useSteady } from '../../parts/use-steady.ts'
import { usePlace } from '../../shell/header.tsx'
import { bytes, count, plural, rate } from '../../text/numbers.ts'
import { RawText } from '../../text/raw-text.tsx'
import { AlertList } from '../alerts/alert-line.tsx'
import { IncidentList } from '../incidents/incident-list.tsx'

/** The worst first. */
const SEVERITIES: readonly Severity[] = ['critical', 'high', 'medium', 'low', 'informational']

/** One sentence, then what it rests on. */
export function OverviewPage() {
  usePlace({ title: 'Overview' })
  const { data, error } = useAnswer(overviewDocument, {})
  const alerts = useSteady(data?.overview.recent_alerts)
  const incidents = useSteady(data?.overview.recent_incidents)
  if (!data) {
    if (error) {
      return (
        <Failure whole what="The overview could not be read" error={error} onRetry={() => void refresh()} />
      )
    }
    return <Loading what="the overview" />
  }
  const { overview, analytics_metrics: metrics, system_health: health } = data
  const events = overview.event_rate.reduce((sum, point) => sum + point.events, 0)
  const hourAlerts = overview.event_rate.reduce((sum, point) => sum + point.alerts, 0)
  const open = incidents.value?.filter(({ status }) => status !== 'closed') ?? []
  const unwell = health.checks.filter(({ status }) => status !== 'healthy')
  return (
    <div className="overview">
      <h1 className="sentence">
        <RawText text={overview.sentence} />
      </h1>
      {error && <Failure what="Not up to date" error={error} onRetry={() => void refresh()} />}
      {unwell.length > 0 && (
        <ul className="unwell">
          {unwell.map((check) => (
            <li key={check.name} className={check.status}>
              <b>{check.name}</b> <RawText text={check.message} />
            </li>
          ))}
        </ul>
      )}
      <div className="severity-counts">
        {overview.alerts_by_severity
          .filter((each) => each.count > 0)
          .toSorted((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity))
          .map((each) => (
            <Link key={each.severity} to="/alerts" search={{ severity: each.severity }}>
              <SeverityMark severity={each.severity} />
              <b>{count(each.count)}</b> {each.severity}
            </Link>
          ))}
        {overview.open_alerts === 0 && <span className="quiet">No open alerts</span>}
      </div>
      <section>
        <h2>
          The last hour{' '}
          <span>
            {plural(events, 'event')}, {plural(hourAlerts, 'alert')}
          </span>
        </h2>
        <Lane points={overview.event_rate} label="The last hour" tall />
      </section>
      <dl className="figures">
        <Figure name="Events a second" value={rate(metrics.events_per_second)} />
        <Figure name="Events stored" value={count(metrics.events_total)} />
        <Figure name="Events lost" value={count(overview.events_lost)} bad={overview.events_lost > 0} />
        <Figure
          name="From event to alert"
          value={metrics.alert_latency_p50_ms === null ? '–' : `${count(metrics.alert_latency_p50_ms)} ms`}
          {...(metrics.alert_latency_p99_ms !== null && {
            note: `p99 ${count(metrics.alert_latency_p99_ms)} ms`,
          })}
        />
        <Figure
          name="Rules"
          value={count(metrics.rules_loaded)}
          {...(metrics.rules_rejected > 0 && {
            note: `${count(metrics.rules_rejected)} not loaded`,
            badNote: true,
          })}
        />
        <Figure name="Server memory" value={bytes(metrics.memory_bytes)} />
      </dl>
      <section {...incidents.hold}>
        <h2>
          Incidents that need somebody{' '}
          <span>
            {incidents.waiting ? (
              <button type="button" className="fresh" onClick={incidents.show}>
                changed, show
              </button>
            ) : (
              <Link to="/incidents">all incidents</Link>
            )}
          </span>
        </h2>
        {open.length > 0 ? (
          <IncidentList incidents={open} label="Recent incidents" />
        ) : (
          <p className="none">None is open.</p>
        )}
      </section>
      <section {...alerts.hold}>
        <h2>
          Latest alerts{' '}
          <span>
            {alerts.waiting ? (
              <button type="button" className="fresh" onClick={alerts.show}>
                changed, show
              </button>
            ) : (
              <Link to="/alerts" search={{ status: 'all' }}>
                all alerts
              </Link>
            )}
          </span>
        </h2>
        {alerts.value && alerts.value.length > 0 ? (
          <AlertList alerts={alerts.value} label="Latest alerts" />
        ) : (
          <Empty title="No alerts yet">
            <p>
              {overview.hosts_reporting > 0
                ? `${plural(overview.hosts_reporting, 'host')} ${overview.hosts_reporting === 1 ? 'is' : 'are'} watched. `
                : 'No host reports yet. '}
              To see how an alert looks, type <code>vedette demo</code> in a terminal: it performs five
              harmless attacks on that machine and removes every trace.
            </p>
          </Empty>
        )}
      </section>
    </div>
  )
}

function Figure({
  name,
  value,
  note,
  bad = false,
  badNote = false,
}: {
  readonly name: string
  readonly value: string
  readonly note?: string
  readonly bad?: boolean
  readonly badNote?: boolean
}) {
  return (
    <div>
      <dt>{name}</dt>
      <dd className={bad ? 'bad' : undefined}>
        {value}
        {note !== undefined && <small className={badNote ? 'bad' : undefined}>{note}</small>}
      </dd>
    </div>
  )
}
