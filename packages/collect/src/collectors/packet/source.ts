import { setImmediate, setTimeout as delay } from 'node:timers/promises'
import { defaultFlowLimits, PacketInspector } from '@vedette/formats/flows'
import {
  listNetworkInterfaces,
  type NetworkInterface,
  PacketRing,
  type TakeRingPacket,
  WakeUp,
  wallClockMs,
} from '@vedette/linux'
import type { PacketRecord } from '@vedette/model'
import type { Emit, Source } from '../../kernel/source.ts'
import type { PacketConfig } from './config.ts'
import { chosenInterfaces, isLoopback } from './interfaces.ts'
import { linkTypeOf } from './link-type.ts'
import { withoutPorts } from './port-filter.ts'

/** What the worker is started with. */
export interface PacketSourceConfig extends PacketConfig {
  /** Goes into the names of flows. */
  readonly run: string
  /** 32 random bits, which an enemy must not know. */
  readonly salt: number
}

/** An interface whose packets are looked at. */
interface Seen {
  readonly index: number
  readonly ring: PacketRing
  readonly take: TakeRingPacket
  /** Told of so many that were dropped. */
  drops: number
}

/** Flows that are over are looked for, and losses asked for, so often. */
const LOOK_MS = 1000
/** Interfaces come and go. */
const LOOKS_A_LISTING = 10
/** Blocks of a ring that are taken before the others get their turn. */
const BLOCKS_A_TURN = 4
const BLOCK_BYTES = 1 << 18
/** The longest sleep: what the agent says is heard behind it. */
const SLEEP_MS = 100

/**
 * What is said to the DNS waits so long. The kernel tells of a question as well, and with the process that asks: it is to be
 * heard first, and this then passed over.
 */
const HELD_MS = 200
const MAX_HELD = 8192

/** Packets of network interfaces, as flows and what was said on them. */
export class PacketSource implements Source {
  readonly #config: PacketSourceConfig
  readonly #inspector: PacketInspector
  readonly #seen = new Map<string, Seen>()
  /** Of all rings; made anew when interfaces come or go. */
  #wakeUp: WakeUp | undefined
  #records: PacketRecord[] = []
  #held: { readonly record: PacketRecord; readonly dueMs: number }[] = []
  #emit: Emit = () => undefined

  constructor(config: PacketSourceConfig) {
    this.#config = config
    this.#inspector = new PacketInspector({
      emit: (record) => {
        if (record.type === 'protocol' && record.name === 'dns' && record.transport === 'udp')
          this.#held.push({ record, dueMs: performance.now() + HELD_MS })
        else this.#records.push(record)
      },
      run: config.run,
      salt: config.salt,
      limits: {
        ...defaultFlowLimits,
        flows: config.max_flows,
        waitingBytes: config.waiting_bytes,
        tellAgainMs: config.tell_again_s * 1000,
      },
    })
    this.#follow()
  }

  async run(emit: Emit, signal: AbortSignal): Promise<void> {
    this.#emit = emit
    let lookMs = performance.now() + LOOK_MS
    for (let looks = 1; !signal.aborted;) {
      // While there is something to take nobody sleeps: only what comes later wakes.
      if (this.#take() === 0) this.#wakeUp?.sleep(SLEEP_MS)
      this.#release(performance.now())
      this.#hand(0)
      if (performance.now() >= lookMs) {
        lookMs = performance.now() + LOOK_MS
        if (looks % LOOKS_A_LISTING === 0) this.#follow()
        looks += 1
        this.#inspector.advance(wallClockMs())
        this.#hand(this.#newDrops())
      }
      await (this.#wakeUp === undefined ? delay(SLEEP_MS) : setImmediate())
    }
    while (this.#take() > 0);
    const drops = this.#newDrops()
    this.#inspector.end()
    this.#release(Infinity)
    this.#hand(drops)
  }

  [Symbol.dispose](): void {
    this.#wakeUp?.[Symbol.dispose]()
    for (const { ring } of this.#seen.values()) ring[Symbol.dispose]()
  }

  /** Takes a turn at each ring; returns how many packets there were. */
  #take(): number {
    let taken = 0
    for (const { ring, take } of this.#seen.values()) taken += ring.take(take, BLOCKS_A_TURN)
    return taken
  }

  /** Hands on what has waited long enough, or is too much to wait. */
  #release(nowMs: number): void {
    const held = this.#held
    let count = Math.max(0, held.length - MAX_HELD)
    while (count < held.length && (held[count]?.dueMs ?? 0) <= nowMs) count += 1
    if (count === 0) return
    this.#held = held.slice(count)
    for (let i = 0; i < count; i += 1) this.#records.push((held[i] as (typeof held)[0]).record)
  }

  #hand(lost: number): void {
    if (this.#records.length === 0 && lost === 0) return
    const records = this.#records
    this.#records = []
    this.#emit(records, lost)
  }

  /** Opens a ring for each interface that has none yet, and closes those whose interface is gone. */
  #follow(): void {
    const chosen = chosenInterfaces(listNetworkInterfaces(), this.#config)
    const gone = [...this.#seen].filter(
      ([name, { index }]) => !chosen.some((one) => one.name === name && one.index === index),
    )
    const fresh = chosen.filter(({ name, index }) => this.#seen.get(name)?.index !== index)
    if (gone.length === 0 && fresh.length === 0) return
    for (const [name, { ring, take }] of gone) {
      ring.take(take)
      ring[Symbol.dispose]()
      this.#seen.delete(name)
    }
    for (const one of fresh) this.#open(one)
    this.#wakeUp?.[Symbol.dispose]()
    const fds = [...this.#seen.values()].map(({ ring }) => ring.fd)
    this.#wakeUp = fds.length === 0 ? undefined : new WakeUp(fds)
  }

  #open(one: NetworkInterface): void {
    const { name, index } = one
    const linkType = linkTypeOf(one.hardwareType)
    if (linkType === undefined) return
    const { ignored_ports: ports } = this.#config
    const ring = new PacketRing({
      interface: name,
      ringBytes: this.#config.ring_bytes,
      blockBytes: BLOCK_BYTES,
      ...(ports.length > 0 && { filter: withoutPorts(ports) }),
      // There both directions come in as well as they go out.
      ignoreOutgoing: isLoopback(one),
    })
    const { take } = this.#inspector
    this.#seen.set(name, {
      index,
      ring,
      take: (bytes, start, end, length, timeMs, vlan) =>
        take(bytes, start, end, length, linkType, timeMs, vlan, index),
      drops: 0,
    })
  }

  #newDrops(): number {
    let added = 0
    for (const seen of this.#seen.values()) {
      const { drops } = seen.ring.statistics()
      added += drops - seen.drops
      seen.drops = drops
      // An interface that goes down leaves an error, which would wake for ever.
      seen.ring.takeError()
    }
    return added
  }
}
