import { createHash } from 'node:crypto'

/** The same words make the same id (RFC 9562, section 5.8: a UUID of one's own making). */
export function uuidOf(words: string): string {
  const hex = createHash('sha256').update(words).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-9${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
