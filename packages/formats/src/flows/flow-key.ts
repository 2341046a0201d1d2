import { ipProtocols } from '../packets/numbers.ts'
import type { Packet } from '../packets/packet.ts'

/** Echo requests and what answers them carry the same number; other ICMP has none that both directions share. */
export function firstPort(packet: Packet): number {
  if (packet.protocol === ipProtocols.icmp || packet.protocol === ipProtocols.icmp6) return icmpKey(packet)
  return packet.sourcePort
}

export function secondPort(packet: Packet): number {
  if (packet.protocol === ipProtocols.icmp || packet.protocol === ipProtocols.icmp6) return icmpKey(packet)
  return packet.destinationPort
}

function icmpKey({ protocol, icmpType, icmpId }: Packet): number {
  const isEcho =
    protocol === ipProtocols.icmp ? icmpType === 8 || icmpType === 0 : icmpType === 128 || icmpType === 129
  return isEcho ? icmpId : 65_536 + icmpType
}

export function vlanOf(packet: Packet): number {
  return packet.vlanCount === 0
    ? 0
    : (packet.vlans[0] ?? 0) * 4096 + (packet.vlanCount > 1 ? (packet.vlans[1] ?? 0) : 0)
}

/**
 * A number that is the same for both directions. The salt is to be secret where packets may come from an enemy, who could
 * else make flows that all fall into one bucket.
 */
export function flowHash(packet: Packet, salt: number): number {
  const { addresses } = packet
  let source = mix(salt ^ firstPort(packet), addresses[0] ?? 0)
  let destination = mix(salt ^ secondPort(packet), addresses[4] ?? 0)
  if (packet.family === 6) {
    for (let word = 1; word < 4; word += 1) {
      source = mix(source, addresses[word] ?? 0)
      destination = mix(destination, addresses[4 + word] ?? 0)
    }
  }
  return mix((source + destination) | 0, packet.protocol ^ vlanOf(packet) ^ (packet.realm << 26)) & 0x7fffffff
}

function mix(hash: number, word: number): number {
  let mixed = Math.imul(hash ^ word, 0x9e3779b1)
  mixed ^= mixed >>> 15
  mixed = Math.imul(mixed, 0x85ebca77)
  return mixed ^ (mixed >>> 13)
}
