import type { RawRecord } from '@vedette/model'

/** Which batch of which source: told to the source once all that came of the batch is kept for good. */
export interface BatchMark {
  readonly source: { kept(number: number): void }
  readonly number: number
}

export interface Taken {
  readonly records: readonly RawRecord[]
  /** Of the batches of which these are the last records, oldest first. */
  readonly marks: readonly BatchMark[]
}

interface Batch {
  readonly records: readonly RawRecord[]
  readonly mark: BatchMark | undefined
}

/**
 * Joins the batches of several collectors into one queue of records. It holds `capacity` records and, beyond them, one
 * batch of each collector: who offers to a full queue waits, so that nothing is lost here and a collector that is not
 * asked keeps its records in the kernel, where the loss is counted.
 */
export class RecordQueue {
  readonly #capacity: number
  #batches: Batch[] = []
  #size = 0
  #closed = false
  #lost = 0
  #offered = 0
  #wakeConsumer: (() => void) | undefined
  #room: PromiseWithResolvers<void> | undefined

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  get size(): number {
    return this.#size
  }

  /** Records that were offered, those that were refused with them. */
  get offered(): number {
    return this.#offered
  }

  /** Records that were offered after the end, or that nobody took. */
  get lost(): number {
    return this.#lost
  }

  /**
   * Adds a batch; resolves once there is room for another.
   *
   * @param mark handed to who takes the last of its records
   */
  async offer(records: readonly RawRecord[], mark?: BatchMark): Promise<void> {
    if (records.length === 0) return
    this.#offered += records.length
    if (this.#closed) {
      this.#lost += records.length
      return
    }
    this.#batches.push({ records, mark })
    this.#size += records.length
    this.#wakeConsumer?.()
    while (this.#size >= this.#capacity && !this.#closed) {
      this.#room ??= Promise.withResolvers<void>()
      await this.#room.promise
    }
  }

  /** Puts records before all that wait, room or not: what is told of the watch itself is few and must not be late. */
  offerFirst(records: readonly RawRecord[]): void {
    this.#offered += records.length
    if (this.#closed) {
      this.#lost += records.length
      return
    }
    this.#batches.unshift({ records, mark: undefined })
    this.#size += records.length
    this.#wakeConsumer?.()
  }

  /** Up to `limit` records that are there, oldest first. Waits for one; undefined after the last, once it is closed. */
  async take(limit: number): Promise<Taken | undefined> {
    while (this.#size === 0) {
      if (this.#closed) return undefined
      await new Promise<void>((resolve) => {
        this.#wakeConsumer = resolve
      })
      this.#wakeConsumer = undefined
    }
    const taken: RawRecord[] = []
    const marks: BatchMark[] = []
    let used = 0
    for (const { records, mark } of this.#batches) {
      const room = limit - taken.length
      if (records.length > room) {
        if (room > 0) {
          taken.push(...records.slice(0, room))
          this.#batches[used] = { records: records.slice(room), mark }
        }
        break
      }
      for (const record of records) taken.push(record)
      if (mark) marks.push(mark)
      used += 1
    }
    this.#batches = this.#batches.slice(used)
    this.#size -= taken.length
    if (this.#size < this.#capacity) {
      this.#room?.resolve()
      this.#room = undefined
    }
    return { records: taken, marks }
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
