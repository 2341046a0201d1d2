import { ByteQueue } from '../bytes/byte-queue.ts'

export const frameType = { data: 0, headers: 1, reset: 3, settings: 4, push: 5, continuation: 9 } as const
export const frameFlag = { endStream: 1, endHeaders: 4, padded: 8, priority: 0x20 } as const

export interface FrameListener {
  /** A frame whose contents matter, whole. */
  frame(type: number, flags: number, stream: number, payload: Uint8Array): void
  /** Bytes of a body; `payload` is a part of the frame. */
  data(stream: number, payload: Uint8Array): void
  /** The last byte of a frame with a body. */
  dataEnd(stream: number, flags: number): void
}

const HEADER_BYTES = 9
const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1')
/** Of a frame that is read whole: headers compress to far less. */
const MOST_FRAME = 6 * 1024
const KEPT = new Set<number>([frameType.headers, frameType.reset, frameType.push, frameType.continuation])

/** One direction of an HTTP/2 connection, cut into frames (RFC 9113, 4.1). */
export class FrameStream {
  isBroken = false
  readonly #listener: FrameListener
  readonly #held = new ByteQueue(HEADER_BYTES + MOST_FRAME)
  /** Of the client's preface (3.4), which is passed over. */
  #preface: number
  #type = 0
  #flags = 0
  #stream = 0
  /** Of a frame that is not kept. */
  #left = 0
  /** Length of the padding is the first byte of a body; the padding its last ones. */
  #padding: number | undefined

  constructor(hasPreface: boolean, listener: FrameListener) {
    this.#preface = hasPreface ? PREFACE.length : 0
    this.#listener = listener
  }

  push(bytes: Uint8Array): void {
    let at = 0
    while (at < bytes.length && !this.isBroken) {
      if (this.#preface > 0) at = this.#passPreface(bytes, at)
      else at = this.#left > 0 ? this.#body(bytes, at) : this.#frame(bytes, at)
    }
    if (this.isBroken) this.#held.clear()
  }

  gap(length: number): void {
    if (length <= this.#left) this.#left -= length
    else this.isBroken = true
  }

  #passPreface(bytes: Uint8Array, from: number): number {
    const passed = Math.min(this.#preface, bytes.length - from)
    const at = PREFACE.length - this.#preface
    if (Buffer.compare(bytes.subarray(from, from + passed), PREFACE.subarray(at, at + passed)) !== 0)
      this.isBroken = true
    this.#preface -= passed
    return from + passed
  }

  #frame(bytes: Uint8Array, from: number): number {
    let at = this.#fill(bytes, from, HEADER_BYTES)
    const head = this.#held.view()
    if (head.length < HEADER_BYTES) return at
    const length = ((head[0] ?? 0) << 16) | ((head[1] ?? 0) << 8) | (head[2] ?? 0)
    this.#type = head[3] ?? 0
    this.#flags = head[4] ?? 0
    this.#stream =
      (((head[5] ?? 0) & 0x7f) << 24) | ((head[6] ?? 0) << 16) | ((head[7] ?? 0) << 8) | (head[8] ?? 0)
    if (!KEPT.has(this.#type)) {
      this.#held.drop(HEADER_BYTES)
      this.#left = length
      this.#padding = this.#type === frameType.data && (this.#flags & frameFlag.padded) !== 0 ? undefined : 0
      if (length === 0) this.#endBody()
      return at
    }
    if (length > MOST_FRAME) {
      this.isBroken = true
      return at
    }
    at = this.#fill(bytes, at, HEADER_BYTES + length)
    if (this.#held.length < HEADER_BYTES + length) return at
    this.#listener.frame(this.#type, this.#flags, this.#stream, this.#held.view().subarray(HEADER_BYTES))
    this.#held.drop(HEADER_BYTES + length)
    return at
  }

  #body(bytes: Uint8Array, from: number): number {
    let at = from
    if (this.#padding === undefined) {
      this.#padding = bytes[at++] ?? 0
      this.#left -= 1
    }
    const to = Math.min(bytes.length, at + this.#left)
    const end = Math.min(to, at + Math.max(0, this.#left - this.#padding))
    if (this.#type === frameType.data && end > at) this.#listener.data(this.#stream, bytes.subarray(at, end))
    this.#left -= to - at
    if (this.#left === 0) this.#endBody()
    return to
  }

  #endBody(): void {
    if (this.#type === frameType.data) this.#listener.dataEnd(this.#stream, this.#flags)
  }

  #fill(bytes: Uint8Array, from: number, wanted: number): number {
    return (
      from +
      this.#held.append(bytes, from, Math.min(bytes.length, from + Math.max(0, wanted - this.#held.length)))
    )
  }
}
