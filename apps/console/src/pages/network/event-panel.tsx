import { Link } from '@tanstack/react-router'
import type { Event, NetworkEvent, ProtocolEvent } from '@vedette/model'
import type { ReactNode } from 'react'
import { useAnswer } from '../../api/api.ts'
import { Kbd } from '../../parts/kbd.tsx'
import { Failure, Loading } from '../../parts/state.tsx'
import { usePreferences } from '../../preferences.ts'
import { visibleText } from '../../text/hidden.ts'
import { bytes } from '../../text/numbers.ts'
import { RawText } from '../../text/raw-text.tsx'
import { exact, span } from '../../time/format.ts'
import { AlertList } from '../alerts/alert-line.tsx'
import { networkEventDocument, processAlertsDocument } from './documents.ts'
import { factsOf } from './facts.ts'
import type { NetworkFilter } from './filter.ts'
import { placeOf } from './network-row.tsx'

/** A command is shown this long. */
const LONGEST = 200

/** All that is known of one row, and where it leads. */
export function EventPanel({ filter, id }: { readonly filter: NetworkFilter; readonly id: string }) {
  const { data, error } = useAnswer(networkEventDocument, { id }, { live: false })
  const { event: _, ...without } = filter
  // `data` of an event is the Event itself.
  const event = data?.event?.data as Event | undefined
  const shown = event?.kind === 'network' || event?.kind === 'protocol' ? event : undefined
  return (
    <aside aria-label="Details" className="event-panel">
      <section className="panel">
        <h2>
          Details
          <span>
            <Link to="/network" search={without} replace resetScroll={false} activeProps={{}}>
              Close
            </Link>{' '}
            <Kbd keys="Escape" />
          </span>
        </h2>
        {error && <Failure what="It could not be read" error={error} />}
        {!data && !error && <Loading what="the details" />}
        {data && !shown && <p>It is no longer stored, or it is nothing of the network.</p>}
        {shown && data?.event && (
          <Details event={shown} summary={data.event.summary} host={data.event.host} />
        )}
      </section>
      {shown?.process && <Alerts uid={shown.process.uid} />}
    </aside>
  )
}

function Details({
  event,
  summary,
  host,
}: {
  readonly event: NetworkEvent | ProtocolEvent
  readonly summary: string
  readonly host: string
}) {
  const { utc } = usePreferences()
  const { process, src_endpoint: source, dst_endpoint: destination } = event
  const flow = event.kind === 'network' ? event.flow : undefined
  const traffic = event.kind === 'network' ? (event.cumulative_traffic ?? event.traffic) : undefined
  const uid = event.kind === 'network' ? flow?.uid : event.flow_uid
  const facts = event.kind === 'protocol' ? factsOf(event[event.protocol_name]) : []
  return (
    <>
      <p>
        <RawText text={summary} />
      </p>
      <dl>
        <Fact name="Time">{exact(event.time, utc)}</Fact>
        <Fact name="Host">
          <Link to="/hosts/$id" params={{ id: event.device.uid }}>
            <RawText text={host} />
          </Link>
        </Fact>
        {process && (
          <Fact name="Process">
            <RawText text={process.name} />, pid {process.pid}
            {process.user && (
              <>
                , <RawText text={process.user.name ?? process.user.uid} />
              </>
            )}
          </Fact>
        )}
        {source && (
          <Fact name="From">
            <Address place={source} />
          </Fact>
        )}
        <Fact name={source ? 'To' : 'At'}>
          <Address place={destination} />
        </Fact>
        {flow && (
          <>
            <Fact name="State">{flow.state}</Fact>
            <Fact name="Lasted">{span(flow.duration_ms)}</Fact>
          </>
        )}
        {traffic && (
          <Fact name="There, back">
            {bytes(traffic.bytes_out)}, {bytes(traffic.bytes_in)}
          </Fact>
        )}
        {flow && (
          <Fact name="Community ID">
            <code>
              <RawText text={flow.community_id} />
            </code>
          </Fact>
        )}
        {event.kind === 'network' && event.result !== undefined && <Fact name="Result">{event.result}</Fact>}
        {process?.cmd_line !== undefined && (
          <Fact name="Command">
            <code title={visibleText(process.cmd_line)}>
              <RawText text={process.cmd_line.slice(0, LONGEST)} />
              {process.cmd_line.length > LONGEST && '…'}
            </code>
          </Fact>
        )}
        {facts.map(({ name, value }, at) => (
          // oxlint-disable-next-line react/no-array-index-key -- a name may stand more than once, and their order is theirs
          <Fact key={at} name={name} again={facts[at - 1]?.name === name}>
            <code>
              <RawText text={value} />
            </code>
          </Fact>
        ))}
      </dl>
      <div className="panel-actions">
        {process && (
          <Link to="/network" search={{ process: process.uid, range: 'all' }} className="button">
            All of this process
          </Link>
        )}
        {uid !== undefined && (
          <Link to="/network" search={{ flow: uid, range: 'all' }} className="button">
            All of this flow
          </Link>
        )}
      </div>
    </>
  )
}

function Fact({
  name,
  again = false,
  children,
}: {
  readonly name: string
  /** The one before has the same name. */
  readonly again?: boolean
  readonly children: ReactNode
}) {
  return (
    <div>
      <dt className={again ? 'visually-hidden' : undefined}>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}

function Address({ place }: { readonly place: { readonly ip: string; readonly port: number } }) {
  return (
    <Link
      to="/network"
      search={{ address: place.ip, range: 'all' }}
      title="All that has to do with this address"
    >
      <code>
        <RawText text={placeOf(place)} />
      </code>
    </Link>
  )
}

function Alerts({ uid }: { readonly uid: string }) {
  const { data, error } = useAnswer(processAlertsDocument, { uid })
  const alerts = data?.analytics_alerts
  return (
    <section>
      <h2>
        Alerts about its process
        <span>
          <Link to="/alerts" search={{ process: uid, status: 'all' }}>
            all of them
          </Link>
        </span>
      </h2>
      {error && <Failure what="They could not be read" error={error} />}
      {alerts?.length === 0 && <p className="none">None so far.</p>}
      {alerts && alerts.length > 0 && <AlertList hostless alerts={alerts} label="Alerts about its process" />}
    </section>
  )
}
