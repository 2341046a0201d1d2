import { z } from 'zod'
import { eventBaseSchema, type EventBase } from './base.ts'
import { endpointSchema, processSchema, type Endpoint, type Process } from './objects.ts'

/** OCSF Network Activity (4001): a connection was made, taken, ended, or a port was opened. */
export interface NetworkEvent extends EventBase {
  readonly kind: 'network'
  readonly class_uid: 4001
  /** `open` an outgoing connection, `accept` an incoming one, `listen`, `close`. */
  readonly activity: 'open' | 'accept' | 'listen' | 'close'
  readonly protocol: 'tcp' | 'udp'
  readonly direction: 'inbound' | 'outbound' | 'none'
  /** Who opened the connection; for `listen` and `accept` see `dst_endpoint` for our own port. */
  readonly src_endpoint?: Endpoint
  readonly dst_endpoint: Endpoint
  /** The process on this host. */
  readonly process?: Process
  readonly traffic?: { readonly bytes_in: number; readonly bytes_out: number }
}

export const networkEventSchema = eventBaseSchema.extend({
  kind: z.literal('network'),
  class_uid: z.literal(4001),
  activity: z.enum(['open', 'accept', 'listen', 'close']),
  protocol: z.enum(['tcp', 'udp']),
  direction: z.enum(['inbound', 'outbound', 'none']),
  src_endpoint: endpointSchema.optional(),
  dst_endpoint: endpointSchema,
  process: processSchema.optional(),
  traffic: z.object({ bytes_in: z.number(), bytes_out: z.number() }).optional(),
})
