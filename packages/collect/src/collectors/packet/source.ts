import { setImmediate, setTimeout as delay } from 'node:timers/promises'
import { defaultFlowLimits, PacketInspector } from '@vedette/formats/flows'
import { listNetworkInterfaces, type NetworkInterface, PacketRing, wallClockMs } from '@vedette/linux'
import type { PacketRecord } from '@vedette/model'
import type { Emit, Source } from '../../kernel/source.ts'
import type { PacketConfig } from './config.ts'
import { chosenInterfaces, isLoopback } from './interfaces.ts'
import { linkTypeOf } from './link-type.ts'

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
  readonly stop: AbortController
  readonly following: Promise<void>
  drops: number
}

/** Flows that are over are looked for, and losses asked for, so often. */
const LOOK_MS = 1000
/** Interfaces come and go. */
const LOOKS_A_LISTING = 10
/** Blocks of a ring that are taken before the others get their turn. */
const BLOCKS_A_TURN = 4
const BLOCK_BYTES = 1 << 18

/** Packets of network interfaces, as flows and what was said on them. */
export class PacketSource implements Source {
  readonly #config: PacketSourceConfig
  readonly #inspector: PacketInspector
  readonly #seen = new Map<string, Seen>()
  #records: PacketRecord[] = []
  #emit: Emit = () => undefined
  #failure: unknown

  constructor(config: PacketSourceConfig) {
    this.#config = config
    this.#inspector = new PacketInspector({
      emit: (record) => this.#records.push(record),
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
    for (let looks = 1; !signal.aborted; looks += 1) {
      await delay(LOOK_MS, undefined, { signal }).catch(() => undefined)
      if (this.#failure !== undefined) throw this.#failure
      if (looks % LOOKS_A_LISTING === 0) this.#follow()
      this.#inspector.advance(wallClockMs())
      this.#hand(this.#newDrops())
    }
    for (const name of this.#seen.keys()) await this.#close(name)
    this.#inspector.end()
    this.#hand(0)
  }

  [Symbol.dispose](): void {
    for (const { ring, stop } of this.#seen.values()) {
      stop.abort()
      ring[Symbol.dispose]()
    }
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
    for (const [name, { index }] of this.#seen)
      if (!chosen.some((one) => one.name === name && one.index === index)) void this.#close(name)
    for (const one of chosen) if (!this.#seen.has(one.name)) this.#open(one)
  }

  #open(one: NetworkInterface): void {
    const linkType = linkTypeOf(one.hardwareType)
    if (linkType === undefined) return
    const ring = new PacketRing({
      interface: one.name,
      ringBytes: this.#config.ring_bytes,
      blockBytes: BLOCK_BYTES,
      // There both directions come in as well as they go out.
      ignoreOutgoing: isLoopback(one),
    })
    const stop = new AbortController()
    const following = this.#read(ring, linkType, one.index, stop.signal).catch((error: unknown) => {
      this.#failure = error
    })
    this.#seen.set(one.name, { index: one.index, ring, stop, following, drops: 0 })
  }

  async #read(ring: PacketRing, linkType: number, realm: number, signal: AbortSignal): Promise<void> {
    const { take } = this.#inspector
    const packet = (
      bytes: Uint8Array,
      start: number,
      end: number,
      length: number,
      timeMs: number,
      vlan: number,
    ) => take(bytes, start, end, length, linkType, timeMs, vlan, realm)
    while (await ring.waitReadable(signal)) {
      // A socket that has an error to tell is readable without a packet.
      if (ring.take(packet, BLOCKS_A_TURN) === 0 && ring.takeError())
        await delay(LOOK_MS, undefined, { signal }).catch(() => undefined)
      this.#hand(0)
      await setImmediate()
    }
    ring.take(packet)
  }

  async #close(name: string): Promise<void> {
    const seen = this.#seen.get(name)
    if (seen === undefined) return
    seen.stop.abort()
    await seen.following
    this.#seen.delete(name)
    seen.ring[Symbol.dispose]()
  }

  #newDrops(): number {
    let added = 0
    for (const seen of this.#seen.values()) {
      const { drops } = seen.ring.statistics()
      added += drops - seen.drops
      seen.drops = drops
    }
    return added
  }
}
