import { Buffer } from 'node:buffer'

/** Texts up to this length are looked up before one is made: user names, images and levels repeat in every record. */
const INTERNED_UNITS = 64
const INTERNED_TEXTS = 8192

const interned: string[] = Array.from({ length: INTERNED_TEXTS }, () => '')
const scratch = Buffer.allocUnsafeSlow(65_536)

function isText(text: string, bytes: Buffer, offset: number): boolean {
  for (let unit = 0, at = offset; unit < text.length; unit += 1, at += 2) {
    if (text.charCodeAt(unit) !== ((bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8))) return false
  }
  return true
}

/**
 * UTF-16 little-endian text of `units` code units, all inside `bytes`. Texts without other letters than Latin-1's take one
 * byte a letter; short ones that came before are the same string again.
 */
export function utf16Text(bytes: Buffer, offset: number, units: number): string {
  if (units <= 0) return ''
  let high = 0
  if (units > INTERNED_UNITS) {
    for (let unit = 0, at = offset; unit < units; unit += 1, at += 2) {
      scratch[unit] = bytes[at] ?? 0
      high |= bytes[at + 1] ?? 0
    }
    return high === 0
      ? scratch.toString('latin1', 0, units)
      : bytes.toString('utf16le', offset, offset + units * 2)
  }
  let hash = units
  for (let unit = 0, at = offset; unit < units; unit += 1, at += 2) {
    const low = bytes[at] ?? 0
    scratch[unit] = low
    high |= bytes[at + 1] ?? 0
    hash = (Math.imul(hash, 31) + low) | 0
  }
  const slot = (hash ^ (hash >>> 15)) & (INTERNED_TEXTS - 1)
  const known = interned[slot] ?? ''
  if (known.length === units && isText(known, bytes, offset)) return known
  const text =
    high === 0 ? scratch.toString('latin1', 0, units) : bytes.toString('utf16le', offset, offset + units * 2)
  interned[slot] = text
  return text
}

const ansi = new TextDecoder('windows-1252')

/** Text of one byte a letter. Windows does not say its code page; most are like 1252. */
export function ansiText(bytes: Buffer, offset: number, end: number): string {
  let last = end
  while (last > offset && bytes[last - 1] === 0) last -= 1
  return ansi.decode(bytes.subarray(offset, last))
}
