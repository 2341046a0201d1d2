import { ByteQueue } from '../bytes/byte-queue.ts'
import { latin1 } from '../bytes/text.ts'
import { type KexInit, readKexInit } from './kex-init.ts'

/** RFC 4253, 4.2: 255 with the end of the line; servers may send lines of other text before. */
const MOST_LINE = 255
const MOST_BEFORE = 8192
/** RFC 4253, 6.1: what every implementation must take. */
const MOST_PACKET = 35_000
/** The most of a packet that is kept: what both ends say together stays below 64 KiB. */
const MOST_KEPT = 20_000
const KEXINIT = 20
const NEWKEYS = 21
const LF = 10

/** One direction of an SSH connection, up to where it is encrypted. */
export class SshStream {
  banner: string | undefined
  kexInit: KexInit | undefined
  /** It went on with keys of its own. */
  hasKeys = false
  /** Nothing more can be read of it: it has keys, or is no SSH that we know. */
  isOver = false
  readonly #held = new ByteQueue(MOST_KEPT)
  #before = 0
  #toSkip = 0

  push(bytes: Uint8Array): void {
    let at = 0
    while (at < bytes.length && !this.isOver) {
      at = this.banner === undefined ? this.#line(bytes, at) : this.#packet(bytes, at)
    }
  }

  gap(length: number): void {
    if (this.isOver) return
    if (this.#toSkip >= length && this.#held.length === 0) this.#toSkip -= length
    else this.#stop()
  }

  #stop(): void {
    this.isOver = true
    this.#held.clear()
  }

  #line(bytes: Uint8Array, from: number): number {
    const found = bytes.indexOf(LF, from)
    const to = found < 0 ? bytes.length : found + 1
    const isWhole = this.#held.append(bytes, from, to) === to - from && this.#held.length <= MOST_BEFORE
    if (!isWhole) this.#stop()
    else if (found >= 0) this.#endLine()
    return to
  }

  #endLine(): void {
    const text = latin1(this.#held.view()).replace(/\r?\n$/, '')
    this.#before += this.#held.length
    this.#held.clear()
    if (/^SSH-[\x21-\x7e]+-/.test(text) && text.length <= MOST_LINE) {
      this.banner = text
      // Version 1 has packets of another form.
      if (!text.startsWith('SSH-2.0-') && !text.startsWith('SSH-1.99-')) this.#stop()
    } else if (text.startsWith('SSH-') || this.#before > MOST_BEFORE) this.#stop()
  }

  /** RFC 4253, 6: length, length of padding, payload, padding; no MAC as long as there are no keys. */
  #packet(bytes: Uint8Array, from: number): number {
    if (this.#toSkip > 0) {
      const skipped = Math.min(this.#toSkip, bytes.length - from)
      this.#toSkip -= skipped
      return from + skipped
    }
    let at = this.#fill(bytes, from, 6)
    const head = this.#held.view()
    if (head.length < 6) return at
    const length = uint32(head)
    const padding = head[4] ?? 0
    const type = head[5] ?? 0
    if (length < 2 || length > MOST_PACKET || padding + 2 > length) {
      this.#stop()
      return at
    }
    if (type === NEWKEYS) {
      this.hasKeys = true
      this.#stop()
    } else if (type !== KEXINIT || this.kexInit !== undefined) {
      this.#toSkip = length + 4 - 6
      this.#held.clear()
    } else {
      const wanted = Math.min(length + 4, MOST_KEPT)
      at = this.#fill(bytes, at, wanted)
      if (this.#held.length === wanted) {
        this.kexInit = readKexInit(this.#held.view().subarray(6, length + 4 - padding))
        this.#toSkip = length + 4 - wanted
        this.#held.clear()
      }
    }
    return at
  }

  #fill(bytes: Uint8Array, from: number, wanted: number): number {
    return (
      from +
      this.#held.append(bytes, from, Math.min(bytes.length, from + Math.max(0, wanted - this.#held.length)))
    )
  }
}

function uint32(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0)
}
