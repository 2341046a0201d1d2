import { hex } from './text.ts'

/** Little-endian numbers at places in bytes; what lies past the end is 0. */
export function u16(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8)
}

export function u32(bytes: Uint8Array, at: number): number {
  return u16(bytes, at) + u16(bytes, at + 2) * 0x1_0000
}

/** As hex digits, the highest first: it may be more than a number holds. */
export function u64Hex(bytes: Uint8Array, at: number): string {
  return (
    u32(bytes, at + 4)
      .toString(16)
      .padStart(8, '0') + u32(bytes, at).toString(16).padStart(8, '0')
  )
}

/** Exact up to 2^53. */
export function u64(bytes: Uint8Array, at: number): number {
  return u32(bytes, at) + u32(bytes, at + 4) * 0x1_0000_0000
}

/** UTF-16 text of so many bytes, as much as is there, without zeros at its end. */
export function utf16(bytes: Uint8Array, at: number, length: number): string {
  const end = Math.min(bytes.length, at + length)
  if (at >= end) return ''
  return Buffer.from(bytes.buffer, bytes.byteOffset + at, (end - at) & ~1)
    .toString('utf16le')
    .replace(/\0+$/, '')
}

/** A UUID whose first three fields are little-endian (MS-DTYP, 2.3.4.2). */
export function guid(bytes: Uint8Array, at: number): string {
  const part = (value: number, digits: number): string => value.toString(16).padStart(digits, '0')
  return [
    part(u32(bytes, at), 8),
    part(u16(bytes, at + 4), 4),
    part(u16(bytes, at + 6), 4),
    hex(bytes.subarray(at + 8, at + 10)).padEnd(4, '0'),
    hex(bytes.subarray(at + 10, at + 16)).padEnd(12, '0'),
  ].join('-')
}

/** A time of Windows (100 ns since 1601) as milliseconds since the epoch; undefined where it is none. */
export function fileTimeMs(bytes: Uint8Array, at: number): number | undefined {
  const ms = Math.floor(u64(bytes, at) / 10_000) - 11_644_473_600_000
  return ms > 0 && ms < 8.64e15 ? ms : undefined
}
