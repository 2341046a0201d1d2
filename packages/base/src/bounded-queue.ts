import type { Counters } from './counters.ts'

/**
 * A first-in, first-out queue of at most `capacity` items between one producer and one consumer. When it is full the
 * newest item is refused and counted as lost, so what is in it stays in order and complete.
 */
export class BoundedQueue<T> {
  readonly #capacity: number
  readonly #items: (T | undefined)[]
  #head = 0
  #size = 0
  #emitted = 0
  #delivered = 0
  #lost = 0
  #closed = false
  #wake: (() => void) | undefined

  /** @throws {RangeError} when `capacity` is not a whole number of at least 1 */
  constructor(capacity: number) {
    if (!Number.isSafeInteger(capacity) || capacity < 1) {
      throw new RangeError(`capacity must be a whole number of at least 1, got ${capacity}`)
    }
    this.#capacity = capacity
    this.#items = Array.from({ length: capacity })
  }

  get size(): number {
    return this.#size
  }

  get counters(): Counters {
    return { emitted: this.#emitted, delivered: this.#delivered, lost: this.#lost }
  }

  /** Adds an item. False when the queue is full or closed; the item is then counted as lost. */
  offer(item: T): boolean {
    this.#emitted += 1
    if (this.#closed || this.#size === this.#capacity) {
      this.#lost += 1
      return false
    }
    this.#items[(this.#head + this.#size) % this.#capacity] = item
    this.#size += 1
    this.#wake?.()
    return true
  }

  /** Takes up to `limit` items that are there now; an empty array when there are none. */
  take(limit = this.#capacity): T[] {
    const count = Math.min(limit, this.#size)
    const taken: T[] = []
    for (let i = 0; i < count; i += 1) {
      taken.push(this.#items[this.#head] as T)
      this.#items[this.#head] = undefined
      this.#head = (this.#head + 1) % this.#capacity
    }
    this.#size -= count
    this.#delivered += count
    return taken
  }

  /** No more items are accepted; the consumer gets what is left and then the end. */
  close(): void {
    this.#closed = true
    this.#wake?.()
  }

  /** Batches of at most `limit` items, until the queue is closed and empty or the signal aborts. One consumer at a time. */
  async *batches(limit = this.#capacity, signal?: AbortSignal): AsyncGenerator<T[]> {
    const onAbort = () => this.#wake?.()
    signal?.addEventListener('abort', onAbort)
    try {
      while (!signal?.aborted) {
        if (this.#size > 0) {
          yield this.take(limit)
          continue
        }
        if (this.#closed) return
        await new Promise<void>((resolve) => {
          this.#wake = resolve
        })
        this.#wake = undefined
      }
    } finally {
      signal?.removeEventListener('abort', onAbort)
    }
  }
}
