import { setTimeout as delay } from 'node:timers/promises'
import type { Clock, Counters, Logger } from '@vedette/base'
import {
  type BlindSpot,
  type InventoryItem,
  type InventoryRecord,
  type InventoryType,
  inventoryTypes,
} from '@vedette/model'
import { z } from 'zod'
import type { Collector, CollectorContext } from '../../collector.ts'
import { readKept, writeKept } from '../../kept-file.ts'
import { SideProcess } from '../../side/side-process.ts'
import type { InventoryConfig } from './config.ts'
import { differences } from './difference.ts'
import type { InventoryPart } from './inventory.worker.ts'
import type { Inventory, InventoryOptions } from './read/index.ts'

const BATCH = 64
/** After a look that came to nothing; doubled with each in a row. */
const RETRY_MS = 1000

const keptSchema = z.object({
  version: z.literal(1),
  inventory: z.partialRecord(
    z.enum(inventoryTypes),
    z.array(
      z.object({
        key: z.string(),
        facts: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
      }),
    ),
  ),
})

/**
 * Counts up what is there on this host, at its start and on a schedule, in a process of its own that is gone afterwards. Tells all at first, and differences from then on; with a state folder also those between two runs.
 */
export class InventoryCollector implements Collector {
  readonly name = 'inventory'
  readonly #config: InventoryConfig
  readonly #clock: Clock
  readonly #log: Logger
  readonly #file: string | undefined
  readonly #side: SideProcess
  readonly #isSideOurs: boolean
  #blindSpot: BlindSpot | undefined
  #delivered = 0

  constructor(config: InventoryConfig, { clock, log, stateFolder, side }: CollectorContext) {
    this.#config = config
    this.#clock = clock
    this.#log = log
    this.#file = stateFolder === undefined ? undefined : `${stateFolder}/inventory.json`
    this.#side = side ?? new SideProcess()
    this.#isSideOurs = side === undefined
  }

  async *records(signal: AbortSignal): AsyncGenerator<readonly InventoryRecord[]> {
    let known: Inventory = this.#config.enabled ? await this.#load() : new Map()
    // What differs from a former run came while nobody watched.
    let unwatched = known.size > 0
    let failures = 0
    while (!signal.aborted) {
      let failed = false
      for (const types of this.#turns()) {
        const found = await this.#look(types, signal)
        if (found === undefined) {
          failed = true
          continue
        }
        const timeMs = this.#clock.now()
        const records = differences(known, found).map((told): InventoryRecord => {
          const isDifference = told.activity !== 'collect'
          return { source: 'inventory', timeMs, ...told, ...(unwatched && isDifference && { unwatched }) }
        })
        for (let at = 0; at < records.length; at += BATCH) {
          const batch = records.slice(at, at + BATCH)
          this.#delivered += batch.length
          yield batch
        }
        known = new Map([...known, ...found])
        // Once somebody has it: what is told twice after a crash does less harm than what is told never.
        if (records.length > 0) await this.#save(known)
      }
      failures = failed ? failures + 1 : 0
      if (!failed) unwatched = false
      const intervalMs = this.#config.interval_s * 1000
      const pauseMs = failed ? Math.min(intervalMs, RETRY_MS * 2 ** failures) : intervalMs
      await delay(pauseMs, undefined, { signal, ref: false }).catch(() => undefined)
    }
  }

  counters(): Counters {
    return { emitted: this.#delivered, delivered: this.#delivered, lost: 0 }
  }

  blindSpots(): readonly BlindSpot[] {
    return this.#blindSpot === undefined ? [] : [this.#blindSpot]
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isSideOurs) await this.#side[Symbol.asyncDispose]()
  }

  /** What takes milliseconds first, and what looks at every file of the machine after it. */
  #turns(): readonly (readonly InventoryType[])[] {
    const { enabled, types } = this.#config
    const quick = types.filter((type) => type !== 'setuid_file')
    const slow = types.filter((type) => type === 'setuid_file')
    return enabled ? [quick, slow].filter((turn) => turn.length > 0) : []
  }

  async #look(types: readonly InventoryType[], signal: AbortSignal): Promise<Inventory | undefined> {
    if (signal.aborted) return undefined
    const { root, exclude, max_files: maxFiles } = this.#config
    const options: InventoryOptions = { root, types, exclude, maxFiles }
    const found = new Map<InventoryType, readonly InventoryItem[]>()
    const done = Promise.withResolvers<void>()
    const onAbort = () => done.resolve()
    signal.addEventListener('abort', onAbort)
    const job = this.#side.open({
      module: new URL('./inventory.worker.ts', import.meta.url),
      data: options,
      hear: (message) => {
        const part = message as InventoryPart
        if (part.type === 'end') done.resolve()
        else found.set(part.type, [...(found.get(part.type) ?? []), ...part.items])
      },
      ended: (reason) => done.reject(reason),
    })
    try {
      await done.promise
      if (signal.aborted) return undefined
      this.#blindSpot = undefined
      return found
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      this.#log.warn({ error }, 'what is there could not be counted up')
      this.#blindSpot = {
        code: 'inventory-failed',
        message: `What is there on this host is not known: ${reason}`.slice(0, 1000),
      }
      return undefined
    } finally {
      signal.removeEventListener('abort', onAbort)
      job[Symbol.dispose]()
    }
  }

  async #load(): Promise<Inventory> {
    if (this.#file === undefined) return new Map()
    const kept = await readKept(this.#file)
    const parsed = keptSchema.safeParse(kept)
    if (parsed.success) {
      const wanted = new Set<InventoryType>(this.#config.types)
      const entries = Object.entries(parsed.data.inventory) as [InventoryType, InventoryItem[]][]
      return new Map(entries.filter(([type]) => wanted.has(type)))
    }
    if (kept !== undefined) this.#log.error({}, 'what was there before cannot be used; all is told anew')
    return new Map()
  }

  async #save(inventory: Inventory): Promise<void> {
    if (this.#file === undefined) return
    await writeKept(this.#file, { version: 1, inventory: Object.fromEntries(inventory) })
  }
}
