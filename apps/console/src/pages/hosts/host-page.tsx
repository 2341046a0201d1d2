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
import { Books } from './books.tsx'
import { HostState } from './host-state.tsx'
import { AgentPanel, MachinePanel, SensorPanel } from './machine-panels.tsx'

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
        <div className="actions">
          <Link to="/network" search={{ host: host.id }} className="button">
            Network
          </Link>
          <Link to="/sessions" search={{ host: host.id }} className="button">
            Sessions
          </Link>
          <Link to="/integrity" search={{ host: host.id }} className="button">
            Changed files
          </Link>
        </div>
        {error && <Failure what="Not up to date" error={error} onRetry={() => void refresh()} />}
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
        <Books host={host} />
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
            {!host.own_use && (
              <div>
                <dt>Memory of the agent</dt>
                <dd>{bytes(host.memory_bytes)}</dd>
              </div>
            )}
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
        {host.usage && <MachinePanel usage={host.usage} />}
        {host.own_use && <AgentPanel use={host.own_use} />}
        {host.sensor && <SensorPanel sensor={host.sensor} />}
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
      </aside>
    </div>
  )
}
