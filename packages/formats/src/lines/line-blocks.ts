/** Longest line that is read, bytes without its line feed. */
export const MAX_LINE_BYTES = 1_048_576

/** About how many bytes of whole lines are handed on at once: texts of this size stay in the cache of a core. */
const BLOCK_BYTES = 65_536
const LINE_FEED = 10

export interface LineBlockSink {
  /**
   * One or more whole lines, each but perhaps the file's last with its line feed. `offset` is that of the first byte, from
   * the first byte pushed. The bytes are only good during the call.
   */
  block(bytes: Buffer, offset: number): void
  /** A line that is longer than `MAX_LINE_BYTES` begins at `offset`; its bytes are left out. */
  tooLong(offset: number): void
}

/**
 * Cuts bytes into blocks of whole lines, wherever the pieces were cut that are pushed. Keeps at most one line; time in
 * proportion to the bytes.
 */
export class LineBlocks {
  readonly #sink: LineBlockSink
  #offset = 0
  /** The beginning of a line whose end has not come yet. */
  #kept = Buffer.alloc(0)
  #keptBytes = 0
  #keptOffset = 0
  #skipping = false

  constructor(sink: LineBlockSink) {
    this.#sink = sink
  }

  push(bytes: Uint8Array): void {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    let at = 0
    if (this.#keptBytes > 0 || this.#skipping) {
      const end = buffer.indexOf(LINE_FEED)
      at = end === -1 ? buffer.length : end + 1
      this.#keep(buffer.subarray(0, at), this.#keptOffset)
      if (end === -1) {
        this.#offset += buffer.length
        return
      }
      this.#flush()
    }
    while (at < buffer.length) {
      let end = buffer.lastIndexOf(LINE_FEED, Math.min(at + BLOCK_BYTES, buffer.length) - 1) + 1
      if (end <= at) end = buffer.indexOf(LINE_FEED, at) + 1
      if (end === 0) break
      // A block without a line feed before its last byte is one line.
      if (end - at - 1 > MAX_LINE_BYTES) this.#sink.tooLong(this.#offset + at)
      else this.#sink.block(buffer.subarray(at, end), this.#offset + at)
      at = end
    }
    if (at < buffer.length) this.#keep(buffer.subarray(at), this.#offset + at)
    this.#offset += buffer.length
  }

  /** Hands on the last line, where the file does not end with a line feed. */
  end(): void {
    this.#flush()
  }

  #keep(bytes: Buffer, offset: number): void {
    if (this.#skipping) return
    this.#keptOffset = offset
    const total = this.#keptBytes + bytes.length
    if (total > MAX_LINE_BYTES + 1 || (total > MAX_LINE_BYTES && bytes.at(-1) !== LINE_FEED)) {
      this.#skipping = true
      this.#keptBytes = 0
      this.#sink.tooLong(offset)
      return
    }
    if (total > this.#kept.length) {
      const larger = Buffer.allocUnsafe(Math.max(total, this.#kept.length * 2, 4096))
      this.#kept.copy(larger, 0, 0, this.#keptBytes)
      this.#kept = larger
    }
    bytes.copy(this.#kept, this.#keptBytes)
    this.#keptBytes = total
  }

  #flush(): void {
    const bytes = this.#kept.subarray(0, this.#keptBytes)
    this.#keptBytes = 0
    this.#skipping = false
    if (bytes.length > 0) this.#sink.block(bytes, this.#keptOffset)
  }
}
