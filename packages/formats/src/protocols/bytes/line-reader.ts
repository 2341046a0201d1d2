import { ByteQueue } from './byte-queue.ts'
import { latin1 } from './text.ts'

const LF = 10

/** Lines of a protocol of text, from bytes that come in any pieces. Of a line that is too long its beginning is kept. */
export class LineReader {
  readonly #most: number
  readonly #held: ByteQueue
  #line = ''
  #isCut = false
  #lost = false

  /** @param most bytes of a line that are kept, its end not counted */
  constructor(most: number) {
    this.#most = most
    this.#held = new ByteQueue(most + 2)
  }

  /** The line that `read` completed, one character a byte, without its end. */
  get line(): string {
    return this.#line
  }

  /** Of that line only the beginning is there. */
  get isCut(): boolean {
    return this.#isCut
  }

  /** Reads on from a place in the bytes, up to the end of a line: the place after it, or -1 where they end before it. */
  read(bytes: Uint8Array, from: number): number {
    const found = bytes.indexOf(LF, from)
    const to = found < 0 ? bytes.length : found
    if (this.#held.append(bytes, from, to) < to - from) this.#lost = true
    if (found < 0) return -1
    const text = latin1(this.#held.view())
    this.#held.clear()
    const bare = this.#lost || !text.endsWith('\r') ? text : text.slice(0, -1)
    this.#isCut = this.#lost || bare.length > this.#most
    this.#line = bare.slice(0, this.#most)
    this.#lost = false
    return found + 1
  }

  /** What is held of a line belongs to it no longer: bytes were missed. The next line begins after the next end of one. */
  skip(): void {
    this.#held.clear()
    this.#lost = true
  }

  /** What is held of a line is given up, and the next byte begins a line. */
  clear(): void {
    this.#held.clear()
    this.#lost = false
  }
}
