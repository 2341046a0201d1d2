import { addCounters, type Counters } from '@vedette/base'
import type { BlindSpot, RawRecord } from '@vedette/model'
import type { Collector } from '../collector.ts'
import { FILE_ACTOR_UNKNOWN } from './blind-spots.ts'

type Batches = AsyncIterator<readonly RawRecord[]>

/**
 * A collector that watches the kernel and one beside it that watches files for it: to the rest of the house they are one, with
 * the name of the first. Where one of them fails, both end.
 */
export class PairedCollector implements Collector {
  readonly name: string
  readonly #kernel: Collector
  readonly #files: Collector

  constructor(kernel: Collector, files: Collector) {
    this.name = kernel.name
    this.#kernel = kernel
    this.#files = files
  }

  async *records(signal: AbortSignal): AsyncGenerator<readonly RawRecord[]> {
    const ending = new AbortController()
    const both = AbortSignal.any([signal, ending.signal])
    const sources: Batches[] = [this.#kernel, this.#files].map((one) =>
      one.records(both)[Symbol.asyncIterator](),
    )
    const next = (source: Batches) => source.next().then((result) => ({ source, result }))
    const waiting = new Map(sources.map((source) => [source, next(source)]))
    try {
      while (waiting.size > 0) {
        const { source, result } = await Promise.race(waiting.values())
        if (result.done === true) {
          waiting.delete(source)
          // By itself only one that has failed ends.
          if (!signal.aborted) return
          continue
        }
        waiting.set(source, next(source))
        yield result.value
      }
    } finally {
      ending.abort()
      for (const rest of waiting.values()) rest.catch(() => undefined)
    }
  }

  counters(): Counters {
    return addCounters(this.#kernel.counters(), this.#files.counters())
  }

  kinds(): Readonly<Record<string, Counters>> {
    const kinds: Record<string, Counters> = { ...this.#kernel.kinds?.() }
    for (const [kind, book] of Object.entries(this.#files.kinds?.() ?? {})) {
      const other = kinds[kind]
      kinds[kind] = other === undefined ? book : addCounters(other, book)
    }
    return kinds
  }

  silentMs(): number {
    return Math.max(this.#kernel.silentMs?.() ?? 0, this.#files.silentMs?.() ?? 0)
  }

  blindSpots(): readonly BlindSpot[] {
    const ofKernel = this.#kernel.blindSpots().filter(({ code }) => code !== FILE_ACTOR_UNKNOWN)
    return [...ofKernel, ...this.#files.blindSpots()]
  }

  async watch(path: string): Promise<AsyncDisposable> {
    if (this.#files.watch === undefined) throw new TypeError(`Collector ${this.#files.name} watches no paths`)
    return this.#files.watch(path)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#kernel[Symbol.asyncDispose](), this.#files[Symbol.asyncDispose]()])
  }
}
