import type { Flow, NetworkEvent } from '../event/network.ts'
import type { Endpoint } from '../event/objects.ts'
import type { ProtocolFacts, ProtocolName } from '../event/protocol/index.ts'

/** What passed on a flow, by direction: from who opened it, and to it. */
export interface FlowTraffic {
  readonly bytesOut: number
  readonly bytesIn: number
  readonly packetsOut: number
  readonly packetsIn: number
}

/**
 * A conversation, as packets show it: told when it is over, and now and then while it lasts. What passed is counted since it
 * was told before, so that records add up.
 */
export interface FlowRecord extends FlowTraffic {
  readonly source: 'packet'
  readonly type: 'flow'
  /** Of its last packet, milliseconds since the epoch; fractions are microseconds. */
  readonly timeMs: number
  readonly protocol: NetworkEvent['protocol']
  /** Who opened it. */
  readonly from: Endpoint
  readonly to: Endpoint
  readonly flow: Flow
  /** Since its first packet, where it was told before. */
  readonly total?: FlowTraffic
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
