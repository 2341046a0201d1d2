const HEADER = 4
/** A client hello with keys of post-quantum algorithms has 2 KiB; fragments come in any order. */
const MOST_BYTES = 16 * 1024
const MOST_PIECES = 128

interface Piece {
  readonly start: number
  readonly end: number
}

/** The handshake's bytes of one end, from CRYPTO frames (RFC 9000, 19.6), up to the end of its first message. */
export class CryptoStream {
  #bytes = new Uint8Array(0)
  #pieces: readonly Piece[] = []

  /** The first of two that overlap counts. */
  add(offset: number, data: Uint8Array): void {
    const end = offset + data.length
    if (data.length === 0 || end > MOST_BYTES) return
    if (end > this.#bytes.length) {
      const grown = new Uint8Array(Math.min(MOST_BYTES, Math.max(end, this.#bytes.length * 2)))
      grown.set(this.#bytes)
      this.#bytes = grown
    }
    let at = offset
    for (const piece of this.#pieces) {
      if (at < piece.start && at < end)
        this.#bytes.set(data.subarray(at - offset, Math.min(end, piece.start) - offset), at)
      at = Math.max(at, piece.end)
    }
    if (at < end) this.#bytes.set(data.subarray(at - offset), at)
    const merged = merge([...this.#pieces, { start: offset, end }])
    if (merged.length <= MOST_PIECES) this.#pieces = merged
  }

  /** The first message, as soon as it is whole: its type and what follows its header. */
  message(): { readonly type: number; readonly body: Uint8Array } | undefined {
    const first = this.#pieces[0]
    if (first === undefined || first.start !== 0 || first.end < HEADER) return undefined
    const [type = 0, high = 0, middle = 0, low = 0] = this.#bytes
    const end = HEADER + high * 65_536 + middle * 256 + low
    return end > first.end ? undefined : { type, body: this.#bytes.subarray(HEADER, end) }
  }

  clear(): void {
    this.#bytes = new Uint8Array(0)
    this.#pieces = []
  }
}

function merge(pieces: Piece[]): Piece[] {
  const merged: Piece[] = []
  for (const piece of pieces.sort((a, b) => a.start - b.start)) {
    const last = merged.at(-1)
    if (last !== undefined && piece.start <= last.end)
      merged[merged.length - 1] = { start: last.start, end: Math.max(last.end, piece.end) }
    else merged.push(piece)
  }
  return merged
}
