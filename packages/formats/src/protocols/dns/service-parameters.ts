import { ByteReader } from '../bytes/byte-reader.ts'
import { hex } from '../bytes/text.ts'
import { writeAddress } from '../../observable/address.ts'
import { quoted, readDomainName } from './domain-name.ts'

/** IANA, DNS SVCB: Service Parameter Keys. */
const KEYS = [
  'mandatory',
  'alpn',
  'no-default-alpn',
  'port',
  'ipv4hint',
  'ech',
  'ipv6hint',
  'dohpath',
  'ohttp',
]

/** The data of SVCB and HTTPS records (RFC 9460, 2.1). */
export function serviceParameters(message: Uint8Array, from: number, to: number): string | undefined {
  const priority = new ByteReader(message, from, to).u16()
  const name = readDomainName(message, from + 2, to)
  if (name === undefined || name.end > to) return undefined
  const words = [String(priority), name.text === '' ? '.' : name.text]
  const reader = new ByteReader(message, name.end, to)
  while (reader.left >= 4) {
    const key = reader.u16()
    const value = reader.take(reader.u16())
    const text = valueText(key, value)
    words.push(text === '' ? keyName(key) : `${keyName(key)}=${text}`)
  }
  return reader.short || reader.left > 0 ? undefined : words.join(' ')
}

const keyName = (key: number): string => KEYS[key] ?? `key${key}`

function valueText(key: number, value: Uint8Array): string {
  const reader = new ByteReader(value)
  const found: string[] = []
  switch (KEYS[key]) {
    case 'mandatory':
      while (reader.left > 1) found.push(keyName(reader.u16()))
      break
    case 'alpn':
      while (reader.left > 0) found.push(quoted(reader.take(reader.u8())).slice(1, -1))
      break
    case 'port':
      found.push(String(reader.u16()))
      break
    case 'ipv4hint':
      while (reader.left > 3) found.push(reader.take(4).join('.'))
      break
    case 'ipv6hint':
      while (reader.left > 15)
        found.push(writeAddress(6, Uint32Array.of(reader.u32(), reader.u32(), reader.u32(), reader.u32())))
      break
    case 'ech':
      return Buffer.from(value).toString('base64')
    case 'dohpath':
      return quoted(value).slice(1, -1)
    default:
      return hex(value)
  }
  return found.join(',')
}
