const NOTHING = new Uint8Array(0)

/**
 * Reads fields one after the other, big-endian. Nothing throws: past the end numbers are 0, bytes are none, and `short`
 * says that it happened.
 */
export class ByteReader {
  readonly #bytes: Uint8Array
  readonly #end: number
  #at: number
  #short = false

  constructor(bytes: Uint8Array, start = 0, end = bytes.length) {
    this.#bytes = bytes
    this.#at = start
    this.#end = end
  }

  /** Something was read that is not there. */
  get short(): boolean {
    return this.#short
  }

  get left(): number {
    return this.#end - this.#at
  }

  get position(): number {
    return this.#at
  }

  u8(): number {
    if (this.left < 1) return this.#miss()
    return this.#bytes[this.#at++] ?? 0
  }

  u16(): number {
    return this.#unsigned(2)
  }

  u24(): number {
    return this.#unsigned(3)
  }

  u32(): number {
    return this.#unsigned(4)
  }

  skip(count: number): void {
    this.take(count)
  }

  /** The next `count` bytes; those that are there, where they are fewer. Not a copy. */
  take(count: number): Uint8Array {
    const wanted = Math.min(count, this.left)
    if (wanted < count) this.#short = true
    const taken = wanted === 0 ? NOTHING : this.#bytes.subarray(this.#at, this.#at + wanted)
    this.#at += wanted
    return taken
  }

  /** A reader of the next `count` bytes alone. */
  part(count: number): ByteReader {
    const wanted = Math.min(count, this.left)
    if (wanted < count) this.#short = true
    const part = new ByteReader(this.#bytes, this.#at, this.#at + wanted)
    this.#at += wanted
    return part
  }

  #unsigned(size: number): number {
    if (this.left < size) return this.#miss()
    let value = 0
    for (let n = 0; n < size; n += 1) value = value * 256 + (this.#bytes[this.#at++] ?? 0)
    return value
  }

  #miss(): number {
    this.#short = true
    this.#at = this.#end
    return 0
  }
}
