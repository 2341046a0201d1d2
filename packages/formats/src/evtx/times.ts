import { Buffer } from 'node:buffer'

/** From 1601 to 1970. */
const EPOCH_SECONDS = 11_644_473_600
/** Midnight after 9999-12-31. */
const END_SECONDS = 253_402_300_800
const scratch = Buffer.from('0000-00-00T00:00:00.0000000Z', 'latin1')
/** The second whose text stands in `scratch`. */
let writtenSecond = Number.NaN

function digits(at: number, count: number, value: number): void {
  let rest = value
  for (let place = at + count - 1; place >= at; place -= 1) {
    scratch[place] = 48 + (rest % 10)
    rest = Math.floor(rest / 10)
  }
}

function writeSecond(second: number): void {
  const date = new Date(second * 1000)
  digits(0, 4, date.getUTCFullYear())
  digits(5, 2, date.getUTCMonth() + 1)
  digits(8, 2, date.getUTCDate())
  digits(11, 2, date.getUTCHours())
  digits(14, 2, date.getUTCMinutes())
  digits(17, 2, date.getUTCSeconds())
  writtenSecond = second
}

/**
 * A FILETIME (100 ns since 1601, two halves of 32 bits) as Windows writes it: `2020-03-08T22:11:34.3404795Z`. A time after
 * the year 9999 is its number, as text.
 */
export function fileTimeText(low: number, high: number): string {
  // 2^32 units are 429 s and 4,967,296 units; taken apart because the whole number has more than 53 bits.
  const rest = high * 4_967_296 + low
  const second = high * 429 + Math.floor(rest / 10_000_000) - EPOCH_SECONDS
  if (second >= END_SECONDS) return ((BigInt(high) << 32n) | BigInt(low)).toString()
  if (second !== writtenSecond) writeSecond(second)
  digits(20, 7, rest % 10_000_000)
  return scratch.toString('latin1', 0, 28)
}

/** A SYSTEMTIME (eight 16-bit numbers: year, month, weekday, day, hour, minute, second, millisecond) in the same form. */
export function systemTimeText(bytes: Buffer, offset: number): string {
  const part = (index: number, width: number) =>
    String(bytes.readUInt16LE(offset + index * 2)).padStart(width, '0')
  return `${part(0, 4)}-${part(1, 2)}-${part(3, 2)}T${part(4, 2)}:${part(5, 2)}:${part(6, 2)}.${part(7, 3)}Z`
}
