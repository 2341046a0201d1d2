import { addCounters, CodedError, type Counters, type Logger, zeroCounters } from '@vedette/base'
import { setTimeout as delay } from 'node:timers/promises'
import type { Collector } from '@vedette/collect'
import type { BlindSpot, PartReport, RawRecord } from '@vedette/model'
import type { RecordQueue } from './record-queue.ts'

/** A collector that was opened, or the reason why there is none. */
export type Opened =
  | { readonly collector: Collector; readonly passedOver: readonly BlindSpot[] }
  | { readonly reason: BlindSpot }

/** Told of what the books do not show. */
export type OnTrouble = (part: string, cause: 'failed' | 'stuck', detail: string) => void

interface Watched {
  readonly path: string
  handle: AsyncDisposable | undefined
}

/** A collector whose thread gives no sign of life for so long is ended and opened anew. */
const LONGEST_SILENCE_MS = 6000
const LOOK_MS = 500
/** How long a collector may take to let go of what it holds. */
const CLOSE_MS = 3000

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
  #kindsBefore = new Map<string, Counters>()
  readonly #onTrouble: OnTrouble
  readonly #onHopeless: (part: string) => void
  #given = 0
  #handed = 0
  #kept = 0
  #committing: Promise<void> = Promise.resolve()
  #committed = 0

  /** @param onHopeless told when it cannot be ended, so that only a new process would help */
  constructor(
    name: string,
    open: () => Promise<Opened>,
    log: Logger,
    onTrouble: OnTrouble = () => undefined,
    onHopeless: (part: string) => void = () => undefined,
  ) {
    this.#onTrouble = onTrouble
    this.#onHopeless = onHopeless
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
    const kinds = this.#kinds()
    return {
      name: this.#name,
      state: this.#state,
      counters: this.#counters(),
      ...(Object.keys(kinds).length > 0 && { kinds }),
    }
  }

  /** Records that it put into the queue: as many as its collectors delivered. */
  get handed(): number {
    return this.#handed
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
    if (this.#state === 'failed') await this.#openAgain()
    const collector = this.#collector
    if (collector === undefined) return
    const source = { kept: (number: number) => this.#commit(collector, number) }
    try {
      for await (const batch of this.#answering(collector, signal)) {
        this.#given += 1
        this.#handed += batch.length
        await queue.offer(batch, collector.commit && { source, number: this.#given })
      }
      if (!signal.aborted) throw new Error(`Collector ${collector.name} ended by itself`)
      // It stays open: what it gave may still be committed.
      this.#state = 'stopped'
    } catch (error) {
      this.#state = 'failed'
      const isStuck = error instanceof Error && 'code' in error && error.code === 'collector-stuck'
      const reason = error instanceof Error ? error.message : String(error)
      this.#onTrouble(this.#name, isStuck ? 'stuck' : 'failed', reason)
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
    // A collector that is stuck may not be able to commit either.
    const patience = new AbortController()
    const closed = this.#committing.then(() => collector[Symbol.asyncDispose]()).then(() => true)
    const late = delay(CLOSE_MS, false, { signal: patience.signal }).catch(() => false)
    const isClosed = await Promise.race([closed, late])
    patience.abort()
    if (!isClosed) {
      closed.catch(() => undefined)
      this.#log.error({ part: this.#name }, 'collector cannot be ended')
      this.#onHopeless(this.#name)
    }
    const { emitted, delivered, lost } = collector.counters()
    for (const [kind, book] of Object.entries(collector.kinds?.() ?? {})) {
      const gone = { ...book, lost: Math.max(book.lost, book.emitted - book.delivered) }
      this.#kindsBefore.set(kind, addCounters(this.#kindsBefore.get(kind) ?? zeroCounters, gone))
    }
    this.#before = addCounters(this.#before, {
      emitted,
      delivered,
      lost: Math.max(lost, emitted - delivered),
    })
    this.#collector = undefined
    for (const watched of this.#watched) watched.handle = undefined
  }

  /**
   * Its records, for as long as its thread gives signs of life.
   *
   * @throws {CodedError} `collector-stuck`
   */
  async *#answering(
    collector: Collector,
    signal: AbortSignal,
  ): AsyncGenerator<readonly RawRecord[], void, undefined> {
    if (collector.silentMs === undefined) {
      yield* collector.records(signal)
      return
    }
    // Not a race of promises: one that waits as long as the collector runs would hold the outcome of each race, all that
    // was ever read.
    let giveUp: ((reason: Error) => void) | undefined
    const watchdog = setInterval(() => {
      const silentMs = collector.silentMs?.() ?? 0
      if (silentMs <= LONGEST_SILENCE_MS) return
      const seconds = Math.round(silentMs / 1000)
      giveUp?.(
        new CodedError(
          'collector-stuck',
          `Collector ${collector.name} gave no sign of life for ${seconds} s`,
        ),
      )
    }, LOOK_MS)
    const records = collector.records(signal)[Symbol.asyncIterator]()
    let ended = false
    try {
      for (;;) {
        const next = Promise.withResolvers<IteratorResult<readonly RawRecord[]>>()
        giveUp = next.reject
        // Where it is stuck, nobody waits for this any more.
        records.next().then(next.resolve, next.reject)
        const { done, value } = await next.promise
        giveUp = undefined
        ended = done === true
        if (ended) return
        yield value as readonly RawRecord[]
      }
    } finally {
      clearInterval(watchdog)
      // Not waited for: of a collector that is stuck the answer does not come.
      if (!ended) void records.return?.(undefined)?.catch(() => undefined)
    }
  }

  /** What opens it again may hang as well, on the same thing. */
  async #openAgain(): Promise<void> {
    try {
      await this.open()
    } catch (error) {
      this.#onTrouble(this.#name, 'failed', error instanceof Error ? error.message : String(error))
      throw error
    }
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

  #kinds(): Readonly<Record<string, Counters>> {
    const kinds = new Map(this.#kindsBefore)
    if (this.#collector !== undefined) {
      for (const [kind, book] of Object.entries(this.#collector.kinds?.() ?? {})) {
        kinds.set(kind, addCounters(kinds.get(kind) ?? zeroCounters, book))
      }
    }
    return Object.fromEntries(kinds)
  }

  async #apply(watched: Watched): Promise<void> {
    try {
      watched.handle = await this.#collector?.watch?.(watched.path)
    } catch (error) {
      this.#log.warn({ error, path: watched.path }, 'path is no longer watched')
    }
  }
}
