import type { Endpoint, Flow as FlowFacts, FlowTraffic } from '@vedette/model'
import { writeAddress } from '../observable/address.ts'
import { ipProtocols, tcpFlags } from '../packets/numbers.ts'
import type { Packet } from '../packets/packet.ts'
import type { Dialogue } from './dialogue.ts'
import { firstPort, secondPort, vlanOf } from './flow-key.ts'
import type { TcpStream } from './tcp-stream.ts'

/** Which queue of flows it waits in: those of one queue may be quiet equally long. */
export type Waits = 'unanswered' | 'established' | 'closed' | 'other'

/** The two directions of a TCP connection, as long as somebody wants its bytes. */
export interface Streams {
  readonly client: TcpStream
  readonly server: TcpStream
}

const scratch = new Uint32Array(8)

/** One conversation. The source is who opened it. Addresses are kept as signed 32-bit words: numbers that need no memory. */
export class Flow {
  readonly family: 4 | 6
  readonly protocol: number
  readonly vlan: number
  readonly realm: number
  readonly vlanCount: number
  s0 = 0
  s1 = 0
  s2 = 0
  s3 = 0
  d0 = 0
  d1 = 0
  d2 = 0
  d3 = 0
  readonly sourcePort: number
  readonly destinationPort: number
  readonly icmpType: number
  readonly icmpCode: number
  readonly startMs: number
  readonly serial: number
  readonly hash: number
  lastMs: number
  toldMs: number
  bytesOut = 0
  bytesIn = 0
  packetsOut = 0
  packetsIn = 0
  /** What of it was told; undefined until it was told first. */
  told: FlowTraffic | undefined
  flagsOut = 0
  flagsIn = 0
  state: FlowFacts['state']
  /** First sequence number of who opened it. */
  firstSequence = 0
  /** What the two ends would say next, as far as was seen; with whether anything was. */
  nextOut = 0
  nextIn = 0
  knowsOut = false
  knowsIn = false
  /** Something was said, and looked into if anybody wants it. */
  heard = false
  streams: Streams | undefined
  dialogue: Dialogue | undefined
  app: string | undefined
  waits: Waits = 'unanswered'
  /** Neighbours in its queue, the one before was quiet for longer. */
  before: Flow | undefined
  after: Flow | undefined
  /** Next one in its bucket. */
  next: Flow | undefined
  #uid: string | undefined
  #communityId: string | undefined

  constructor(packet: Packet, swapped: boolean, serial: number, hash: number) {
    const { addresses } = packet
    const source = swapped ? 4 : 0
    const destination = 4 - source
    this.family = packet.family
    this.protocol = packet.protocol
    this.vlan = vlanOf(packet)
    this.realm = packet.realm
    this.vlanCount = packet.vlanCount
    this.s0 = (addresses[source] ?? 0) | 0
    this.s1 = (addresses[source + 1] ?? 0) | 0
    this.s2 = (addresses[source + 2] ?? 0) | 0
    this.s3 = (addresses[source + 3] ?? 0) | 0
    this.d0 = (addresses[destination] ?? 0) | 0
    this.d1 = (addresses[destination + 1] ?? 0) | 0
    this.d2 = (addresses[destination + 2] ?? 0) | 0
    this.d3 = (addresses[destination + 3] ?? 0) | 0
    this.sourcePort = swapped ? secondPort(packet) : firstPort(packet)
    this.destinationPort = swapped ? firstPort(packet) : secondPort(packet)
    this.icmpType = packet.icmpType
    this.icmpCode = packet.icmpCode
    this.startMs = packet.timeMs
    this.lastMs = packet.timeMs
    this.toldMs = packet.timeMs
    this.serial = serial
    this.hash = hash
    this.state = packet.protocol === ipProtocols.tcp ? 'new' : 'active'
  }

  /** Whether a packet belongs to it: 1 from who opened it, -1 to it, 0 not. */
  direction(packet: Packet): number {
    const { addresses: at } = packet
    if (
      packet.protocol !== this.protocol ||
      packet.family !== this.family ||
      packet.realm !== this.realm ||
      vlanOf(packet) !== this.vlan
    )
      return 0
    const first = firstPort(packet)
    const second = secondPort(packet)
    if (
      first === this.sourcePort &&
      second === this.destinationPort &&
      ((at[0] ?? 0) | 0) === this.s0 &&
      ((at[4] ?? 0) | 0) === this.d0 &&
      (this.family === 4 ||
        (((at[1] ?? 0) | 0) === this.s1 &&
          ((at[2] ?? 0) | 0) === this.s2 &&
          ((at[3] ?? 0) | 0) === this.s3 &&
          ((at[5] ?? 0) | 0) === this.d1 &&
          ((at[6] ?? 0) | 0) === this.d2 &&
          ((at[7] ?? 0) | 0) === this.d3))
    )
      return 1
    if (
      second === this.sourcePort &&
      first === this.destinationPort &&
      ((at[4] ?? 0) | 0) === this.s0 &&
      ((at[0] ?? 0) | 0) === this.d0 &&
      (this.family === 4 ||
        (((at[5] ?? 0) | 0) === this.s1 &&
          ((at[6] ?? 0) | 0) === this.s2 &&
          ((at[7] ?? 0) | 0) === this.s3 &&
          ((at[1] ?? 0) | 0) === this.d1 &&
          ((at[2] ?? 0) | 0) === this.d2 &&
          ((at[3] ?? 0) | 0) === this.d3))
    )
      return -1
    return 0
  }

  /** Both addresses; valid until the next call for any flow. */
  words(): Uint32Array {
    scratch[0] = this.s0
    scratch[1] = this.s1
    scratch[2] = this.s2
    scratch[3] = this.s3
    scratch[4] = this.d0
    scratch[5] = this.d1
    scratch[6] = this.d2
    scratch[7] = this.d3
    return scratch
  }

  get hasPorts(): boolean {
    return (
      this.protocol === ipProtocols.tcp ||
      this.protocol === ipProtocols.udp ||
      this.protocol === ipProtocols.sctp
    )
  }

  from(): Endpoint {
    return {
      ip: writeAddress(this.family, this.words().subarray(0, 4)),
      port: this.hasPorts ? this.sourcePort : 0,
    }
  }

  to(): Endpoint {
    return {
      ip: writeAddress(this.family, this.words().subarray(4)),
      port: this.hasPorts ? this.destinationPort : 0,
    }
  }

  /** Names are made when they are first asked for: most flows of a scan never need one until they end. */
  uid(make: (flow: Flow) => string): string {
    return (this.#uid ??= make(this))
  }

  communityId(make: (flow: Flow) => string): string {
    return (this.#communityId ??= make(this))
  }
}

const LETTERS = [
  ['S', tcpFlags.syn],
  ['A', tcpFlags.ack],
  ['F', tcpFlags.fin],
  ['R', tcpFlags.reset],
  ['P', tcpFlags.push],
  ['U', tcpFlags.urgent],
  ['E', tcpFlags.ece],
  ['C', tcpFlags.cwr],
] as const

/** Flags as letters `SAFRPUEC`. */
export function flagLetters(flags: number): string {
  let letters = ''
  for (const [letter, bit] of LETTERS) if ((flags & bit) !== 0) letters += letter
  return letters
}
