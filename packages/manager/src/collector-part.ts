import { addCounters, type Counters, type Logger, zeroCounters } from '@vedette/base'
import type { Collector } from '@vedette/collect'
import type { BlindSpot, PartReport } from '@vedette/model'
import type { RecordQueue } from './record-queue.ts'

/** A collector that was opened, or the reason why there is none. */
export type Opened =
  | { readonly collector: Collector; readonly passedOver: readonly BlindSpot[] }
  | { readonly reason: BlindSpot }

interface Watched {
  readonly path: string
  handle: AsyncDisposable | undefined
}

/**
 * One place in the watch that a collector fills. It survives the collector: when that fails, the next one is opened, its
 * watched paths are set again, and the counters go on.
 */
export class CollectorPart {
  #name: string
  readonly #open: () => Promise<Opened>
  readonly #log: Logger
  readonly #watched = new Set<Watched>()
  #state: PartReport['state'] = 'stopped'
  #collector: Collector | undefined
  #passedOver: readonly BlindSpot[] = []
  #reason: BlindSpot | undefined
  #before: Counters = zeroCounters
  #given = 0
  #kept = 0
  #committing: Promise<void> = Promise.resolve()
  #committed = 0

  constructor(name: string, open: () => Promise<Opened>, log: Logger) {
    this.#name = name
    this.#open = open
    this.#log = log
  }

  get usable(): boolean {
    return this.#state === 'running'
  }

  get seesFiles(): boolean {
    return this.#collector?.watch !== undefined
  }

  report(): PartReport {
    return { name: this.#name, state: this.#state, counters: this.#counters() }
  }

  blindSpots(): readonly BlindSpot[] {
    return [
      ...(this.#reason === undefined ? [] : [this.#reason]),
      ...this.#passedOver,
      ...(this.#collector?.blindSpots() ?? []),
    ]
  }

  async open(): Promise<void> {
    const opened = await this.#open()
    if ('reason' in opened) {
      this.#state = 'unavailable'
      this.#reason = opened.reason
      return
    }
    this.#reason = undefined
    this.#collector = opened.collector
    this.#name = opened.collector.name
    this.#passedOver = opened.passedOver
    this.#state = 'running'
    this.#given = 0
    this.#kept = 0
    this.#committed = 0
    for (const watched of this.#watched) await this.#apply(watched)
  }

  /** Hands the collector's records to the queue until the signal aborts. Throws when it fails; then call it again. */
  async run(queue: RecordQueue, signal: AbortSignal): Promise<void> {
    if (this.#state === 'failed') await this.open()
    const collector = this.#collector
    if (collector === undefined) return
    const source = { kept: (number: number) => this.#commit(collector, number) }
    try {
      for await (const batch of collector.records(signal)) {
        this.#given += 1
        await queue.offer(batch, collector.commit && { source, number: this.#given })
      }
      if (!signal.aborted) throw new Error(`Collector ${collector.name} ended by itself`)
      // It stays open: what it gave may still be committed.
      this.#state = 'stopped'
    } catch (error) {
      this.#state = 'failed'
      await this.close()
      throw error
    }
  }

  /** Watches a path for as long as the answer is not disposed of, also with the collectors that follow this one. */
  async watch(path: string): Promise<AsyncDisposable> {
    const watched: Watched = { path, handle: undefined }
    this.#watched.add(watched)
    try {
      if (this.#collector?.watch) watched.handle = await this.#collector.watch(path)
    } catch (error) {
      this.#watched.delete(watched)
      throw error
    }
    return {
      [Symbol.asyncDispose]: async () => {
        if (this.#watched.delete(watched)) await watched.handle?.[Symbol.asyncDispose]()
      },
    }
  }

  /** Lets the collector go and keeps what it counted; what it has not handed on by now is lost. */
  async close(): Promise<void> {
    const collector = this.#collector
    if (collector === undefined) return
    await this.#committing
    await collector[Symbol.asyncDispose]()
    const { emitted, delivered, lost } = collector.counters()
    this.#before = addCounters(this.#before, {
      emitted,
      delivered,
      lost: Math.max(lost, emitted - delivered),
    })
    this.#collector = undefined
    for (const watched of this.#watched) watched.handle = undefined
  }

  /** The first `number` batches of that collector are kept. Several answers that come meanwhile become one commit. */
  #commit(collector: Collector, number: number): void {
    if (collector !== this.#collector) return
    this.#kept = Math.max(this.#kept, number)
    this.#committing = this.#committing.then(async () => {
      if (collector !== this.#collector || this.#committed >= this.#kept) return
      const upTo = this.#kept
      try {
        await collector.commit?.(upTo)
        this.#committed = upTo
      } catch (error) {
        this.#log.warn({ error, part: this.#name }, 'how far a source was read could not be kept')
      }
    })
  }

  #counters(): Counters {
    return this.#collector === undefined
      ? this.#before
      : addCounters(this.#before, this.#collector.counters())
  }

  async #apply(watched: Watched): Promise<void> {
    try {
      watched.handle = await this.#collector?.watch?.(watched.path)
    } catch (error) {
      this.#log.warn({ error, path: watched.path }, 'path is no longer watched')
    }
  }
}
