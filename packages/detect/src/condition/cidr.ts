import { type AddressRange, maskAddress, readAddress, readRange } from '@vedette/formats'

/** A range of addresses: `10.0.0.0/8`, `fe80::/10`. */
export interface Cidr extends AddressRange {
  /** The first address of the range, in 32-bit words. */
  readonly words: Uint32Array
}

/** Undefined where the text is not `address/length`. A bare address is the range of itself alone. */
export function parseCidr(text: string): Cidr | undefined {
  const words = new Uint32Array(4)
  const range = readRange(text, words)
  return range && { ...range, words }
}

/** Used again for every text: nothing is made for one. */
const own = new Uint32Array(4)

/** Whether an address lies in the range; false for text that is no address. An IPv4-mapped address counts as IPv4. */
export function inCidr(text: string, { family, prefix, words }: Cidr): boolean {
  if (readAddress(text, own) !== family) return false
  maskAddress(family, own, prefix)
  return own[0] === words[0] && own[1] === words[1] && own[2] === words[2] && own[3] === words[3]
}
