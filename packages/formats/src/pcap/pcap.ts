import { u16, u32 } from './byte-order.ts'
import { type CaptureFormat, LONGEST_PACKET, type TakePacket, type TellDamage } from './take-packet.ts'

export const PCAP_HEADER_BYTES = 24
const MICROSECONDS = 0xa1b2c3d4
const NANOSECONDS = 0xa1b23c4d
/** Of a patched libpcap of old: 8 more bytes a packet. */
const MODIFIED = 0xa1b2cd34

/** How the file's packets stand in it. */
interface PcapHeader {
  readonly little: boolean
  readonly nanoseconds: boolean
  readonly recordHeaderBytes: number
  readonly linkType: number
}

/** Reads the header of a pcap file (draft-ietf-opsawg-pcap, 4), 24 bytes; undefined where it is none. */
export function readPcapHeader(bytes: Uint8Array, at = 0): PcapHeader | undefined {
  for (const little of [true, false]) {
    const magic = u32(bytes, at, little)
    if (magic !== MICROSECONDS && magic !== NANOSECONDS && magic !== MODIFIED) continue
    return {
      little,
      nanoseconds: magic === NANOSECONDS,
      recordHeaderBytes: magic === MODIFIED ? 24 : 16,
      // Above it stands how long the frame check sequence is.
      linkType: u16(bytes, at + (little ? 20 : 22), little),
    }
  }
  return undefined
}

/** The classic format of tcpdump: a header, then packets one after the other. */
export class PcapFormat implements CaptureFormat {
  readonly #take: TakePacket
  readonly #damage: TellDamage
  #header: PcapHeader | undefined
  skip = 0

  constructor(take: TakePacket, damage: TellDamage) {
    this.#take = take
    this.#damage = damage
  }

  read(bytes: Uint8Array, start: number, end: number, offset: number): number {
    let at = start
    if (this.#header === undefined) {
      if (end - at < PCAP_HEADER_BYTES) return at
      this.#header = readPcapHeader(bytes, at)
      at += PCAP_HEADER_BYTES
    }
    const header = this.#header
    if (header === undefined) return -1
    const { little, nanoseconds, recordHeaderBytes, linkType } = header
    while (end - at >= recordHeaderBytes) {
      const captured = u32(bytes, at + 8, little)
      const wire = u32(bytes, at + 12, little)
      if (captured > LONGEST_PACKET) {
        // Nothing in the file says where the next packet begins.
        this.#damage(offset + at, 'packet-too-long')
        return -1
      }
      const from = at + recordHeaderBytes
      if (end - from < captured) break
      const fraction = u32(bytes, at + 4, little)
      const timeMs =
        u32(bytes, at, little) * 1000 + (nanoseconds ? Math.floor(fraction / 1000) / 1000 : fraction / 1000)
      this.#take(bytes, from, from + captured, Math.max(wire, captured), linkType, timeMs)
      at = from + captured
    }
    return at
  }
}
