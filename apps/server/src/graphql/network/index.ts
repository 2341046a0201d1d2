import {
  type AgentId,
  type Event,
  type EventId,
  type EventKind,
  type NetworkEvent,
  type ProcessUid,
  type ProtocolEvent,
  protocolNames,
} from '@vedette/model'
import type { EventFilter } from '@vedette/store'
import { PublicError } from '../../access/public-error.ts'
import type { Resource } from '../builder.ts'
import { boundedText, costOfPage, given, pageOf } from '../page.ts'
import { addressRange } from './address-range.ts'
import { networkDetail } from './detail.ts'

const networkKinds: readonly EventKind[] = ['network', 'protocol']
const transports: readonly string[] = ['tcp', 'udp', 'icmp', 'icmp6', 'sctp', 'raw', 'packet', 'other']
/** What `protocol` takes besides the names of protocols and transports. */
const FLOWS = 'flow'
const CONNECTIONS = 'connection'

/** What hosts did on the network: connections, flows, and what was said in them. */
export const network: Resource = (builder) => {
  builder.objectType('NetworkEnd', {
    fields: (t) => ({ ip: t.exposeString('ip'), port: t.exposeInt('port') }),
  })
  builder.objectType('NetworkActivity', {
    description: 'A connection, a flow as its packets show it, or what was said in one.',
    fields: (t) => ({
      event_id: t.exposeID('id'),
      time: t.expose('time', { type: 'DateTime' }),
      host: t.string({ resolve: ({ device }) => device.hostname }),
      host_id: t.id({ resolve: ({ device }) => device.uid }),
      activity: t.string({
        description: 'open, accept, bind, listen, close, send, raw; traffic of a flow; said of a protocol.',
        resolve: (event) => (event.kind === 'protocol' ? 'said' : event.activity),
      }),
      transport: t.string({
        resolve: (event) => (event.kind === 'protocol' ? event.transport : event.protocol),
      }),
      protocol: t.string({
        nullable: true,
        description: 'The application protocol, where its bytes were seen: dns, tls, http, ssh, smb, ...',
        resolve: (event) => (event.kind === 'protocol' ? event.protocol_name : (event.flow?.app ?? null)),
      }),
      direction: t.string({
        nullable: true,
        description: 'inbound, outbound or none.',
        resolve: (event) => (event.kind === 'network' ? event.direction : null),
      }),
      source: t.field({
        type: 'NetworkEnd',
        nullable: true,
        description: 'Who opened the connection.',
        resolve: ({ src_endpoint }) => src_endpoint ?? null,
      }),
      destination: t.field({ type: 'NetworkEnd', resolve: ({ dst_endpoint }) => dst_endpoint }),
      process: t.field({ type: 'Process', nullable: true, resolve: ({ process }) => process ?? null }),
      detail: t.string({ description: 'What is worth reading first, in a line.', resolve: networkDetail }),
      flow_uid: t.id({
        nullable: true,
        resolve: (event) => (event.kind === 'protocol' ? event.flow_uid : event.flow?.uid) ?? null,
      }),
      state: t.string({
        nullable: true,
        description: 'Of a flow: new, established, closed, reset, active or ended.',
        resolve: (event) => flowOf(event)?.state ?? null,
      }),
      duration_ms: t.float({ nullable: true, resolve: (event) => flowOf(event)?.duration_ms ?? null }),
      bytes_out: t.float({
        nullable: true,
        description: 'Of a flow since its first packet: what the one who opened it sent.',
        resolve: (event) => trafficOf(event)?.bytes_out ?? null,
      }),
      bytes_in: t.float({ nullable: true, resolve: (event) => trafficOf(event)?.bytes_in ?? null }),
    }),
  })
  builder.objectType('ActivityCount', {
    fields: (t) => ({
      activity: t.string({
        description:
          'What protocol of network_activity narrows to: connection, flow, or the name of a protocol.',
        resolve: ({ activity }) => activity,
      }),
      count: t.float({ resolve: ({ events }) => events }),
    }),
  })

  builder.queryFields((t) => {
    const filters = {
      host: t.arg.id(),
      process_uid: t.arg.id(),
      process: t.arg.string({ description: 'Text in the name of the process.' }),
      address: t.arg.string({ description: 'Of either end: an address, or a range such as 10.0.0.0/8.' }),
      port: t.arg.int({ description: 'Of either end.' }),
      protocol: t.arg.string({
        description: `connection, flow, a transport (${transports.join(', ')}) or a protocol (${protocolNames.join(', ')}).`,
      }),
      flow_uid: t.arg.id({ description: 'A flow, and what was said in it.' }),
      search: t.arg.string({ description: 'Text anywhere in it: a name, a URL, a fingerprint.' }),
      since: t.arg({ type: 'DateTime' }),
      until: t.arg({ type: 'DateTime' }),
    }
    return {
      network_activity: t.field({
        type: ['NetworkActivity'],
        description: 'Newest first. limit at most 1000.',
        args: { limit: t.arg.int({ defaultValue: 50 }), offset: t.arg.int({ defaultValue: 0 }), ...filters },
        complexity: costOfPage,
        async resolve(_root, args, { events }) {
          const found = await events.list(filterOf(args), pageOf(args))
          return found.filter(isNetworkActivity)
        },
      }),
      network_counts: t.field({
        type: ['ActivityCount'],
        description: 'How much of what there is, of the same filter.',
        args: filters,
        complexity: 50,
        async resolve(_root, args, { events }) {
          const counts = new Map<string, number>()
          for (const { kind, activity, events: count } of await events.countByActivity(filterOf(args))) {
            const name = kind === 'protocol' ? activity : activity === 'traffic' ? FLOWS : CONNECTIONS
            counts.set(name, (counts.get(name) ?? 0) + count)
          }
          return [...counts].map(([activity, events]) => ({ kind: 'network' as const, activity, events }))
        },
      }),
    }
  })
}

interface Filters {
  readonly host?: string | null | undefined
  readonly process_uid?: string | null | undefined
  readonly process?: string | null | undefined
  readonly address?: string | null | undefined
  readonly port?: number | null | undefined
  readonly protocol?: string | null | undefined
  readonly flow_uid?: string | null | undefined
  readonly search?: string | null | undefined
  readonly since?: number | null | undefined
  readonly until?: number | null | undefined
}

function filterOf(args: Filters): EventFilter {
  const { address, port, process, search } = args
  if (typeof port === 'number' && (port < 0 || port > 65_535)) {
    throw new PublicError('bad-input', 'port: expected 0 to 65535')
  }
  const text = (name: string, value: string | null | undefined) =>
    value === null || value === undefined || value === '' ? undefined : boundedText(name, value, 1000)
  return {
    kinds: networkKinds,
    ...ofProtocol(args.protocol),
    ...given({
      host: args.host as AgentId | null | undefined,
      processUid: args.process_uid as ProcessUid | null | undefined,
      processName: text('process', process),
      addresses:
        address === null || address === undefined || address === '' ? undefined : addressRange(address),
      port,
      flow: args.flow_uid as EventId | null | undefined,
      anywhere: text('search', search),
      since: args.since,
      until: args.until,
    }),
  }
}

function ofProtocol(name: string | null | undefined): EventFilter {
  if (name === null || name === undefined || name === '') return {}
  if (name === FLOWS) return { kind: 'network', activity: 'traffic' }
  if (name === CONNECTIONS) return { kind: 'network', otherThan: 'traffic' }
  if (transports.includes(name)) return { transport: name }
  if ((protocolNames as readonly string[]).includes(name)) return { kind: 'protocol', activity: name }
  const expected = [CONNECTIONS, FLOWS, ...transports, ...protocolNames]
  throw new PublicError('bad-input', `protocol: expected one of ${expected.join(', ')}`)
}

function isNetworkActivity(event: Event): event is NetworkEvent | ProtocolEvent {
  return event.kind === 'network' || event.kind === 'protocol'
}

function flowOf(event: NetworkEvent | ProtocolEvent): NetworkEvent['flow'] {
  return event.kind === 'network' ? event.flow : undefined
}

function trafficOf(event: NetworkEvent | ProtocolEvent): NetworkEvent['traffic'] {
  return event.kind === 'network' ? (event.cumulative_traffic ?? event.traffic) : undefined
}
