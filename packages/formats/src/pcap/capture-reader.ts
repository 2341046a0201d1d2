import { Buffer } from 'node:buffer'
import type { UnreadableRecord } from '../record-format.ts'
import { u32 } from './byte-order.ts'
import { PCAP_HEADER_BYTES, PcapFormat, readPcapHeader } from './pcap.ts'
import { PcapngFormat, SECTION_HEADER } from './pcapng.ts'
import type { CaptureFormat, TakePacket } from './take-packet.ts'

/** More are counted, and not told one by one. */
const MOST_TOLD = 100

/** Whether a file begins like a capture, pcap or pcapng. */
export function isCapture(head: Uint8Array): boolean {
  if (head.length < 12) return false
  return u32(head, 0, true) === SECTION_HEADER
    ? head[8] === 0x4d || head[8] === 0x1a
    : head.length >= PCAP_HEADER_BYTES && readPcapHeader(head) !== undefined
}

/**
 * Reads a capture of packets, pcap in each of its forms or pcapng, from pieces of any size. Never throws: damage is told
 * with its place, and reading goes on where the format says what comes next. Keeps at most one block, 320 KiB.
 */
export class CaptureReader {
  readonly #take: TakePacket
  readonly #damage: UnreadableRecord[] = []
  readonly #tell = (offset: number, reason: string): void => {
    this.#unreadable += 1
    if (this.#damage.length < MOST_TOLD) this.#damage.push({ offset, reason })
  }
  #format: CaptureFormat | undefined
  /** What no block could be made of yet. */
  #rest: Uint8Array = new Uint8Array(0)
  /** Bytes before `#rest`. */
  #offset = 0
  #over = false
  #unreadable = 0

  constructor(take: TakePacket) {
    this.#take = take
  }

  /** What could not be read; of much damage the first hundred. */
  get damage(): readonly UnreadableRecord[] {
    return this.#damage
  }

  /** How often something could not be read. */
  get unreadable(): number {
    return this.#unreadable
  }

  push(bytes: Uint8Array): void {
    if (this.#over) return
    const all = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes])
    let at = this.#skipped(0, all.length)
    this.#format ??= this.#recognise(all, at)
    if (this.#format !== undefined) {
      at = this.#format.read(all, at, all.length, this.#offset)
      this.#over = at < 0
    }
    if (this.#over) {
      this.#rest = all.subarray(0, 0)
      return
    }
    // A copy: the caller uses its buffer anew.
    this.#rest = at === all.length ? all.subarray(0, 0) : Uint8Array.prototype.slice.call(all, at)
    this.#offset += at
  }

  /** What is left is a block that was cut short. Nothing is pushed afterwards. */
  end(): void {
    if (this.#over) return
    this.#over = true
    if (this.#rest.length > 0 || (this.#format?.skip ?? 0) > 0) this.#tell(this.#offset, 'cut-short')
  }

  #skipped(at: number, end: number): number {
    if (this.#format === undefined || this.#format.skip === 0) return at
    const skipped = Math.min(this.#format.skip, end - at)
    this.#format.skip -= skipped
    return at + skipped
  }

  #recognise(bytes: Uint8Array, at: number): CaptureFormat | undefined {
    if (bytes.length - at < PCAP_HEADER_BYTES) return undefined
    if (u32(bytes, at, true) === SECTION_HEADER) return new PcapngFormat(this.#take, this.#tell)
    if (readPcapHeader(bytes, at) !== undefined) return new PcapFormat(this.#take, this.#tell)
    this.#tell(this.#offset + at, 'no-capture')
    this.#over = true
    return undefined
  }
}
