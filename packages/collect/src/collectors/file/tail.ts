import type { BigIntStats } from 'node:fs'
import { constants, type FileHandle, open } from 'node:fs/promises'
import { Fingerprint, type ReadAt } from './fingerprint.ts'
import { type Line, LineSplitter } from './line-splitter.ts'
import type { Patience } from './patience.ts'
import type { Position } from './positions.ts'

const CHUNK_BYTES = 262_144
const NEWLINE = 0x0a

/** Identity of a file for as long as it exists. */
export const fileKey = ({ dev, ino }: { readonly dev: bigint; readonly ino: bigint }): string =>
  `${dev}:${ino}`

/** An open file that is read line by line as it grows. */
export class Tail implements AsyncDisposable {
  /** Where it was found first. Lines keep that path when the file is renamed. */
  readonly path: string
  /** `fileKey` of it. */
  readonly key: string
  readonly #file: FileHandle
  readonly #patience: Patience
  readonly #status: BigIntStats
  /** Of everything that was read, the line that has begun included. */
  #read: Fingerprint
  /** Up to where the last whole line ended. */
  #whole: Fingerprint
  #splitter = new LineSplitter()
  #looked: { readonly size: bigint; readonly modified: bigint } | undefined
  #last: { readonly size: bigint; readonly modified: bigint } | undefined
  /** Some of it had been read at the last look already. */
  isSettled = false
  /** When it was found to have another name or none, monotonic milliseconds; it is read on for a while. */
  rotatedAtMs: number | undefined

  /**
   * Opens a file; undefined when it is not a regular one. Never blocks on a pipe.
   *
   * @param at `end`: pass over what is there
   * @throws when it may not be read, or {@link Unanswered}
   */
  static async open(
    path: string,
    name: string,
    at: 'beginning' | 'end',
    patience: Patience,
  ): Promise<Tail | undefined> {
    const file = await patience.ask(
      path,
      () => open(path, constants.O_RDONLY | constants.O_NONBLOCK),
      (late) => late.close(),
    )
    const status = await patience.ask(path, () => file.stat({ bigint: true }))
    if (!status.isFile()) {
      await file.close()
      return undefined
    }
    const tail = new Tail(name, file, status, patience)
    // A line may be half written: its beginning is looked for, so that its end is not taken for a line.
    if (at === 'end') await tail.#resume(await lastLineStart(tail.#readAt, Number(status.size)))
    return tail
  }

  private constructor(path: string, file: FileHandle, status: BigIntStats, patience: Patience) {
    this.path = path
    this.key = fileKey(status)
    this.#file = file
    this.#patience = patience
    this.#status = status
    this.#read = Fingerprint.empty()
    this.#whole = Fingerprint.empty()
  }

  readonly #readAt: ReadAt = async (position, length) => {
    // Of it only what was read is handed on.
    const buffer = Buffer.allocUnsafe(length)
    const { bytesRead } = await this.#patience.ask(this.path, () =>
      this.#file.read(buffer, 0, length, position),
    )
    return buffer.subarray(0, bytesRead)
  }

  /** Goes on where an earlier run stopped. False when this file does not hold what was read then. */
  async resumeAt({ offset, fingerprint }: Pick<Position, 'offset' | 'fingerprint'>): Promise<boolean> {
    const there = await Fingerprint.at(offset, this.#readAt)
    if (there?.digest() !== fingerprint) return false
    this.#read = there
    this.#whole = there.copy()
    return true
  }

  async #resume(offset: number): Promise<void> {
    const there = await Fingerprint.at(offset, this.#readAt)
    if (there === undefined) return
    this.#read = there
    this.#whole = there.copy()
  }

  /** Nothing was read of it yet: it was empty, or is new. */
  get isUnread(): boolean {
    return this.#read.offset === 0
  }

  /** Whether it holds all that was read of `other`: it is a copy of it, or a later state. */
  isCopyOf(other: Tail): Promise<boolean> {
    return other.isUnread ? Promise.resolve(false) : other.#read.holds(this.#readAt)
  }

  /** Whether this file begins with all that `other` holds now: `other` is a copy of it, made just now. */
  async beginsWithAllOf(other: Tail): Promise<boolean> {
    const size = Number((await other.#stat()).size)
    const whole = await Fingerprint.at(size, other.#readAt)
    return size > 0 && whole !== undefined && (await whole.holds(this.#readAt))
  }

  /** Whether what was read of it is no longer there. */
  async wasEmptied(): Promise<boolean> {
    return !(await this.#read.holds(this.#readAt))
  }

  /** Goes on in this copy where `other` was, which begins anew. */
  takeOver(other: Tail): void {
    this.#read = other.#read
    this.#whole = other.#whole
    this.#splitter = other.#splitter
    other.beginAnew()
  }

  beginAnew(): void {
    this.#read = Fingerprint.empty()
    this.#whole = Fingerprint.empty()
    this.#splitter = new LineSplitter()
    this.#last = undefined
  }

  /**
   * What happened to the file since the last look: nothing, it may have grown, or it was emptied.
   *
   * @param closely `grown` also where size and time are the same: two changes within one tick of the file system's clock
   */
  async look(closely: boolean): Promise<'same' | 'grown' | 'emptied'> {
    const { size, mtimeNs } = await this.#stat()
    if (size < BigInt(this.#read.offset)) return 'emptied'
    if (!closely && this.#last?.size === size && this.#last.modified === mtimeNs) return 'same'
    // Becomes the last state only once all of it was read.
    this.#looked = { size, modified: mtimeNs }
    return 'grown'
  }

  /**
   * The next lines, from at most 256 KiB, and whether there may be more at once; `emptied` when the file was emptied and
   * filled anew meanwhile, then nothing was taken from it.
   */
  async readLines(): Promise<{ readonly lines: readonly Line[]; readonly more: boolean } | 'emptied'> {
    const bytes = await this.#readAt(this.#read.offset, CHUNK_BYTES)
    // After reading: what was read belongs to what was read before only if that still stands there.
    if (!(await this.#read.holds(this.#readAt))) return 'emptied'
    const lines = this.#splitter.push(bytes)
    const end = bytes.lastIndexOf(NEWLINE) + 1
    this.#read.append(bytes.subarray(0, end))
    if (end > 0) this.#whole = this.#read.copy()
    this.#read.append(bytes.subarray(end))
    const more = bytes.length === CHUNK_BYTES
    if (!more) this.#last = this.#looked
    return { lines, more }
  }

  /** The line that has begun and will not go on. */
  flush(): Line | undefined {
    const line = this.#splitter.flush()
    if (line !== undefined) this.#whole = this.#read.copy()
    return line
  }

  /** Up to where whole lines were read. */
  position(): Position {
    return {
      path: this.path,
      device: String(this.#status.dev),
      inode: String(this.#status.ino),
      offset: this.#whole.offset,
      fingerprint: this.#whole.digest(),
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = this.#file.close()
    // That waits for what was asked of it.
    if (this.#patience.isRefused(this.path)) closed.catch(() => undefined)
    else await closed
  }

  #stat(): Promise<BigIntStats> {
    return this.#patience.ask(this.path, () => this.#file.stat({ bigint: true }))
  }
}

/** Where the last line of a file begins, which is its size when it ends with a line feed. Looks back 64 KiB. */
async function lastLineStart(readAt: ReadAt, size: number): Promise<number> {
  const start = Math.max(0, size - 65_536)
  const bytes = await readAt(start, size - start)
  const newline = bytes.lastIndexOf(NEWLINE)
  return newline < 0 ? size : start + newline + 1
}
