import { latin1 } from '../../bytes/text.ts'
import type { DerElement } from './der.ts'

const UTF8 = 0x0c
const BMP = 0x1e
const MOST_BYTES = 1024

/** A string of a certificate as text, by its kind (X.680): UTF-8, UTF-16, else one character a byte. */
export function stringText(bytes: Uint8Array, { tag, start, end }: DerElement): string {
  const value = bytes.subarray(start, Math.min(end, start + MOST_BYTES))
  if (tag === UTF8) return Buffer.from(value).toString('utf8')
  if (tag !== BMP) return latin1(value)
  let text = ''
  for (let at = 0; at + 1 < value.length; at += 2) {
    text += String.fromCharCode(((value[at] ?? 0) << 8) | (value[at + 1] ?? 0))
  }
  return text.toWellFormed()
}
