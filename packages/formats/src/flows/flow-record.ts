import type { FlowRecord } from '@vedette/model'
import { ipProtocols, tcpFlags } from '../packets/numbers.ts'
import { communityId } from './community-id.ts'
import { flagLetters, type Flow } from './flow.ts'

const PROTOCOL_NAMES: ReadonlyMap<number, FlowRecord['protocol']> = new Map([
  [ipProtocols.tcp, 'tcp'],
  [ipProtocols.udp, 'udp'],
  [ipProtocols.icmp, 'icmp'],
  [ipProtocols.icmp6, 'icmp6'],
  [ipProtocols.sctp, 'sctp'],
])

/** What is to be told of a flow now; it then counts as told. */
export function flowRecord(flow: Flow, isOver: boolean, uidOf: (flow: Flow) => string): FlowRecord {
  const app = flow.dialogue?.app ?? flow.app
  const isTcp = flow.protocol === ipProtocols.tcp
  const { told, bytesOut, bytesIn, packetsOut, packetsIn } = flow
  const total = { bytesOut, bytesIn, packetsOut, packetsIn }
  flow.told = total
  return {
    source: 'packet',
    type: 'flow',
    timeMs: flow.lastMs,
    protocol: PROTOCOL_NAMES.get(flow.protocol) ?? 'other',
    from: flow.from(),
    to: flow.to(),
    flow: {
      uid: flow.uid(uidOf),
      community_id: flow.communityId(communityIdOf),
      start_time: flow.startMs,
      duration_ms: Math.max(0, Math.round((flow.lastMs - flow.startMs) * 1000) / 1000),
      state: stateOf(flow, isOver),
      ...(isTcp && { flags_out: flagLetters(flow.flagsOut), flags_in: flagLetters(flow.flagsIn) }),
      ...(flow.vlanCount > 0 && {
        vlan: [Math.floor(flow.vlan / 4096), flow.vlan % 4096].slice(0, flow.vlanCount),
      }),
      ...(app !== undefined && { app }),
    },
    bytesOut: total.bytesOut - (told?.bytesOut ?? 0),
    bytesIn: total.bytesIn - (told?.bytesIn ?? 0),
    packetsOut: total.packetsOut - (told?.packetsOut ?? 0),
    packetsIn: total.packetsIn - (told?.packetsIn ?? 0),
    ...(told !== undefined && { total }),
  }
}

function stateOf(flow: Flow, isOver: boolean): FlowRecord['flow']['state'] {
  if (flow.protocol !== ipProtocols.tcp) return isOver ? 'ended' : 'active'
  // One end has said that it is through, and the other one was not heard again.
  const hasFin = ((flow.flagsOut | flow.flagsIn) & tcpFlags.fin) !== 0
  return isOver && flow.state === 'established' && hasFin ? 'closed' : flow.state
}

function communityIdOf(flow: Flow): string {
  return communityId({
    family: flow.family,
    words: flow.words(),
    protocol: flow.protocol,
    sourcePort: flow.sourcePort,
    destinationPort: flow.destinationPort,
    icmpType: flow.icmpType,
    icmpCode: flow.icmpCode,
  })
}
