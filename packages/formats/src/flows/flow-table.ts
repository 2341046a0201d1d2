import { hash } from 'node:crypto'
import type { PacketRecord, ProtocolFacts, ProtocolName } from '@vedette/model'
import { ipProtocols, tcpFlags } from '../packets/numbers.ts'
import type { Packet } from '../packets/packet.ts'
import type { ProtocolParser } from '../protocols/protocol-parser.ts'
import { ByteBudget } from './byte-budget.ts'
import { defaultFlowLimits, type FlowLimits } from './config.ts'
import { Dialogue } from './dialogue.ts'
import { flowRecord } from './flow-record.ts'
import { flowHash } from './flow-key.ts'
import { Flow, type Waits } from './flow.ts'
import { QuietQueue } from './quiet-queue.ts'
import { beginsAnew, followState } from './tcp-state.ts'
import { TcpStream } from './tcp-stream.ts'

export interface FlowTableOptions {
  /** Told of what is over, of what still goes on, and of what was said. */
  readonly emit: (record: PacketRecord) => void
  /** At most 31 for TCP and as many for UDP. */
  readonly protocols: readonly ProtocolParser[]
  readonly limits?: FlowLimits
  /** Goes into the names of flows, so that those of two runs differ. */
  readonly run?: string
  /** 32 random bits, where packets may come from an enemy. */
  readonly salt?: number
}

/** What a flow table did so far. */
export interface FlowCounters {
  readonly flows: number
  /** Flows that were ended to make room. */
  readonly evicted: number
  /** Flows in which a parser failed, which is a fault of ours. */
  readonly failed: number
}

/** Looked for flows that are over at most so often, of packet time. */
const LOOK_EVERY_MS = 100
/** The clock was set back where packets are older by so much. */
const SET_BACK_MS = 30_000

const FEWEST_BUCKETS = 256

function emptyBuckets(count: number): (Flow | undefined)[] {
  return Array.from({ length: count }, () => undefined)
}

/**
 * Puts packets together into conversations. Pure: packets go in, records come out by `emit`, and time is that of the packets.
 * A flow is told when it is over, and once a minute while it goes on, each time with what passed since.
 */
export class FlowTable {
  readonly #emit: FlowTableOptions['emit']
  readonly #limits: FlowLimits
  readonly #run: string
  readonly #salt: number
  readonly #parsers: { readonly tcp: readonly ProtocolParser[]; readonly udp: readonly ProtocolParser[] }
  readonly #serverPorts: ReadonlySet<number>
  readonly #budget: ByteBudget
  /** By the lowest bits of the hash; twice as many once there are as many flows. */
  #buckets: (Flow | undefined)[] = emptyBuckets(FEWEST_BUCKETS)
  readonly #queues: Readonly<Record<Waits, QuietQueue>> = {
    unanswered: new QuietQueue(),
    established: new QuietQueue(),
    closed: new QuietQueue(),
    other: new QuietQueue(),
  }
  readonly #uid = (flow: Flow): string => this.#nameOf(flow)
  #count = 0
  #nowMs = 0
  #lookedMs = 0
  #serial = 0
  #evicted = 0
  #failed = 0

  constructor(options: FlowTableOptions) {
    const { emit, protocols, limits = defaultFlowLimits, run = '', salt = 0 } = options
    this.#emit = emit
    this.#limits = limits
    this.#run = run
    this.#salt = salt | 0
    this.#parsers = {
      tcp: protocols.filter(({ transports }) => transports.includes('tcp')),
      udp: protocols.filter(({ transports }) => transports.includes('udp')),
    }
    this.#serverPorts = new Set(protocols.flatMap(({ ports }) => ports))
    this.#budget = new ByteBudget(limits.waitingBytes)
  }

  /** Flows that are not over. */
  get size(): number {
    return this.#count
  }

  counters(): FlowCounters {
    return { flows: this.#serial, evicted: this.#evicted, failed: this.#failed }
  }

  add(packet: Packet): void {
    this.advance(packet.timeMs)
    const key = flowHash(packet, this.#salt)
    let flow = this.#buckets[key & (this.#buckets.length - 1)]
    let direction = 0
    for (; flow !== undefined; flow = flow.next) {
      if (flow.hash !== key) continue
      direction = flow.direction(packet)
      if (direction !== 0) break
    }
    if (flow !== undefined && beginsAnew(flow, packet)) {
      this.#end(flow)
      flow = undefined
    }
    if (flow === undefined) {
      flow = this.#open(packet, key)
      direction = flow.direction(packet)
    }
    this.#account(flow, packet, direction > 0)
  }

  /** The time has come to this: flows that were quiet for too long are over. */
  advance(timeMs: number): void {
    // Packets may come a little late; much earlier means that the clock was set, or that another capture follows.
    if (timeMs > this.#nowMs || timeMs < this.#nowMs - SET_BACK_MS) {
      if (timeMs < this.#nowMs) this.#lookedMs = timeMs
      this.#nowMs = timeMs
    }
    if (this.#nowMs - this.#lookedMs < LOOK_EVERY_MS) return
    this.#lookedMs = this.#nowMs
    for (const [waits, queue] of Object.entries(this.#queues)) {
      const quietMs = this.#limits.quietMs[waits as Waits]
      for (let flow = queue.first; flow !== undefined; flow = queue.first) {
        if (this.#nowMs - flow.lastMs < quietMs) break
        this.#end(flow)
      }
    }
  }

  /** All flows are over. */
  end(): void {
    for (const queue of Object.values(this.#queues))
      for (let flow = queue.first; flow !== undefined; flow = queue.first) this.#end(flow)
  }

  #open(packet: Packet, key: number): Flow {
    if (this.#count >= this.#limits.flows) this.#evict()
    const flow = new Flow(packet, this.#isFromServer(packet), this.#serial, key)
    this.#serial += 1
    this.#count += 1
    if (this.#count > this.#buckets.length) this.#spread()
    const bucket = key & (this.#buckets.length - 1)
    flow.next = this.#buckets[bucket]
    this.#buckets[bucket] = flow
    this.#queues[flow.waits].append(flow)
    return flow
  }

  /** Somebody said something: what it was may be looked into. Most flows of a scan never come that far. */
  #listen(flow: Flow): Dialogue | undefined {
    const transport = flow.protocol === ipProtocols.tcp ? 'tcp' : 'udp'
    const parsers = this.#parsers[transport]
    flow.heard = true
    if (parsers.length === 0) return undefined
    const dialogue = new Dialogue(
      { transport, clientPort: flow.sourcePort, serverPort: flow.destinationPort },
      parsers,
      (name, facts, timeMs) => this.#said(flow, transport, name, facts, timeMs),
    )
    flow.dialogue = dialogue
    if (transport === 'tcp') {
      flow.streams = {
        client: new TcpStream('client', dialogue, this.#budget),
        server: new TcpStream('server', dialogue, this.#budget),
      }
      if (flow.knowsOut) flow.streams.client.startAt(flow.nextOut)
      if (flow.knowsIn) flow.streams.server.startAt(flow.nextIn)
    }
    return dialogue
  }

  #spread(): void {
    const before = this.#buckets
    this.#buckets = emptyBuckets(before.length * 2)
    for (const first of before) {
      for (let flow = first; flow !== undefined;) {
        const { next } = flow
        const bucket = flow.hash & (this.#buckets.length - 1)
        flow.next = this.#buckets[bucket]
        this.#buckets[bucket] = flow
        flow = next
      }
    }
  }

  /** Where the beginning was not seen: whether the first packet seen is one of the end that was called. */
  #isFromServer(packet: Packet): boolean {
    if (packet.protocol === ipProtocols.tcp) {
      const opening = packet.flags & (tcpFlags.syn | tcpFlags.ack)
      if (opening === tcpFlags.syn) return false
      if (opening === (tcpFlags.syn | tcpFlags.ack)) return true
    } else if (packet.protocol !== ipProtocols.udp) return false
    const { sourcePort, destinationPort } = packet
    const isKnown = this.#serverPorts.has(sourcePort)
    if (isKnown !== this.#serverPorts.has(destinationPort)) return isKnown
    return packet.protocol === ipProtocols.tcp && sourcePort < 1024 && destinationPort >= 1024
  }

  #account(flow: Flow, packet: Packet, isOut: boolean): void {
    if (isOut) {
      flow.packetsOut += packet.packets
      flow.bytesOut += packet.wireBytes
    } else {
      flow.packetsIn += packet.packets
      flow.bytesIn += packet.wireBytes
    }
    if (packet.timeMs > flow.lastMs) flow.lastMs = packet.timeMs
    if (flow.protocol === ipProtocols.tcp) this.#tcp(flow, packet, isOut)
    else if (flow.protocol === ipProtocols.udp) this.#datagram(flow, packet, isOut)
    this.#requeue(flow)
    if (flow.lastMs - flow.toldMs >= this.#limits.tellAgainMs) {
      flow.toldMs = flow.lastMs
      this.#emit(flowRecord(flow, false, this.#uid))
    }
  }

  #datagram(flow: Flow, packet: Packet, isOut: boolean): void {
    if (packet.payloadEnd === packet.payloadStart) return
    const dialogue = flow.heard ? flow.dialogue : this.#listen(flow)
    if (dialogue === undefined) return
    const payload = packet.bytes.subarray(packet.payloadStart, packet.payloadEnd)
    dialogue.push(isOut ? 'client' : 'server', payload, packet.timeMs)
    if (dialogue.isOver) this.#closeDialogue(flow)
  }

  #tcp(flow: Flow, packet: Packet, isOut: boolean): void {
    const { flags } = packet
    if (isOut) flow.flagsOut |= flags
    else flow.flagsIn |= flags
    if (isOut && (flags & (tcpFlags.syn | tcpFlags.ack)) === tcpFlags.syn)
      flow.firstSequence = packet.sequence
    const hasBytes = packet.payloadEnd > packet.payloadStart || packet.missing > 0
    if (!flow.heard && hasBytes) this.#listen(flow)
    const { streams } = flow
    if (streams !== undefined) {
      if ((flags & tcpFlags.syn) !== 0)
        (isOut ? streams.client : streams.server).startAt((packet.sequence + 1) | 0)
      this.#stream(flow, packet, isOut)
    }
    followState(flow, packet, isOut)
  }

  #stream(flow: Flow, packet: Packet, isOut: boolean): void {
    const { streams, dialogue } = flow
    if (streams === undefined || dialogue === undefined) return
    const mine = isOut ? streams.client : streams.server
    const other = isOut ? streams.server : streams.client
    const { payloadStart, payloadEnd, missing, flags, timeMs } = packet
    // Before its own bytes: what they answer comes first.
    if ((flags & tcpFlags.ack) !== 0) other.acknowledged(packet.acknowledgement, timeMs)
    if ((payloadEnd > payloadStart || missing > 0) && (flags & tcpFlags.reset) === 0) {
      const sequence = (flags & tcpFlags.syn) === 0 ? packet.sequence : (packet.sequence + 1) | 0
      mine.push(sequence, packet.bytes, payloadStart, payloadEnd, missing, timeMs)
    }
    if (dialogue.isOver) this.#closeDialogue(flow)
  }

  #requeue(flow: Flow): void {
    const isOver = flow.state === 'closed' || flow.state === 'reset'
    const isAnswered = flow.packetsOut > 0 && flow.packetsIn > 0
    const waits = isOver
      ? 'closed'
      : flow.state === 'established'
        ? 'established'
        : isAnswered
          ? 'other'
          : 'unanswered'
    this.#queues[flow.waits].remove(flow)
    flow.waits = waits
    this.#queues[waits].append(flow)
  }

  /** Ends the flow that is missed the least. */
  #evict(): void {
    const { closed, unanswered, other, established } = this.#queues
    const flow = closed.first ?? unanswered.first ?? other.first ?? established.first
    if (flow === undefined) return
    this.#evicted += 1
    this.#end(flow)
  }

  #end(flow: Flow): void {
    this.#queues[flow.waits].remove(flow)
    const bucket = flow.hash & (this.#buckets.length - 1)
    let before = this.#buckets[bucket]
    if (before === flow) this.#buckets[bucket] = flow.next
    else {
      while (before !== undefined && before.next !== flow) before = before.next
      if (before !== undefined) before.next = flow.next
    }
    this.#count -= 1
    flow.streams?.client.flush(flow.lastMs)
    flow.streams?.server.flush(flow.lastMs)
    flow.dialogue?.end(flow.lastMs)
    this.#closeDialogue(flow)
    this.#emit(flowRecord(flow, true, this.#uid))
  }

  #closeDialogue(flow: Flow): void {
    const { dialogue } = flow
    if (dialogue === undefined) return
    if (dialogue.failure !== undefined) this.#failed += 1
    flow.app = dialogue.app
    flow.dialogue = undefined
    flow.streams?.client.drop()
    flow.streams?.server.drop()
    flow.streams = undefined
  }

  #said(
    flow: Flow,
    transport: 'tcp' | 'udp',
    name: ProtocolName,
    facts: ProtocolFacts,
    timeMs: number,
  ): void {
    this.#emit({
      source: 'packet',
      type: 'protocol',
      timeMs,
      transport,
      from: flow.from(),
      to: flow.to(),
      flowUid: flow.uid(this.#uid),
      name,
      facts,
    })
  }

  #nameOf(flow: Flow): string {
    const named = `${this.#run} ${flow.serial} ${flow.startMs} ${flow.protocol} ${flow.words().join()} ${flow.sourcePort} ${flow.destinationPort}`
    return hash('sha256', named, 'hex').slice(0, 32)
  }
}
