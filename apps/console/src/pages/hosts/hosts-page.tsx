import { Link } from '@tanstack/react-router'
import { refresh, useAnswer } from '../../api/api.ts'
import { hostsDocument } from '../../api/documents.ts'
import { Empty, Failure, Loading } from '../../parts/state.tsx'
import { usePlace } from '../../shell/header.tsx'
import { bytes, count, plural, rate } from '../../text/numbers.ts'
import { RawText } from '../../text/raw-text.tsx'
import { Ago } from '../../time/time.tsx'
import { HostState } from './host-state.tsx'

/** Every machine that is watched, and how well. */
export function HostsPage() {
  usePlace({ title: 'Hosts' })
  const { data, error } = useAnswer(hostsDocument, {})
  const hosts = data?.hosts
  const silent = hosts?.filter(({ state }) => state !== 'reporting').length ?? 0
  return (
    <>
      <div className="top">
        <h1>{hosts && hosts.length > 0 ? heading(hosts.length, silent) : 'Hosts'}</h1>
      </div>
      {error && (
        <Failure what="The hosts could not be read" error={error} onRetry={() => void refresh()}>
          {hosts && <p>What was read before is below.</p>}
        </Failure>
      )}
      {!hosts && !error && <Loading what="hosts" />}
      {hosts?.length === 0 && (
        <Empty title="No host reports yet">
          <p>
            <code>vedette up</code> watches the machine that it is typed on. Its agent reports within seconds;
            if none does, <code>vedette status</code> says why.
          </p>
        </Empty>
      )}
      {hosts && hosts.length > 0 && (
        <div className="table-scroll">
          <table className="data hosts">
            <thead>
              <tr>
                <th>Host</th>
                <th>State</th>
                <th>Cannot see</th>
                <th className="number">Open alerts</th>
                <th className="number">Events a second</th>
                <th className="number">Lost</th>
                <th className="number">Spooled</th>
                <th className="number">Memory</th>
                <th>Kernel</th>
                <th>Version</th>
                <th className="number">Last seen</th>
              </tr>
            </thead>
            <tbody>
              {hosts.map((host) => (
                <tr key={host.id}>
                  <td className="name">
                    <Link to="/hosts/$id" params={{ id: host.id }}>
                      <RawText text={host.hostname} />
                    </Link>
                  </td>
                  <td>
                    <HostState state={host.state} />
                  </td>
                  <td className={host.blind_spots.length > 0 ? undefined : 'quiet'}>
                    {host.blind_spots.length === 0
                      ? 'nothing known'
                      : plural(host.blind_spots.length, 'thing')}
                  </td>
                  <td className="number">
                    {host.open_alerts > 0 ? (
                      <Link to="/alerts" search={{ host: host.id }}>
                        {count(host.open_alerts)}
                      </Link>
                    ) : (
                      <span className="quiet">0</span>
                    )}
                  </td>
                  <td className="number">{rate(host.events_per_second)}</td>
                  <td className={host.lost > 0 ? 'number bad' : 'number quiet'}>{count(host.lost)}</td>
                  <td className="number">{count(host.spooled)}</td>
                  <td className="number">{bytes(host.memory_bytes)}</td>
                  <td className="quiet">
                    <RawText text={host.kernel} />
                  </td>
                  <td className="quiet">
                    <RawText text={host.version} />
                  </td>
                  <td className="number quiet">
                    <Ago at={host.last_seen} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  )
}

function heading(hosts: number, silent: number): string {
  if (silent === 0) return hosts === 1 ? 'One host, and it reports' : `All ${count(hosts)} hosts report`
  return `${count(silent)} of ${plural(hosts, 'host')} ${silent === 1 ? 'is' : 'are'} silent`
}
