import { u16, u32 } from './byte-order.ts'
import { type CaptureFormat, LONGEST_PACKET, type TakePacket, type TellDamage } from './take-packet.ts'

export const SECTION_HEADER = 0x0a0d0d0a
const BYTE_ORDER = 0x1a2b3c4d
const INTERFACE = 1
const OLD_PACKET = 2
const SIMPLE_PACKET = 3
const ENHANCED_PACKET = 6
const OPTION_END = 0
const OPTION_TIME_RESOLUTION = 9
const OPTION_TIME_OFFSET = 14
/** Type, length, and the length again at the end. */
const FRAME_BYTES = 12
/** Blocks that are read are kept whole until they are there. */
const LONGEST_READ_BLOCK = LONGEST_PACKET + 65_536
/** A section with more interfaces is damaged or was made to hurt. */
const MOST_INTERFACES = 4096

interface Interface {
  readonly linkType: number
  /** Longest packet that was kept; 0 where there is no limit. */
  readonly cutAt: number
  /** Ticks of its clock in a second. */
  readonly ticksPerS: number
  readonly offsetMs: number
}

const READ_BLOCKS: ReadonlySet<number> = new Set([INTERFACE, OLD_PACKET, SIMPLE_PACKET, ENHANCED_PACKET])

/** The format of Wireshark (draft-ietf-opsawg-pcapng): sections of blocks, each with interfaces of its own. */
export class PcapngFormat implements CaptureFormat {
  readonly #take: TakePacket
  readonly #damage: TellDamage
  #little = true
  #inSection = false
  readonly #interfaces: Interface[] = []
  #lastMs = 0
  skip = 0

  constructor(take: TakePacket, damage: TellDamage) {
    this.#take = take
    this.#damage = damage
  }

  read(bytes: Uint8Array, start: number, end: number, offset: number): number {
    let at = start
    while (end - at >= FRAME_BYTES) {
      const type = u32(bytes, at, this.#little)
      if (type === SECTION_HEADER) {
        const magic = u32(bytes, at + 8, true)
        if (magic !== BYTE_ORDER && magic !== 0x4d3c2b1a) return this.#stop(offset + at, 'byte-order')
        this.#little = magic === BYTE_ORDER
        this.#interfaces.length = 0
        this.#inSection = true
      } else if (!this.#inSection) return this.#stop(offset + at, 'no-section')
      const length = u32(bytes, at + 4, this.#little)
      if (length < FRAME_BYTES || length % 4 !== 0) return this.#stop(offset + at, 'block-length')
      if (READ_BLOCKS.has(type)) {
        if (length > LONGEST_READ_BLOCK) {
          this.#damage(offset + at, 'block-too-long')
        } else {
          if (end - at < length) return at
          if (u32(bytes, at + length - 4, this.#little) !== length)
            return this.#stop(offset + at, 'block-length')
          const fault = this.#block(type, bytes, at + 8, at + length - 4)
          if (fault !== undefined) this.#damage(offset + at, fault)
        }
      }
      if (end - at < length) {
        this.skip = length - (end - at)
        return end
      }
      at += length
    }
    return at
  }

  #stop(offset: number, reason: string): number {
    this.#damage(offset, reason)
    return -1
  }

  /** Returns what is wrong with it. */
  #block(type: number, bytes: Uint8Array, start: number, end: number): string | undefined {
    switch (type) {
      case INTERFACE:
        return this.#interface(bytes, start, end)
      case ENHANCED_PACKET:
        if (end - start < 20) return 'cut-short'
        return this.#packet(u32(bytes, start, this.#little), bytes, start + 4, end)
      case OLD_PACKET:
        if (end - start < 20) return 'cut-short'
        return this.#packet(u16(bytes, start, this.#little), bytes, start + 4, end)
      default:
        return this.#simplePacket(bytes, start, end)
    }
  }

  #interface(bytes: Uint8Array, start: number, end: number): string | undefined {
    if (end - start < 8) return 'cut-short'
    if (this.#interfaces.length >= MOST_INTERFACES) return 'too-many-interfaces'
    let ticksPerS = 1_000_000
    let offsetMs = 0
    for (let at = start + 8; end - at >= 4;) {
      const code = u16(bytes, at, this.#little)
      const length = u16(bytes, at + 2, this.#little)
      const value = at + 4
      if (code === OPTION_END || end - value < length) break
      if (code === OPTION_TIME_RESOLUTION && length >= 1) ticksPerS = resolution(bytes[value] ?? 6)
      else if (code === OPTION_TIME_OFFSET && length === 8)
        offsetMs = signed64(bytes, value, this.#little) * 1000
      at = value + length + ((4 - (length & 3)) & 3)
    }
    this.#interfaces.push({
      linkType: u16(bytes, start, this.#little),
      cutAt: u32(bytes, start + 4, this.#little),
      ticksPerS,
      offsetMs,
    })
    return undefined
  }

  /** Of enhanced and of old packets: both go on alike behind the number of the interface. */
  #packet(number: number, bytes: Uint8Array, at: number, end: number): string | undefined {
    const from = this.#interfaces[number]
    if (from === undefined) return 'unknown-interface'
    const captured = u32(bytes, at + 8, this.#little)
    const start = at + 16
    if (captured > end - start) return 'cut-short'
    const timeMs =
      milliseconds(u32(bytes, at, this.#little), u32(bytes, at + 4, this.#little), from.ticksPerS) +
      from.offsetMs
    this.#lastMs = timeMs
    const wire = Math.max(u32(bytes, at + 12, this.#little), captured)
    this.#take(bytes, start, start + captured, wire, from.linkType, timeMs)
    return undefined
  }

  /** Has no time of its own: it is given that of the packet before. */
  #simplePacket(bytes: Uint8Array, start: number, end: number): string | undefined {
    const [from] = this.#interfaces
    if (from === undefined) return 'unknown-interface'
    if (end - start < 4) return 'cut-short'
    const wire = u32(bytes, start, this.#little)
    const captured = Math.min(wire, end - start - 4, from.cutAt === 0 ? wire : from.cutAt)
    this.#take(bytes, start + 4, start + 4 + captured, wire, from.linkType, this.#lastMs)
    return undefined
  }
}

/** Ticks in a second, of option if_tsresol: 10 or, with its highest bit, 2 to the power of the rest. */
function resolution(value: number): number {
  const power = value & 0x7f
  return value & 0x80 ? 2 ** power : 10 ** power
}

/**
 * Divides 64 bits of ticks, in steps of 16 bits: nanoseconds since the epoch are more than a number holds. Cut down to
 * microseconds.
 */
function milliseconds(high: number, low: number, ticksPerS: number): number {
  let seconds = 0
  let rest = 0
  for (const digit of [high >>> 16, high & 0xffff, low >>> 16, low & 0xffff]) {
    const part = rest * 65_536 + digit
    const quotient = Math.floor(part / ticksPerS)
    seconds = seconds * 65_536 + quotient
    rest = part - quotient * ticksPerS
  }
  return seconds * 1000 + Math.floor((rest / ticksPerS) * 1e6 + 1e-6) / 1000
}

function signed64(bytes: Uint8Array, at: number, little: boolean): number {
  const high = u32(bytes, little ? at + 4 : at, little) | 0
  const low = u32(bytes, little ? at : at + 4, little)
  return high * 4_294_967_296 + low
}
