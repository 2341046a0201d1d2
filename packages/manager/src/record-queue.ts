import type { RawRecord } from '@vedette/model'

/**
 * Joins the batches of several collectors into one queue of records. It holds `capacity` records and, beyond them, one
 * batch of each collector: who offers to a full queue waits, so that nothing is lost here and a collector that is not
 * asked keeps its records in the kernel, where the loss is counted.
 */
export class RecordQueue {
  readonly #capacity: number
  #batches: (readonly RawRecord[])[] = []
  #size = 0
  #closed = false
  #lost = 0
  #wakeConsumer: (() => void) | undefined
  #room: PromiseWithResolvers<void> | undefined

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  get size(): number {
    return this.#size
  }

  /** Records that were offered after the end, or that nobody took. */
  get lost(): number {
    return this.#lost
  }

  /** Adds a batch; resolves once there is room for another. */
  async offer(batch: readonly RawRecord[]): Promise<void> {
    if (batch.length === 0) return
    if (this.#closed) {
      this.#lost += batch.length
      return
    }
    this.#batches.push(batch)
    this.#size += batch.length
    this.#wakeConsumer?.()
    while (this.#size >= this.#capacity && !this.#closed) {
      this.#room ??= Promise.withResolvers<void>()
      await this.#room.promise
    }
  }

  /** Up to `limit` records that are there, oldest first. Waits for one; undefined after the last, once it is closed. */
  async take(limit: number): Promise<readonly RawRecord[] | undefined> {
    while (this.#size === 0) {
      if (this.#closed) return undefined
      await new Promise<void>((resolve) => {
        this.#wakeConsumer = resolve
      })
      this.#wakeConsumer = undefined
    }
    const taken: RawRecord[] = []
    let used = 0
    for (const batch of this.#batches) {
      const room = limit - taken.length
      if (batch.length > room) {
        if (room > 0) {
          taken.push(...batch.slice(0, room))
          this.#batches[used] = batch.slice(room)
        }
        break
      }
      for (const record of batch) taken.push(record)
      used += 1
    }
    this.#batches = this.#batches.slice(used)
    this.#size -= taken.length
    if (this.#size < this.#capacity) {
      this.#room?.resolve()
      this.#room = undefined
    }
    return taken
  }

  /** No more is accepted; what is there can still be taken. */
  close(): void {
    this.#closed = true
    this.#room?.resolve()
    this.#room = undefined
    this.#wakeConsumer?.()
  }
  /** Closes, and forgets what is there: nobody will take it. */
  abandon(): void {
    this.#lost += this.#size
    this.#batches = []
    this.#size = 0
    this.close()
  }
}
