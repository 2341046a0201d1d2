import { ByteReader } from '../bytes/byte-reader.ts'
import { readDomainName } from './domain-name.ts'
import { HEADER_BYTES } from './message.ts'
import { isKnownType } from './names.ts'

const MOST_OPCODE = 6
/** NetBIOS has the same form and other names (RFC 1002, 4.2). */
const NETBIOS_TYPES = new Set([32, 33])
const NETBIOS_NAME = /^[A-P]{32}(?:\.|$)/i

/**
 * Whether a message looks like DNS: its counts are ones that there are, and its first question can be read. `isOnPort` is
 * for what is unusual, but known: answers that ask nothing (mDNS), types without a name.
 */
export function looksLikeMessage(message: Uint8Array, isOnPort: boolean): 'yes' | 'no' | 'maybe' {
  const reader = new ByteReader(message)
  reader.skip(2)
  const bits = reader.u16()
  const [questions, answers, authorities, additionals] = [
    reader.u16(),
    reader.u16(),
    reader.u16(),
    reader.u16(),
  ]
  const isAnswer = (bits & 0x8000) !== 0
  if (reader.short) return message.length > 3 && ((bits >> 11) & 15) > MOST_OPCODE ? 'no' : 'maybe'
  if (((bits >> 11) & 15) > MOST_OPCODE || (!isAnswer && (bits & 15) !== 0 && !isOnPort)) return 'no'
  const records = answers + authorities + additionals
  // A record has 11 bytes at least.
  if (records > 1024 || (!isOnPort && (questions !== 1 || (!isAnswer && answers > 0)))) return 'no'
  if (questions === 0)
    return isOnPort && records > 0 && readDomainName(message, HEADER_BYTES) !== undefined ? 'yes' : 'no'
  if (questions > 64) return 'no'
  const name = readDomainName(message, HEADER_BYTES)
  if (name === undefined) return cutShort(message) ? 'maybe' : 'no'
  const rest = new ByteReader(message, name.end)
  const type = rest.u16()
  const queryClass = rest.u16() & 0x7fff
  if (rest.short) return 'maybe'
  if (NETBIOS_TYPES.has(type) && NETBIOS_NAME.test(name.text)) return 'no'
  if (!isOnPort && (!isKnownType(type) || !KNOWN_CLASSES.has(queryClass))) return 'no'
  return isOnPort && queryClass === 0 ? 'no' : 'yes'
}

const KNOWN_CLASSES = new Set([1, 3, 4, 254, 255])

/** The labels of the first name go on to the end of what is there. */
function cutShort(message: Uint8Array): boolean {
  let at = HEADER_BYTES
  while (at < message.length) {
    const length = message[at] ?? 0
    if (length === 0 || length > 63) return false
    at += 1 + length
  }
  return at - HEADER_BYTES < 255
}
