import { createHash } from 'node:crypto'

/** So much of the beginning, and of what lies right before the position, tells one file from another. */
const WINDOW_BYTES = 256

/** Reads `length` bytes at `position`; fewer where the file ends before. */
export type ReadAt = (position: number, length: number) => Promise<Buffer>

/**
 * What has been read of a file, remembered by its first bytes and its last ones. Tells whether a file still holds what was
 * read from it, or another one does: an inode number is used again, and a file can be emptied and filled anew.
 */
export class Fingerprint {
  #head: Buffer
  #tail: Buffer
  #offset: number

  private constructor(offset: number, head: Buffer, tail: Buffer) {
    this.#offset = offset
    this.#head = head
    this.#tail = tail
  }

  static empty(): Fingerprint {
    return new Fingerprint(0, Buffer.alloc(0), Buffer.alloc(0))
  }

  /** Of a file as if it had been read up to `offset`; undefined when it is not that long. */
  static async at(offset: number, readAt: ReadAt): Promise<Fingerprint | undefined> {
    const size = Math.min(WINDOW_BYTES, offset)
    const head = await readAt(0, size)
    const tail = await readAt(offset - size, size)
    return head.length === size && tail.length === size ? new Fingerprint(offset, head, tail) : undefined
  }

  /** How many bytes were read. */
  get offset(): number {
    return this.#offset
  }

  /** Goes on by bytes that were read. */
  append(bytes: Buffer): void {
    if (this.#head.length < WINDOW_BYTES) {
      this.#head = Buffer.concat([this.#head, bytes.subarray(0, WINDOW_BYTES - this.#head.length)])
    }
    this.#tail =
      bytes.length >= WINDOW_BYTES
        ? Buffer.from(bytes.subarray(-WINDOW_BYTES))
        : Buffer.concat([this.#tail, bytes]).subarray(-WINDOW_BYTES)
    this.#offset += bytes.length
  }

  copy(): Fingerprint {
    return new Fingerprint(this.#offset, this.#head, this.#tail)
  }

  /** Whether a file holds, up to the same position, what was read. */
  async holds(readAt: ReadAt): Promise<boolean> {
    const other = await Fingerprint.at(this.#offset, readAt)
    return other !== undefined && other.#head.equals(this.#head) && other.#tail.equals(this.#tail)
  }

  /** 64 hex digits. Two files of the same digest and offset hold the same at both ends of what was read. */
  digest(): string {
    return createHash('sha256').update(this.#head).update(this.#tail).digest('hex')
  }
}
