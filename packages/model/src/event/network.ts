import { z } from 'zod'
import { eventBaseSchema, type EventBase } from './base.ts'
import { endpointSchema, processSchema, type Endpoint, type Process } from './objects.ts'

/** Extension: a conversation between two ends, as packets show it. */
export interface Flow {
  /** Names it in all events about it: 32 hex digits. */
  readonly uid: string
  /** Community ID 1 (github.com/corelight/community-id-spec), by which other tools name it. */
  readonly community_id: string
  /** Time of its first packet, milliseconds since the epoch. */
  readonly start_time: number
  readonly duration_ms: number
  /** How a TCP connection stands: `new` (no answer yet), `established`, `closed` (FIN), `reset`; else `active` or `ended`. */
  readonly state: 'new' | 'established' | 'closed' | 'reset' | 'active' | 'ended'
  /** All TCP flags that were seen, as letters `SAFRPUEC`, from the one who opened it and to it. */
  readonly flags_out?: string
  readonly flags_in?: string
  /** Of the VLANs that its first packet was in, the outermost first. */
  readonly vlan?: readonly number[]
  /** The application protocol that its bytes show, whatever the port. */
  readonly app?: string
}

/** OCSF `network_traffic`. */
export interface NetworkTraffic {
  readonly bytes_in: number
  readonly bytes_out: number
  readonly packets_in?: number
  readonly packets_out?: number
}

const trafficSchema = z.object({
  bytes_in: z.number(),
  bytes_out: z.number(),
  packets_in: z.number().optional(),
  packets_out: z.number().optional(),
})

/** OCSF Network Activity (4001): a connection was made, taken, ended, or a port was opened. */
export interface NetworkEvent extends EventBase {
  readonly kind: 'network'
  readonly class_uid: 4001
  /**
   * `open` an outgoing connection, `accept` an incoming one, `bind`, `listen`, `close`; `send` a datagram that no connection
   * was made for; `raw` a socket that sees or makes whole packets; `traffic` a flow, seen by its packets.
   */
  readonly activity: 'open' | 'accept' | 'bind' | 'listen' | 'close' | 'send' | 'raw' | 'traffic'
  readonly protocol: 'tcp' | 'udp' | 'icmp' | 'icmp6' | 'sctp' | 'raw' | 'packet' | 'other'
  readonly direction: 'inbound' | 'outbound' | 'none'
  /** Who opened the connection; for `listen` and `accept` see `dst_endpoint` for our own port. */
  readonly src_endpoint?: Endpoint
  readonly dst_endpoint: Endpoint
  /** The process on this host. */
  readonly process?: Process
  /** For a flow, `in` is what the one who opened it was sent, since the flow was told before: so events add up. */
  readonly traffic?: NetworkTraffic
  /** Of a flow that was told before: since its first packet. */
  readonly cumulative_traffic?: NetworkTraffic
  /** For `traffic`. */
  readonly flow?: Flow
  /** For `raw`, as socket(2) was asked: `AF_PACKET`, `SOCK_RAW`, `ETH_P_ALL`. Names, or the number where it has none. */
  readonly socket?: {
    readonly family: string
    readonly type: string
    readonly protocol: string
  }
  /** Why it did not come about, the name of an error: `ECONNREFUSED`, `ETIMEDOUT`, `EHOSTUNREACH`, `EPERM`. */
  readonly result?: string
}

export const networkEventSchema = eventBaseSchema.extend({
  kind: z.literal('network'),
  class_uid: z.literal(4001),
  activity: z.enum(['open', 'accept', 'bind', 'listen', 'close', 'send', 'raw', 'traffic']),
  protocol: z.enum(['tcp', 'udp', 'icmp', 'icmp6', 'sctp', 'raw', 'packet', 'other']),
  direction: z.enum(['inbound', 'outbound', 'none']),
  src_endpoint: endpointSchema.optional(),
  dst_endpoint: endpointSchema,
  process: processSchema.optional(),
  traffic: trafficSchema.optional(),
  cumulative_traffic: trafficSchema.optional(),
  socket: z
    .object({ family: z.string().max(32), type: z.string().max(32), protocol: z.string().max(32) })
    .optional(),
  result: z.string().max(32).optional(),
  flow: z
    .object({
      uid: z.string().max(64),
      community_id: z.string().max(64),
      start_time: z.number().finite().nonnegative(),
      duration_ms: z.number().finite().nonnegative(),
      state: z.enum(['new', 'established', 'closed', 'reset', 'active', 'ended']),
      flags_out: z.string().max(8).optional(),
      flags_in: z.string().max(8).optional(),
      vlan: z.array(z.int()).max(4).optional(),
      app: z.string().max(32).optional(),
    })
    .optional(),
})
