import { Link, useParams } from '@tanstack/react-router'
import { refresh, useAnswer } from '../../api/api.ts'
import { hostDocument } from '../../api/documents.ts'
import { Empty, Failure, Loading } from '../../parts/state.tsx'
import { usePlace } from '../../shell/header.tsx'
import { visibleText } from '../../text/hidden.ts'
import { bytes, count, plural, rate } from '../../text/numbers.ts'
import { RawText } from '../../text/raw-text.tsx'
import { Ago } from '../../time/time.tsx'
import { AlertList } from '../alerts/alert-line.tsx'
import { EventList } from '../alerts/alert-page.tsx'
import { HostState } from './host-state.tsx'

/** The page of the host that the address names; another one starts anew. */
export function HostRoute() {
  const { id } = useParams({ from: '/hosts/$id' })
  return <HostPage key={id} id={id} />
}

/** One machine: what watches it, what was lost, what it cannot see. */
function HostPage({ id }: { readonly id: string }) {
  const { data, error } = useAnswer(hostDocument, { id })
  const host = data?.host
  usePlace({
    title: host ? visibleText(host.hostname) : 'Host',
    parent: { to: '/hosts', title: 'Hosts' },
  })
  if (!host) {
    if (data) {
      return (
        <Empty whole title="No such host">
          <p>
            <Link to="/hosts">See all hosts</Link>.
          </p>
        </Empty>
      )
    }
    if (error) {
      return <Failure whole what="The host could not be read" error={error} onRetry={() => void refresh()} />
    }
    return <Loading what="the host" />
  }
  const { analytics_alerts: alerts, events } = data
  return (
    <div className="alert-page">
      <div className="alert-main">
        <div className="facts">
          <HostState state={host.state} />
          <span>
            seen <Ago at={host.last_seen} long />
          </span>
          <span>
            <RawText text={host.kernel} />
          </span>
          <span>
            Vedette <RawText text={host.version} />
          </span>
        </div>
        <h1>
          <RawText text={host.hostname} />
        </h1>
        {error && <Failure what="Not up to date" error={error} onRetry={() => void refresh()} />}
        <section>
          <h2>
            Parts <span>emitted = delivered + lost + on their way</span>
          </h2>
          <div className="table-scroll">
            <table className="data">
              <thead>
                <tr>
                  <th>Part</th>
                  <th>State</th>
                  <th className="number">Emitted</th>
                  <th className="number">Delivered</th>
                  <th className="number">Lost</th>
                </tr>
              </thead>
              <tbody>
                {host.parts.map((part) => (
                  <tr key={part.name}>
                    <td className="name">
                      <RawText text={part.name} />
                    </td>
                    <td>
                      <HostState state={part.state} />
                    </td>
                    <td className="number">{count(part.emitted)}</td>
                    <td className="number">{count(part.delivered)}</td>
                    <td className={part.lost > 0 ? 'number bad' : 'number quiet'}>{count(part.lost)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </section>
        {alerts.length > 0 && (
          <section>
            <h2>
              Latest alerts{' '}
              <span>
                <Link to="/alerts" search={{ host: host.id, status: 'all' }}>
                  all of this host
                </Link>
              </span>
            </h2>
            <AlertList hostless alerts={alerts} label="Latest alerts of this host" />
          </section>
        )}
        <section>
          <h2>Latest events</h2>
          {events.length === 0 ? (
            <Empty title="No events yet">
              <p>They appear here within a second of happening.</p>
            </Empty>
          ) : (
            <EventList events={events} />
          )}
        </section>
      </div>
      <aside aria-label="Health">
        <section className="panel">
          <h2>What it cannot see</h2>
          {host.blind_spots.length === 0 ? (
            <p>Nothing that is known. Every part that this version has is running.</p>
          ) : (
            <ul className="blind-spots">
              {host.blind_spots.map(({ code, message }) => (
                <li key={`${code} ${message}`}>
                  <RawText text={message} />
                  <code>
                    <RawText text={code} />
                  </code>
                </li>
              ))}
            </ul>
          )}
        </section>
        {host.usage && (
          <section className="panel">
            <h2>This machine</h2>
            <dl>
              <div>
                <dt>Processors</dt>
                <dd>
                  {count(host.usage.cpu_percent)} % in use, load {rate(host.usage.load_1m)}
                </dd>
              </div>
              <div>
                <dt>Memory free</dt>
                <dd>
                  {bytes(host.usage.memory_available_bytes)} of {bytes(host.usage.memory_total_bytes)}
                </dd>
              </div>
              <div>
                <dt>Disk free</dt>
                <dd>
                  {bytes(host.usage.disk_free_bytes)} of {bytes(host.usage.disk_total_bytes)}
                </dd>
              </div>
            </dl>
          </section>
        )}
        <section className="panel">
          <h2>Load</h2>
          <dl>
            <div>
              <dt>Events</dt>
              <dd>{rate(host.events_per_second)} a second</dd>
            </div>
            <div>
              <dt>Lost</dt>
              <dd className={host.lost > 0 ? 'bad' : undefined}>{plural(host.lost, 'event')}</dd>
            </div>
            <div>
              <dt>In the spool</dt>
              <dd>
                {host.spooled === 0 ? 'nothing waits' : `${plural(host.spooled, 'batch', 'batches')} wait`}
              </dd>
            </div>
            <div>
              <dt>Memory of the agent</dt>
              <dd>{bytes(host.memory_bytes)}</dd>
            </div>
            <div>
              <dt>Open alerts</dt>
              <dd>
                <Link to="/alerts" search={{ host: host.id }}>
                  {count(host.open_alerts)}
                </Link>
              </dd>
            </div>
          </dl>
        </section>
      </aside>
    </div>
  )
}
