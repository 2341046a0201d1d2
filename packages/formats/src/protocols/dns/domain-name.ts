/** RFC 1035, 2.3.4. */
const MOST_NAME_BYTES = 255
/** As many as an honest name has labels. */
const MOST_POINTERS = 128
const DOT = 0x2e
const BACKSLASH = 0x5c

export interface DomainName {
  /** Without the dot at its end; empty for the root. */
  readonly text: string
  /** Where what follows it begins. */
  readonly end: number
}

/**
 * A domain name within a message (RFC 1035, 3.1 and 4.1.4). A pointer leads back, further than the one before, so a chain of
 * them ends. Undefined where the name is none: it leaves the message, is too long, or points ahead.
 */
export function readDomainName(
  message: Uint8Array,
  from: number,
  limit = message.length,
): DomainName | undefined {
  let text = ''
  let at = from
  let end = -1
  let lowest = from
  let size = 0
  let pointers = 0
  for (;;) {
    const length = message[at]
    if (length === undefined || (end < 0 && at >= limit)) return undefined
    if (length === 0) return { text, end: end < 0 ? at + 1 : end }
    if (length >= 0xc0) {
      const low = message[at + 1]
      if (low === undefined) return undefined
      if (end < 0) end = at + 2
      at = ((length & 0x3f) << 8) | low
      pointers += 1
      if (at >= lowest || pointers > MOST_POINTERS) return undefined
      lowest = at
      continue
    }
    size += length + 1
    if (length > 63 || size >= MOST_NAME_BYTES || at + 1 + length > message.length) return undefined
    if (text !== '') text += '.'
    text += labelText(message, at + 1, at + 1 + length)
    at += 1 + length
  }
}

/** As in a zone file (RFC 1035, 5.1; RFC 4343, 2.1). */
function labelText(message: Uint8Array, from: number, to: number): string {
  let text = ''
  for (let at = from; at < to; at += 1) {
    const byte = message[at] ?? 0
    if (byte === DOT || byte === BACKSLASH) text += `\\${String.fromCharCode(byte)}`
    else if (byte > 0x20 && byte < 0x7f) text += String.fromCharCode(byte)
    else text += `\\${String(byte).padStart(3, '0')}`
  }
  return text
}

/** Text within quotation marks (RFC 1035, 5.1). */
export function quoted(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) {
    if (byte === 0x22 || byte === BACKSLASH) text += `\\${String.fromCharCode(byte)}`
    else if (byte >= 0x20 && byte < 0x7f) text += String.fromCharCode(byte)
    else text += `\\${String(byte).padStart(3, '0')}`
  }
  return `"${text}"`
}
