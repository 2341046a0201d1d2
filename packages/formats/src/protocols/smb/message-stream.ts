import { ByteQueue } from '../bytes/byte-queue.ts'

/** Of a message so much is kept: names are near its beginning, and data is not looked at. */
const MOST_KEPT = 24_000
const FRAME = 4

/** Messages of one end, as NetBIOS frames them on TCP (RFC 1002, 4.3; MS-SMB2, 2.1). Finds its way back after a gap. */
export class MessageStream {
  readonly #held = new ByteQueue(FRAME + MOST_KEPT)
  /** Bytes of the message that come yet and are not kept. */
  #toSkip = 0
  #isLost = false

  /** Hands every message, or its beginning, to `take`. The bytes are not kept beyond the call. */
  push(bytes: Uint8Array, take: (message: Uint8Array) => void): void {
    let at = 0
    if (this.#isLost) {
      if (!isFrame(bytes)) return
      this.#isLost = false
    }
    while (at < bytes.length) {
      if (this.#toSkip > 0) {
        const skipped = Math.min(this.#toSkip, bytes.length - at)
        this.#toSkip -= skipped
        at += skipped
        continue
      }
      at += this.#fill(bytes, at, FRAME)
      let head = this.#held.view()
      if (head.length < FRAME) return
      const length = frameLength(head)
      const kept = Math.min(length, MOST_KEPT)
      at += this.#fill(bytes, at, FRAME + kept)
      head = this.#held.view()
      if (head.length < FRAME + kept) return
      if (head[0] === 0 && kept > 0) take(head.subarray(FRAME))
      this.#toSkip = length - kept
      this.#held.drop(head.length)
    }
  }

  gap(length: number): void {
    if (this.#held.length === 0 && this.#toSkip >= length && !this.#isLost) this.#toSkip -= length
    else {
      this.#isLost = true
      this.#toSkip = 0
      this.#held.clear()
    }
  }

  #fill(bytes: Uint8Array, from: number, wanted: number): number {
    const missing = wanted - this.#held.length
    return missing <= 0 ? 0 : this.#held.append(bytes, from, Math.min(bytes.length, from + missing))
  }
}

function frameLength(head: Uint8Array): number {
  // The highest bits are none of the length in old frames, and never set in new ones.
  return ((head[1] ?? 0) << 16) | ((head[2] ?? 0) << 8) | (head[3] ?? 0)
}

/** Whether a message of SMB begins here: frame and mark. */
export function isFrame(bytes: Uint8Array): boolean {
  const mark = bytes[4]
  return (
    bytes.length >= 8 &&
    bytes[0] === 0 &&
    (mark === 0xff || mark === 0xfe || mark === 0xfd) &&
    bytes[5] === 0x53 &&
    bytes[6] === 0x4d &&
    bytes[7] === 0x42
  )
}
