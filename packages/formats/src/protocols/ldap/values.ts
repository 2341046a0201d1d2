import type { DerElement } from '../tls/x509/der.ts'

const MOST_TEXT = 1024

/** An OCTET STRING as text. */
export function octets(bytes: Uint8Array, { start, end }: DerElement): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, Math.min(end - start, MOST_TEXT)).toString(
    'utf8',
  )
}

/** An INTEGER or ENUMERATED of at most four bytes. */
export function whole(bytes: Uint8Array, { start, end }: DerElement): number {
  let value = (bytes[start] ?? 0) >= 0x80 && end > start ? -1 : 0
  for (let at = start; at < Math.min(end, start + 4); at += 1) value = (value << 8) | (bytes[at] ?? 0)
  return value
}
