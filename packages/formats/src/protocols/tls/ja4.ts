import { hash } from 'node:crypto'
import { extension } from './extensions.ts'
import { withoutGrease } from './grease.ts'
import type { Offered } from './ja3.ts'

/** FoxIO, technical details of JA4 (github.com/FoxIO-LLC/ja4), 2024. The client's alone: JA4S and others are not free. */
const VERSIONS: Readonly<Record<number, string>> = {
  0x0304: '13',
  0x0303: '12',
  0x0302: '11',
  0x0301: '10',
  0x0300: 's3',
  0x0002: 's2',
  0xfeff: 'd1',
  0xfefd: 'd2',
  0xfefc: 'd3',
}
const NONE = '000000000000'

/**
 * JA4 of a client hello, over TCP (`t`) or within QUIC (`q`): what it offers, sorted, so that an order that changes with each
 * connection changes nothing.
 */
export function ja4Of(offered: Offered, transport: 't' | 'q'): string {
  const ciphers = withoutGrease(offered.ciphers)
  const extensions = withoutGrease(offered.extensions)
  const versions = withoutGrease(offered.versions)
  const version = versions.length === 0 ? offered.version : Math.max(...versions.slice(0, 256))
  const name = extensions.includes(extension.serverName) ? 'd' : 'i'
  const start = `${transport}${VERSIONS[version] ?? '00'}${name}${count(ciphers)}${count(extensions)}${alpnOf(offered.alpn)}`
  const sorted = sortedHex(
    extensions.filter((type) => type !== extension.serverName && type !== extension.alpn),
  )
  const algorithms = withoutGrease(offered.algorithms).map(hex4).join(',')
  return `${start}_${hashOf(sortedHex(ciphers))}_${
    extensions.length === 0 ? NONE : hashOf(algorithms === '' ? sorted : `${sorted}_${algorithms}`)
  }`
}

const hex4 = (value: number): string => value.toString(16).padStart(4, '0')

const count = ({ length }: readonly unknown[]): string => String(Math.min(length, 99)).padStart(2, '0')

function sortedHex(values: readonly number[]): string {
  return values
    .toSorted((a, b) => a - b)
    .map(hex4)
    .join(',')
}

function hashOf(text: string): string {
  return text === '' ? NONE : hash('sha256', text).slice(0, 12)
}

/** First and last character of the first protocol; of its hex digits where one of both is no letter or digit. */
function alpnOf(alpn: Uint8Array | undefined): string {
  const first = alpn?.at(0)
  const last = alpn?.at(-1)
  if (first === undefined || last === undefined) return '00'
  if (isAlphanumeric(first) && isAlphanumeric(last)) return String.fromCharCode(first, last)
  return `${(first >> 4).toString(16)}${(last & 15).toString(16)}`
}

function isAlphanumeric(byte: number): boolean {
  return (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a)
}
