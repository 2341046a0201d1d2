import {
  type EventBase,
  type FlowRecord,
  type FlowTraffic,
  type NetworkEvent,
  type NetworkTraffic,
  protocolClass,
  type ProtocolEvent,
  type ProtocolRecord,
} from '@vedette/model'

/** The Event of a flow, as far as packets alone tell it. */
export function flowEvent(record: FlowRecord, base: EventBase): NetworkEvent {
  return {
    ...base,
    kind: 'network',
    class_uid: 4001,
    activity: 'traffic',
    protocol: record.protocol,
    direction: 'none',
    src_endpoint: record.from,
    dst_endpoint: record.to,
    traffic: trafficOf(record),
    ...(record.total !== undefined && { cumulative_traffic: trafficOf(record.total) }),
    flow: record.flow,
  }
}

function trafficOf({ bytesIn, bytesOut, packetsIn, packetsOut }: FlowTraffic): NetworkTraffic {
  return { bytes_in: bytesIn, bytes_out: bytesOut, packets_in: packetsIn, packets_out: packetsOut }
}

/** The Event of what was said on a flow, as far as packets alone tell it. */
export function protocolEvent(record: ProtocolRecord, base: EventBase): ProtocolEvent {
  return {
    ...base,
    kind: 'protocol',
    class_uid: protocolClass(record.name),
    protocol_name: record.name,
    transport: record.transport,
    src_endpoint: record.from,
    dst_endpoint: record.to,
    flow_uid: record.flowUid,
    ...record.facts,
  }
}
