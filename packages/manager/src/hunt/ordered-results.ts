import { deserialize, serialize } from 'node:v8'
import type { UnitBatch } from './hunt-unit.ts'
import { type Place, SpoolFile } from './spool-file.ts'

/** What takes the results, one call at a time, unit by unit in their order. */
export interface OrderedSink {
  batch(unit: number, batch: UnitBatch): Promise<void>
  /** The unit is through: `reason` says why it was given up, where it was. */
  end(unit: number, reason: string | undefined): void
}

interface Held {
  readonly batches: (UnitBatch | Place)[]
  through: boolean
  reason: string | undefined
}

/** Characters of records that are held in memory for units that are not yet their turn; what is more goes to a file. */
const MOST_HELD = 32 << 20

/**
 * Puts results of units that come in any order into the order of the units. What the foremost unit finds passes straight
 * through; what others find waits. Memory is bounded: what does not fit waits in a file.
 */
export class OrderedResults {
  readonly #sink: OrderedSink
  readonly #mostHeld: number
  readonly #held = new Map<number, Held>()
  readonly #spool = new SpoolFile()
  #heldLength = 0
  #foremost = 0
  #turn: Promise<void> = Promise.resolve()

  constructor(sink: OrderedSink, mostHeld = MOST_HELD) {
    this.#sink = sink
    this.#mostHeld = mostHeld
  }

  /** Resolves when the batch was taken or put aside. Throws what the sink throws. */
  push(unit: number, batch: UnitBatch): Promise<void> {
    return this.#next(async () => {
      if (unit === this.#foremost) await this.#sink.batch(unit, batch)
      else this.#hold(unit, batch)
    })
  }

  /** Nothing more comes of this unit. */
  finish(unit: number, reason: string | undefined): Promise<void> {
    return this.#next(async () => {
      if (unit !== this.#foremost) {
        const held = this.#heldOf(unit)
        held.through = true
        held.reason = reason
        return
      }
      this.#sink.end(unit, reason)
      this.#foremost += 1
      await this.#drain()
    })
  }

  [Symbol.dispose](): void {
    this.#spool[Symbol.dispose]()
  }

  /** One after the other: the sink is never called twice at once, and who finds more than it takes has to wait. */
  #next(work: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(work)
    this.#turn = done.catch(() => undefined)
    return done
  }

  async #drain(): Promise<void> {
    for (let held = this.#held.get(this.#foremost); held; held = this.#held.get(this.#foremost)) {
      this.#held.delete(this.#foremost)
      for (const one of held.batches) {
        const batch = 'offset' in one ? (deserialize(this.#spool.read(one)) as UnitBatch) : one
        if (batch === one) this.#heldLength -= lengthOf(batch)
        await this.#sink.batch(this.#foremost, batch)
      }
      // What else it finds passes straight through.
      if (!held.through) break
      this.#sink.end(this.#foremost, held.reason)
      this.#foremost += 1
    }
    if (this.#held.size === 0) this.#spool.clear()
  }

  #hold(unit: number, batch: UnitBatch): void {
    const length = lengthOf(batch)
    const { batches } = this.#heldOf(unit)
    if (this.#heldLength + length > this.#mostHeld) {
      batches.push(this.#spool.append(serialize(batch)))
      return
    }
    this.#heldLength += length
    batches.push(batch)
  }

  #heldOf(unit: number): Held {
    const found = this.#held.get(unit)
    if (found) return found
    const held: Held = { batches: [], through: false, reason: undefined }
    this.#held.set(unit, held)
    return held
  }
}

/** About the characters that a batch takes. */
function lengthOf({ matches }: UnitBatch): number {
  let length = 200 + matches.rules.length * 40
  for (const text of matches.texts) length += text.length
  return length
}
