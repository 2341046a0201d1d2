import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import type { Clock, Counters, Logger } from '@vedette/base'
import { trimMemory } from '@vedette/linux'
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
import type { InventoryConfig } from './config.ts'
import { differences } from './difference.ts'
import type { Inventory, InventoryOptions } from './read/index.ts'

const BATCH = 64
/** A look at all files takes a quarter of a processor at most. */
const REST_RATIO = 3

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
 * Counts up what is there on this host, at its start and on a schedule, each time in a worker of its own that is gone
 * afterwards. Tells all at first, and differences from then on; with a state folder also those between two runs.
 */
export class InventoryCollector implements Collector {
  readonly name = 'inventory'
  readonly #config: InventoryConfig
  readonly #clock: Clock
  readonly #log: Logger
  readonly #file: string | undefined
  #blindSpot: BlindSpot | undefined
  #delivered = 0

  constructor(config: InventoryConfig, { clock, log, stateFolder }: CollectorContext) {
    this.#config = config
    this.#clock = clock
    this.#log = log
    this.#file = stateFolder === undefined ? undefined : `${stateFolder}/inventory.json`
  }

  async *records(signal: AbortSignal): AsyncGenerator<readonly InventoryRecord[]> {
    let known: Inventory = this.#config.enabled ? await this.#load() : new Map()
    // What differs from a former run came while nobody watched.
    let unwatched = known.size > 0
    while (!signal.aborted) {
      for (const types of this.#turns()) {
        const found = await this.#look(types, signal)
        if (found === undefined) continue
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
      unwatched = false
      await delay(this.#config.interval_s * 1000, undefined, { signal, ref: false }).catch(() => undefined)
    }
  }

  counters(): Counters {
    return { emitted: this.#delivered, delivered: this.#delivered, lost: 0 }
  }

  blindSpots(): readonly BlindSpot[] {
    return this.#blindSpot === undefined ? [] : [this.#blindSpot]
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Each look ends with `records`.
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
    const options: InventoryOptions = { root, types, exclude, maxFiles, restRatio: REST_RATIO }
    const worker = new Worker(new URL('./inventory.worker.ts', import.meta.url), {
      workerData: options,
      name: 'inventory',
      // Options of Node that the process was started with need not make sense for a worker.
      execArgv: [],
      // A guest keeps little: the heap is cleaned early.
      resourceLimits: { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 128 },
    })
    try {
      const [found] = (await once(worker, 'message', { signal })) as [Inventory]
      this.#blindSpot = undefined
      return found
    } catch (error) {
      if (signal.aborted) return undefined
      const reason = error instanceof Error ? error.message : String(error)
      this.#log.warn({ error }, 'what is there could not be counted up')
      this.#blindSpot = {
        code: 'inventory-failed',
        message: `What is there on this host is not known: ${reason}`.slice(0, 1000),
      }
      return undefined
    } finally {
      await worker.terminate()
      trimMemory()
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
