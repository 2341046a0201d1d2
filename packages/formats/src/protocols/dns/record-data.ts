import { ByteReader } from '../bytes/byte-reader.ts'
import { hex } from '../bytes/text.ts'
import { writeAddress } from '../../observable/address.ts'
import { quoted, readDomainName } from './domain-name.ts'
import { typeName } from './names.ts'
import { serviceParameters } from './service-parameters.ts'

/** What one part of a record's data is. */
type Part =
  | 'name'
  | 'u8'
  | 'u16'
  | 'u32'
  | 'text'
  | 'texts'
  | 'rest'
  | 'hex'
  | 'base64'
  | 'types'
  | 'time'
  | 'type'
  | 'salt'
  | 'hash'

/** RFC 1035, 3.3; 2782, 3403, 4034, 5155, 6698, 4255, 8659, 7553 and others: the parts of each type's data in order. */
const PARTS: Readonly<Record<number, readonly Part[]>> = {
  2: ['name'],
  5: ['name'],
  6: ['name', 'name', 'u32', 'u32', 'u32', 'u32', 'u32'],
  7: ['name'],
  8: ['name'],
  9: ['name'],
  12: ['name'],
  13: ['text', 'text'],
  14: ['name', 'name'],
  15: ['u16', 'name'],
  16: ['texts'],
  17: ['name', 'name'],
  18: ['u16', 'name'],
  21: ['u16', 'name'],
  33: ['u16', 'u16', 'u16', 'name'],
  35: ['u16', 'u16', 'text', 'text', 'text', 'name'],
  36: ['u16', 'name'],
  37: ['u16', 'u16', 'u8', 'base64'],
  39: ['name'],
  43: ['u16', 'u8', 'u8', 'hex'],
  44: ['u8', 'u8', 'hex'],
  46: ['type', 'u8', 'u8', 'u32', 'time', 'time', 'u16', 'name', 'base64'],
  47: ['name', 'types'],
  48: ['u16', 'u8', 'u8', 'base64'],
  50: ['u8', 'u8', 'u16', 'salt', 'hash', 'types'],
  51: ['u8', 'u8', 'u16', 'salt'],
  52: ['u8', 'u8', 'u8', 'hex'],
  53: ['u8', 'u8', 'u8', 'hex'],
  59: ['u16', 'u8', 'u8', 'hex'],
  60: ['u16', 'u8', 'u8', 'base64'],
  61: ['base64'],
  62: ['u32', 'u16', 'types'],
  63: ['u32', 'u8', 'u8', 'hex'],
  99: ['texts'],
  256: ['u16', 'u16', 'rest'],
}
const [A, AAAA, SVCB, HTTPS, CAA] = [1, 28, 64, 65, 257]
const MOST_TEXT = 4096

/** A record's data as in a zone file; what cannot be read as its type's, as bytes (RFC 3597, 5). */
export function dataText(message: Uint8Array, type: number, from: number, to: number): string {
  const text =
    known(message, type, from, to) ??
    `\\# ${to - from} ${hex(message.subarray(from, Math.min(to, from + MOST_TEXT / 2)))}`
  return text.trimEnd().slice(0, MOST_TEXT)
}

function known(message: Uint8Array, type: number, from: number, to: number): string | undefined {
  const data = message.subarray(from, to)
  if (type === A) return data.length === 4 ? data.join('.') : undefined
  if (type === AAAA) return data.length === 16 ? addressText(data) : undefined
  if (type === SVCB || type === HTTPS) return serviceParameters(message, from, to)
  if (type === CAA) return caa(data)
  const parts = PARTS[type]
  if (parts === undefined) return undefined
  const words: string[] = []
  let at = from
  for (const part of parts) {
    if (part === 'name') {
      const name = readDomainName(message, at, to)
      if (name === undefined || name.end > to) return undefined
      words.push(name.text === '' ? '.' : name.text)
      at = name.end
    } else {
      const reader = new ByteReader(message, at, to)
      words.push(partText(reader, part))
      if (reader.short) return undefined
      at = reader.position
    }
  }
  return at === to ? words.filter((word) => word !== '').join(' ') : undefined
}

function partText(reader: ByteReader, part: Exclude<Part, 'name'>): string {
  switch (part) {
    case 'u8':
      return String(reader.u8())
    case 'u16':
      return String(reader.u16())
    case 'u32':
      return String(reader.u32())
    case 'type':
      return typeName(reader.u16())
    case 'time':
      return timeText(reader.u32())
    case 'text':
      return quoted(reader.take(reader.u8()))
    case 'texts':
      return texts(reader)
    case 'rest':
      return quoted(reader.take(reader.left))
    case 'hex':
      return hex(reader.take(reader.left))
    case 'base64':
      return Buffer.from(reader.take(reader.left)).toString('base64')
    case 'salt':
      return hex(reader.take(reader.u8())) || '-'
    case 'hash':
      return base32(reader.take(reader.u8()))
    default:
      return typesText(reader)
  }
}

function texts(reader: ByteReader): string {
  const found: string[] = []
  while (reader.left > 0) found.push(quoted(reader.take(reader.u8())))
  return found.join(' ')
}

/** RFC 4034, 3.2. */
function timeText(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replaceAll(/[-:T]|\.\d+Z/g, '')
}

/** The types that a name has (RFC 4034, 4.1.2). */
function typesText(reader: ByteReader): string {
  const found: string[] = []
  while (reader.left > 0) {
    const window = reader.u8() * 256
    for (const [index, byte] of reader.take(reader.u8()).entries()) {
      for (let bit = 0; bit < 8; bit += 1)
        if ((byte & (0x80 >> bit)) !== 0) found.push(typeName(window + index * 8 + bit))
    }
  }
  return found.join(' ')
}

const DIGITS = '0123456789abcdefghijklmnopqrstuv'

/** RFC 4648, 7, without padding (RFC 5155, 3.3). */
function base32(bytes: Uint8Array): string {
  let text = ''
  let bits = 0
  let value = 0
  for (const byte of bytes) {
    value = ((value << 8) | byte) & 0xfff
    bits += 8
    while (bits >= 5) {
      bits -= 5
      text += DIGITS[(value >> bits) & 31] ?? ''
    }
  }
  return bits === 0 ? text : text + (DIGITS[(value << (5 - bits)) & 31] ?? '')
}

function addressText(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, 16)
  return writeAddress(
    6,
    Uint32Array.of(view.getUint32(0), view.getUint32(4), view.getUint32(8), view.getUint32(12)),
  )
}

/** RFC 8659, 4.1. */
function caa(data: Uint8Array): string | undefined {
  const reader = new ByteReader(data)
  const flags = reader.u8()
  const tag = quoted(reader.take(reader.u8())).slice(1, -1)
  return reader.short ? undefined : `${flags} ${tag} ${quoted(reader.take(reader.left))}`
}
