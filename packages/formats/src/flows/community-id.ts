import { hash } from 'node:crypto'
import { ipProtocols } from '../packets/numbers.ts'

/** What Community ID names a conversation by. */
export interface Conversed {
  readonly family: 4 | 6
  /** Of who opened it, and to whom: 1 or 4 words of each, as `Packet.addresses` has them. */
  readonly words: Readonly<Uint32Array>
  readonly protocol: number
  readonly sourcePort: number
  readonly destinationPort: number
  readonly icmpType: number
  readonly icmpCode: number
}

/** Types of ICMP that are asked and answered: each with the other one. */
const icmpPairs: ReadonlyMap<number, number> = new Map([
  [0, 8],
  [8, 0],
  [9, 10],
  [10, 9],
  [13, 14],
  [14, 13],
  [15, 16],
  [16, 15],
  [17, 18],
  [18, 17],
])
const icmp6Pairs: ReadonlyMap<number, number> = new Map([
  [128, 129],
  [129, 128],
  [130, 131],
  [131, 130],
  [133, 134],
  [134, 133],
  [135, 136],
  [136, 135],
  [139, 140],
  [140, 139],
  [144, 145],
  [145, 144],
])
const WITH_PORTS: ReadonlySet<number> = new Set([ipProtocols.tcp, ipProtocols.udp, ipProtocols.sctp])

const scratch = new Uint8Array(40)
const view = new DataView(scratch.buffer)

/** Community ID 1 with seed 0 (github.com/corelight/community-id-spec): the same for both directions. */
export function communityId(of: Conversed): string {
  const size = of.family === 4 ? 4 : 16
  let first = of.sourcePort
  let second = of.destinationPort
  let hasPorts = WITH_PORTS.has(of.protocol)
  let oneWay = false
  const pairs =
    of.protocol === ipProtocols.icmp ? icmpPairs : of.protocol === ipProtocols.icmp6 ? icmp6Pairs : undefined
  if (pairs !== undefined) {
    const counterpart = pairs.get(of.icmpType)
    hasPorts = true
    oneWay = counterpart === undefined
    first = of.icmpType
    second = counterpart ?? of.icmpCode
  }
  const swapped = !oneWay && isBehind(of, first, second)
  // Two bytes of seed, the ends, the protocol, a zero, the ports.
  view.setUint16(0, 0)
  for (let word = 0; word < size / 4; word += 1) {
    view.setUint32(2 + 4 * word, of.words[swapped ? 4 + word : word] ?? 0)
    view.setUint32(2 + size + 4 * word, of.words[swapped ? word : 4 + word] ?? 0)
  }
  let length = 2 + 2 * size
  scratch[length] = of.protocol
  scratch[length + 1] = 0
  length += 2
  if (hasPorts) {
    view.setUint16(length, swapped ? second : first)
    view.setUint16(length + 2, swapped ? first : second)
    length += 4
  }
  return `1:${hash('sha1', scratch.subarray(0, length), 'base64')}`
}

/** Whether the one who opened it comes behind the other: by address, then by port. */
function isBehind({ words }: Conversed, sourcePort: number, destinationPort: number): boolean {
  for (let word = 0; word < 4; word += 1) {
    const source = words[word] ?? 0
    const destination = words[4 + word] ?? 0
    if (source !== destination) return source > destination
  }
  return sourcePort > destinationPort
}
