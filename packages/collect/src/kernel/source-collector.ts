import { BoundedQueue, type Counters } from '@vedette/base'
import type { BlindSpot, RawRecord } from '@vedette/model'
import type { Collector } from '../collector.ts'
import { kindOf } from './kind-of.ts'
import type { Source } from './source.ts'

export interface SourceCollectorOptions {
  readonly name: string
  /** Disposed of with the collector. */
  readonly source: Source
  readonly blindSpots: readonly BlindSpot[]
  /** Most records that wait for the consumer. What comes when it is full is lost, and counted. */
  readonly queueSize: number
}

/** At most this many records in a batch. */
const BATCH = 4096

/**
 * A collector whose source runs on this thread: for one that does little at a time, and for which a thread of its own would
 * take more memory than all that it knows.
 */
export class SourceCollector implements Collector {
  readonly name: string
  readonly #source: Source
  readonly #queue: BoundedQueue<RawRecord>
  readonly #blindSpots: readonly BlindSpot[]
  readonly #kinds = new Map<string, { emitted: number; delivered: number; lost: number }>()
  readonly #stop = new AbortController()
  #running: Promise<void> = Promise.resolve()
  #lostAtSource = 0

  constructor({ name, source, blindSpots, queueSize }: SourceCollectorOptions) {
    this.name = name
    this.#source = source
    this.#blindSpots = blindSpots
    this.#queue = new BoundedQueue(queueSize)
  }

  async *records(signal: AbortSignal): AsyncGenerator<readonly RawRecord[]> {
    let failure: { readonly error: unknown } | undefined
    const ending = AbortSignal.any([signal, this.#stop.signal])
    this.#running = this.#source
      .run((records, lost, ofKind = 'unseen') => this.#take(records, lost, ofKind), ending)
      .catch((error: unknown) => {
        failure = { error }
      })
      .finally(() => this.#queue.close())
    for await (const batch of this.#queue.batches(BATCH)) {
      for (const record of batch) this.#book(kindOf(record)).delivered += 1
      yield batch
    }
    if (failure !== undefined && !ending.aborted) throw failure.error
  }

  counters(): Counters {
    const { emitted, delivered, lost } = this.#queue.counters
    return { emitted: emitted + this.#lostAtSource, delivered, lost: lost + this.#lostAtSource }
  }

  kinds(): Readonly<Record<string, Counters>> {
    return Object.fromEntries([...this.#kinds].map(([kind, book]) => [kind, { ...book }]))
  }

  blindSpots(): readonly BlindSpot[] {
    return this.#blindSpots
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await this.#running
    this.#source[Symbol.dispose]()
  }

  #take(records: readonly RawRecord[], lost: number, ofKind: string): void {
    this.#lostAtSource += lost
    if (lost > 0) {
      const missing = this.#book(ofKind)
      missing.emitted += lost
      missing.lost += lost
    }
    for (const record of records) {
      const book = this.#book(kindOf(record))
      book.emitted += 1
      if (!this.#queue.offer(record)) book.lost += 1
    }
  }

  #book(kind: string): { emitted: number; delivered: number; lost: number } {
    let book = this.#kinds.get(kind)
    if (book === undefined) {
      book = { emitted: 0, delivered: 0, lost: 0 }
      this.#kinds.set(kind, book)
    }
    return book
  }
}
