import { type NetworkEvent, type PacketRecord, protocolClass, type ProtocolEvent } from '@vedette/model'
import type { EventFactory } from '../../event-factory.ts'

/** Its source, as Events name it. */
const PROVIDER = 'packet'

/** The Event of a flow, or of what was said on one. The records were bounded where the packets were read. */
export function packetEvent(record: PacketRecord, events: EventFactory): NetworkEvent | ProtocolEvent {
  const base = events.base(record.timeMs, PROVIDER)
  const ends = { src_endpoint: record.from, dst_endpoint: record.to }
  if (record.type === 'protocol') {
    return {
      ...base,
      ...record.facts,
      ...ends,
      kind: 'protocol',
      class_uid: protocolClass(record.name),
      protocol_name: record.name,
      transport: record.transport,
      flow_uid: record.flowUid,
    }
  }
  return {
    ...base,
    ...ends,
    kind: 'network',
    class_uid: 4001,
    activity: 'traffic',
    protocol: record.protocol,
    direction: 'none',
    traffic: {
      bytes_in: record.bytesIn,
      bytes_out: record.bytesOut,
      packets_in: record.packetsIn,
      packets_out: record.packetsOut,
    },
    flow: record.flow,
  }
}
