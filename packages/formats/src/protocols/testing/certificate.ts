import { generateKeyPairSync, sign } from 'node:crypto'
import { joined, number } from './wire.ts'
import { text } from './converse.ts'

/** An element of DER. */
export function tlv(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const body = joined(...parts)
  const length =
    body.length < 0x80
      ? Uint8Array.of(body.length)
      : body.length < 0x100
        ? Uint8Array.of(0x81, body.length)
        : joined(Uint8Array.of(0x82), number(body.length, 2))
  return joined(Uint8Array.of(tag), length, body)
}

function oid(dotted: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  const bytes: number[] = []
  for (const part of [first * 40 + second, ...rest]) {
    const digits: number[] = []
    for (let value = part; digits.length === 0 || value > 0; value = Math.floor(value / 128))
      digits.unshift(value % 128)
    bytes.push(...digits.map((digit, at) => (at < digits.length - 1 ? digit | 0x80 : digit)))
  }
  return tlv(0x06, Uint8Array.from(bytes))
}

/** Type, kind of string (12 UTF-8, 19 printable), value. */
export type NamePart = readonly [oid: string, tag: number, value: Uint8Array]

export interface CertificateParts {
  readonly subject: readonly NamePart[]
  readonly issuer: readonly NamePart[]
  readonly serial?: Uint8Array
  /** Tag (23 UTCTime, 24 GeneralizedTime) and text. */
  readonly times?: readonly (readonly [tag: number, time: string])[]
  /** Tag (0x82 domain name, 0x87 address, ...) and value. */
  readonly sans?: readonly (readonly [tag: number, value: Uint8Array])[]
}

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const ALGORITHM = tlv(0x30, oid('1.2.840.10045.4.3.2'))

function name(parts: readonly NamePart[]): Uint8Array {
  return tlv(0x30, ...parts.map(([type, tag, value]) => tlv(0x31, tlv(0x30, oid(type), tlv(tag, value)))))
}

/** A certificate that others can read too, with an honest signature. */
export function certificate(parts: CertificateParts): Uint8Array {
  const times = parts.times ?? [
    [0x17, '250101000000Z'],
    [0x17, '350101000000Z'],
  ]
  const sans = parts.sans ?? []
  const extension = tlv(
    0x30,
    oid('2.5.29.17'),
    tlv(0x04, tlv(0x30, ...sans.map(([tag, value]) => tlv(tag, value)))),
  )
  const body = tlv(
    0x30,
    tlv(0xa0, tlv(0x02, Uint8Array.of(2))),
    tlv(0x02, parts.serial ?? Uint8Array.of(1, 2, 3)),
    ALGORITHM,
    name(parts.issuer),
    tlv(0x30, ...times.map(([tag, time]) => tlv(tag, text(time)))),
    name(parts.subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    ...(sans.length === 0 ? [] : [tlv(0xa3, tlv(0x30, extension))]),
  )
  return tlv(0x30, body, ALGORITHM, tlv(0x03, Uint8Array.of(0), sign('sha256', body, privateKey)))
}

/** The key of every certificate here. */
export const certificateKey = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()

export function pem(der: Uint8Array): string {
  return `-----BEGIN CERTIFICATE-----\n${Buffer.from(der).toString('base64')}\n-----END CERTIFICATE-----\n`
}
