import type { Flow, NetworkEvent } from '../event/network.ts'
import type { Endpoint } from '../event/objects.ts'
import type { ProtocolFacts, ProtocolName } from '../event/protocol/index.ts'

/** A conversation, as packets show it: told when it begins to be one, while it lasts, and when it is over. */
export interface FlowRecord {
  readonly source: 'packet'
  readonly type: 'flow'
  /** Of its last packet, milliseconds since the epoch; fractions are microseconds. */
  readonly timeMs: number
  readonly protocol: NetworkEvent['protocol']
  /** Who opened it. */
  readonly from: Endpoint
  readonly to: Endpoint
  readonly flow: Flow
  readonly bytesOut: number
  readonly bytesIn: number
  readonly packetsOut: number
  readonly packetsIn: number
}

/** What was said on a flow: the facts of one protocol. */
export interface ProtocolRecord {
  readonly source: 'packet'
  readonly type: 'protocol'
  readonly timeMs: number
  readonly transport: 'tcp' | 'udp'
  readonly from: Endpoint
  readonly to: Endpoint
  readonly flowUid: string
  readonly name: ProtocolName
  readonly facts: ProtocolFacts
}

export type PacketRecord = FlowRecord | ProtocolRecord
