import type { Detection } from '@vedette/model'

/** How far above the floor finished batches are remembered one by one; an agent has far fewer of them on the way. */
const MAX_ABOVE_FLOOR = 4096

/**
 * Which batches of one run of an agent this process has judged, so that one that is sent again is neither counted
 * twice by a threshold rule nor judged by two rule sets.
 */
export class DeliveredBatches {
  /** Every sequence up to here is finished. */
  #floor = -1
  readonly #finished = new Set<number>()
  readonly #judged = new Map<number, readonly Detection[]>()
  readonly #running = new Map<number, Promise<void>>()

  isFinished(sequence: number): boolean {
    return sequence <= this.#floor || this.#finished.has(sequence)
  }

  /** The delivery of that batch which is going on. */
  running(sequence: number): Promise<void> | undefined {
    return this.#running.get(sequence)
  }

  /** What the rules said of the batch, judged at most once. */
  judge(sequence: number, evaluate: () => readonly Detection[]): readonly Detection[] {
    const known = this.#judged.get(sequence)
    if (known) return known
    const detections = evaluate()
    this.#judged.set(sequence, detections)
    return detections
  }

  /** Follows a delivery: when it fails the verdict is kept for the next try, when it succeeds the batch is finished. */
  async follow(sequence: number, delivery: Promise<void>): Promise<void> {
    this.#running.set(sequence, delivery)
    try {
      await delivery
      this.#finish(sequence)
    } finally {
      this.#running.delete(sequence)
    }
  }

  #finish(sequence: number): void {
    this.#judged.delete(sequence)
    this.#finished.add(sequence)
    // A spool that was full leaves gaps that never close; batches come in order, so what is far back is finished.
    if (this.#finished.size > MAX_ABOVE_FLOOR) this.#floor = Math.min(...this.#finished)
    for (const finished of this.#finished) if (finished <= this.#floor) this.#finished.delete(finished)
    while (this.#finished.delete(this.#floor + 1)) this.#floor += 1
  }
}
