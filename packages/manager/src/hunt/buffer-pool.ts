/** Buffers that are kept for the next time. */
const MOST_KEPT = 4

/**
 * Buffers of one size that are used again: fresh memory costs more than reading a small file into it. What is in a buffer
 * is good until it is given back.
 */
export class BufferPool {
  readonly #sizeBytes: number
  readonly #free: Buffer[] = []

  constructor(sizeBytes: number) {
    this.#sizeBytes = sizeBytes
  }

  take(): Buffer {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(this.#sizeBytes)
  }

  give(buffer: Buffer): void {
    if (this.#free.length < MOST_KEPT) this.#free.push(buffer)
  }
}
