import { readRange, writeAddress } from '@vedette/formats'
import { PublicError } from '../../access/public-error.ts'

/**
 * The first and the last address of `192.0.2.0/24`, `2001:db8::/32`, or of a bare address.
 *
 * @throws {PublicError} `bad-input`
 */
export function addressRange(text: string): { readonly first: string; readonly last: string } {
  const words = new Uint32Array(4)
  const range = readRange(text.trim(), words)
  if (range === undefined) {
    throw new PublicError(
      'bad-input',
      'address: expected an IPv4 or IPv6 address, or a range such as 10.0.0.0/8',
    )
  }
  const { family, prefix } = range
  const first = writeAddress(family, words)
  for (let word = 0; word < (family === 4 ? 1 : 4); word += 1) {
    const fixed = Math.min(32, Math.max(0, prefix - 32 * word))
    if (fixed < 32) words[word] = ((words[word] ?? 0) | (0xffff_ffff >>> fixed)) >>> 0
  }
  return { first, last: writeAddress(family, words) }
}
