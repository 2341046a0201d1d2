import { existsSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import type { Clock, Counters, Logger } from '@vedette/base'
import type { BlindSpot, JournalRecord } from '@vedette/model'
import { z } from 'zod'
import type { Collector, CollectorContext } from '../../collector.ts'
import { readKept, writeKept } from '../../kept-file.ts'
import { Deliveries } from '../file/deliveries.ts'
import { Wake } from '../file/wake.ts'
import type { JournalConfig } from './config.ts'
import { JournalFiles, type JournalPositions } from './journal-files.ts'
import type { JournalTail } from './journal-tail.ts'

/** Entries in a batch; between two batches others have their turn. */
const BATCH = 256

const positionsSchema = z.object({
  version: z.literal(1),
  files: z.record(z.string().regex(/^[0-9a-f]{32}$/), z.int().nonnegative()),
})

/**
 * Follows the files of the systemd journal, across rotation and restarts, without the library of systemd. Entries are counted
 * by file, and a file is known by the id in it, which renaming does not change.
 */
export class JournalCollector implements Collector {
  readonly name = 'journal'
  readonly #config: JournalConfig
  readonly #log: Logger
  readonly #clock: Clock
  readonly #positionsFile: string | undefined
  readonly #files: JournalFiles
  readonly #wake = new Wake()
  readonly #deliveries = new Deliveries<JournalPositions>()
  readonly #isIdle: boolean
  #saving: Promise<void> = Promise.resolve()
  #delivered = 0
  #lost = 0
  #batches = 0

  constructor(config: JournalConfig, { clock, log, stateFolder }: CollectorContext) {
    this.#config = config
    this.#log = log
    this.#clock = clock
    this.#positionsFile = stateFolder === undefined ? undefined : `${stateFolder}/journal.json`
    this.#files = new JournalFiles(config)
    this.#isIdle =
      config.read === 'never' ||
      (config.read === 'auto' && config.unless_files.some((path) => existsSync(path)))
  }

  async *records(signal: AbortSignal): AsyncGenerator<readonly JournalRecord[]> {
    if (this.#isIdle) {
      await this.#wake.untilAborted(signal)
      return
    }
    const saved = await this.#load()
    if (saved !== undefined) this.#files.resume(saved)
    this.#files.look(true)
    // Where it begins must be known after a restart, also when no entry has come by then.
    if (saved === undefined) await this.#save(this.#files.positions())
    while (!signal.aborted) {
      const before = this.#batches
      for (const tail of this.#files.tails) {
        if (!tail.look()) continue
        yield* this.#read(tail, signal)
        if (signal.aborted) return
      }
      if (this.#batches === before) {
        this.#wake.follow(this.#files.folders)
        await this.#wake.wait(this.#config.poll_interval_ms, signal)
      }
      this.#files.look(false)
    }
  }

  counters(): Counters {
    return { emitted: this.#delivered + this.#lost, delivered: this.#delivered, lost: this.#lost }
  }

  blindSpots(): readonly BlindSpot[] {
    return [...this.#files.refused].map(([path, reason]) => ({
      code: 'journal-unreadable',
      message: `Entries of the journal ${path} are not seen: ${reason}`,
    }))
  }

  async commit(batches: number): Promise<void> {
    const positions = this.#deliveries.safe(batches)
    if (positions !== undefined) await this.#save(positions)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#wake[Symbol.dispose]()
    await this.#saving.catch(() => undefined)
    this.#files[Symbol.dispose]()
  }

  async *#read(tail: JournalTail, signal: AbortSignal): AsyncGenerator<readonly JournalRecord[]> {
    for (let more = true; more && !signal.aborted;) {
      const { entries, faults, more: isMore } = tail.read(BATCH)
      more = isMore
      this.#lost += faults.length
      if (faults.length > 0) {
        this.#log.warn({ path: tail.path, faults: faults.slice(0, 3) }, 'entries of the journal are damaged')
      }
      if (entries.length === 0) continue
      const records = entries.map(({ realtimeUs, fields }): JournalRecord => ({
        source: 'journal',
        timeMs: Number.isFinite(realtimeUs) ? realtimeUs / 1000 : this.#clock.now(),
        path: tail.path,
        fields,
      }))
      this.#delivered += records.length
      this.#batches += 1
      if (this.#positionsFile !== undefined) this.#deliveries.given(this.#batches, this.#files.positions())
      yield records
      await setImmediate()
    }
  }

  async #load(): Promise<JournalPositions | undefined> {
    if (this.#positionsFile === undefined) return undefined
    const kept = await readKept(this.#positionsFile)
    if (kept === undefined) return undefined
    const parsed = positionsSchema.safeParse(kept)
    if (parsed.success) return parsed.data.files
    // Better every entry once more than none.
    this.#log.error({}, 'saved positions cannot be used; the journal is read from its beginning')
    return {}
  }

  /** One write at a time, in order. */
  #save(files: JournalPositions): Promise<void> {
    const file = this.#positionsFile
    if (file === undefined) return Promise.resolve()
    this.#saving = this.#saving.catch(() => undefined).then(() => writeKept(file, { version: 1, files }))
    return this.#saving
  }
}
