const EMPTY = new Uint8Array(0)
const FIRST_BYTES = 512
/** Memory that is kept while nothing is held. */
const MOST_IDLE_BYTES = 2048

/** Bytes that wait for those that they belong with. It holds at most so many, and single bytes cost what segments do. */
export class ByteQueue {
  readonly #mostBytes: number
  #bytes = EMPTY
  #start = 0
  #end = 0

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes
  }

  get length(): number {
    return this.#end - this.#start
  }

  /** Adds bytes `from` to `to`, as many as there is room for, and returns how many. */
  append(bytes: Uint8Array, from = 0, to = bytes.length): number {
    const count = Math.min(to - from, this.#mostBytes - this.length)
    if (count <= 0) return 0
    this.#makeRoom(count)
    this.#bytes.set(count === bytes.length ? bytes : bytes.subarray(from, from + count), this.#end)
    this.#end += count
    return count
  }

  /** What is held: valid until the next call. */
  view(): Uint8Array {
    return this.#bytes.subarray(this.#start, this.#end)
  }

  drop(count: number): void {
    this.#start = Math.min(this.#end, this.#start + count)
    if (this.#start < this.#end) return
    this.#start = this.#end = 0
    if (this.#bytes.length > MOST_IDLE_BYTES) this.#bytes = EMPTY
  }

  /** Holds nothing, and no memory. */
  clear(): void {
    this.#bytes = EMPTY
    this.#start = this.#end = 0
  }

  #makeRoom(count: number): void {
    if (this.#end + count <= this.#bytes.length) return
    const length = this.length
    const needed = length + count
    const target =
      needed <= this.#bytes.length
        ? this.#bytes
        : new Uint8Array(Math.min(this.#mostBytes, Math.max(FIRST_BYTES, needed, this.#bytes.length * 2)))
    target.set(this.view())
    this.#bytes = target
    this.#start = 0
    this.#end = length
  }
}
