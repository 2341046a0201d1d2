/** An element of DER (ITU-T X.690): its tag's first byte, and where its contents stand. */
export interface DerElement {
  readonly tag: number
  readonly start: number
  readonly end: number
}

export const der = {
  integer: 0x02,
  oid: 0x06,
  sequence: 0x30,
  set: 0x31,
  utcTime: 0x17,
  generalizedTime: 0x18,
  octetString: 0x04,
} as const

/** The element at `at`, within `end`; undefined where there is none, or its length is not one that DER allows. */
export function readElement(bytes: Uint8Array, at: number, end: number): DerElement | undefined {
  if (at + 2 > end) return undefined
  const tag = bytes[at] ?? 0
  // Tags of several bytes do not occur in certificates.
  if ((tag & 0x1f) === 0x1f) return undefined
  const first = bytes[at + 1] ?? 0
  let start = at + 2
  let length = first
  if (first >= 0x80) {
    const size = first & 0x7f
    if (size === 0 || size > 4 || start + size > end) return undefined
    length = 0
    for (let n = 0; n < size; n += 1) length = length * 256 + (bytes[start + n] ?? 0)
    start += size
  }
  return start + length > end ? undefined : { tag, start, end: start + length }
}

/** The elements within another, up to the first that is none. At most `most`. */
export function elements(bytes: Uint8Array, { start, end }: DerElement, most = 1024): DerElement[] {
  const found: DerElement[] = []
  let at = start
  while (found.length < most) {
    const element = readElement(bytes, at, end)
    if (element === undefined) break
    found.push(element)
    at = element.end
  }
  return found
}

/** An object identifier in dotted form; its parts past 2^53 are not exact, and no name of ours has such. */
export function oidText(bytes: Uint8Array, { start, end }: DerElement): string {
  const parts: number[] = []
  let value = 0
  for (let at = start; at < Math.min(end, start + 64); at += 1) {
    const byte = bytes[at] ?? 0
    value = value * 128 + (byte & 0x7f)
    if (byte < 0x80) {
      if (parts.length === 0)
        parts.push(Math.min(2, Math.floor(value / 40)), value - 40 * Math.min(2, Math.floor(value / 40)))
      else parts.push(value)
      value = 0
    }
  }
  return parts.join('.')
}
