import type { ByteReader } from '../bytes/byte-reader.ts'

/** A number of 1, 2, 4 or 8 bytes (RFC 9000, 16). Those past 2^53 are longer than anything here, and not exact. */
export function varint(reader: ByteReader): number {
  const first = reader.u8()
  const low = first & 0x3f
  switch (first >> 6) {
    case 0:
      return low
    case 1:
      return low * 256 + reader.u8()
    case 2:
      return low * 2 ** 24 + reader.u24()
    default:
      return (low * 2 ** 24 + reader.u24()) * 2 ** 32 + reader.u32()
  }
}
