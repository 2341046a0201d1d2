/** A line as it stood in the file, decoded. */
export interface Line {
  readonly text: string
  readonly truncated: boolean
}

/** At most this many bytes of a line are kept; the rest is passed over up to its end. */
export const MAX_LINE_BYTES = 65_536

const NEWLINE = 0x0a
const RETURN = 0x0d

/**
 * Bytes into lines, across chunks of any size. A line ends with a line feed, which is taken off together with a carriage
 * return before it. Faulty UTF-8 becomes U+FFFD; all other characters stay as they are.
 */
export class LineSplitter {
  #kept: Buffer[] = []
  #keptBytes = 0
  #skippedBytes = 0

  /** Bytes of the line that has begun and not ended. */
  get pendingBytes(): number {
    return this.#keptBytes + this.#skippedBytes
  }

  /** The lines that end within `chunk`. The chunk may be written over afterwards. */
  push(chunk: Buffer): Line[] {
    const lines: Line[] = []
    let start = 0
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      // Most lines stand in one chunk whole: they are decoded where they are.
      if (this.pendingBytes === 0 && end - start <= MAX_LINE_BYTES) {
        const last = end > start && chunk[end - 1] === RETURN ? end - 1 : end
        lines.push({ text: chunk.toString('utf8', start, last), truncated: false })
      } else {
        this.#keep(chunk.subarray(start, end))
        lines.push(this.#take())
      }
      start = end + 1
    }
    this.#keep(chunk.subarray(start))
    return lines
  }

  /** What has begun, as a line; undefined when nothing has. */
  flush(): Line | undefined {
    return this.pendingBytes === 0 ? undefined : this.#take()
  }

  #keep(bytes: Buffer): void {
    const room = MAX_LINE_BYTES - this.#keptBytes
    const kept = bytes.subarray(0, room)
    // A copy: the reader fills its buffer again.
    if (kept.length > 0) this.#kept.push(Buffer.from(kept))
    this.#keptBytes += kept.length
    this.#skippedBytes += bytes.length - kept.length
  }

  #take(): Line {
    const bytes = Buffer.concat(this.#kept, this.#keptBytes)
    const truncated = this.#skippedBytes > 0
    this.#kept = []
    this.#keptBytes = 0
    this.#skippedBytes = 0
    const end = truncated ? characterBoundary(bytes) : withoutReturn(bytes)
    return { text: bytes.toString('utf8', 0, end), truncated }
  }
}

const withoutReturn = (bytes: Buffer): number => (bytes.at(-1) === RETURN ? bytes.length - 1 : bytes.length)

/** Where the last whole character of a cut text ends: a character of UTF-8 has at most three bytes after its first. */
function characterBoundary(bytes: Buffer): number {
  for (let back = 1; back <= 3; back += 1) {
    const byte = bytes[bytes.length - back] ?? 0
    if ((byte & 0xc0) === 0x80) continue
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1
    return length > back ? bytes.length - back : bytes.length
  }
  return bytes.length
}
