import { ByteQueue } from '../bytes/byte-queue.ts'
import { looksLikeMessage } from './recognise.ts'

const LENGTH_BYTES = 2
/** Half of what a conversation may keep. A longer message is read as far as it is kept. */
const MOST_MESSAGE = 32 * 1024 - LENGTH_BYTES

/** One direction of DNS over TCP: messages after their lengths (RFC 1035, 4.2.2). */
export class DnsStream {
  readonly #held = new ByteQueue(LENGTH_BYTES + MOST_MESSAGE)
  readonly #take: (message: Uint8Array) => void
  #toSkip = 0
  #isLost = false

  constructor(take: (message: Uint8Array) => void) {
    this.#take = take
  }

  push(bytes: Uint8Array): void {
    // After a gap a message may begin with a segment.
    if (this.#isLost) this.#isLost = looksLikeMessage(bytes.subarray(LENGTH_BYTES), true) !== 'yes'
    let at = 0
    while (at < bytes.length && !this.#isLost) at = this.#next(bytes, at)
  }

  gap(length: number): void {
    const held = this.#held.view()
    const left = held.length < LENGTH_BYTES ? this.#toSkip : LENGTH_BYTES + messageBytes(held) - held.length
    this.#held.clear()
    this.#toSkip = Math.max(0, left - length)
    this.#isLost = length > left
  }

  #next(bytes: Uint8Array, from: number): number {
    if (this.#toSkip > 0) {
      const skipped = Math.min(this.#toSkip, bytes.length - from)
      this.#toSkip -= skipped
      return from + skipped
    }
    if (this.#held.length === 0 && bytes.length - from >= LENGTH_BYTES) {
      const end = from + LENGTH_BYTES + messageBytes(bytes.subarray(from, from + LENGTH_BYTES))
      if (end <= bytes.length && end - from <= LENGTH_BYTES + MOST_MESSAGE) {
        this.#take(bytes.subarray(from + LENGTH_BYTES, end))
        return end
      }
    }
    let at = this.#fill(bytes, from, LENGTH_BYTES)
    if (this.#held.length < LENGTH_BYTES) return at
    const length = messageBytes(this.#held.view())
    const kept = Math.min(length, MOST_MESSAGE)
    at = this.#fill(bytes, at, LENGTH_BYTES + kept)
    if (this.#held.length < LENGTH_BYTES + kept) return at
    this.#take(this.#held.view().subarray(LENGTH_BYTES))
    this.#held.clear()
    this.#toSkip = length - kept
    return at
  }

  #fill(bytes: Uint8Array, from: number, wanted: number): number {
    return from + this.#held.append(bytes, from, Math.min(bytes.length, from + wanted - this.#held.length))
  }
}

function messageBytes(held: Uint8Array): number {
  return ((held[0] ?? 0) << 8) | (held[1] ?? 0)
}
