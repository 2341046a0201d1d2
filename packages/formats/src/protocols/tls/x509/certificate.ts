import { hash } from 'node:crypto'
import type { CertificateFacts } from '@vedette/model'
import { hex, latin1 } from '../../bytes/text.ts'
import { der, type DerElement, elements, oidText, readElement } from './der.ts'
import { nameText } from './name.ts'

const VERSION = 0xa0
const EXTENSIONS = 0xa3
const SUBJECT_ALT_NAME = '2.5.29.17'
const MOST_SANS = 128
const MOST_NAME = 1024
const MOST_SERIAL_BYTES = 64

export function sha256Of(bytes: Uint8Array): string {
  return hash('sha256', bytes)
}

/**
 * An X.509 certificate in DER (RFC 5280, 4.1), read leniently: what an attacker wrote wrong is what one wants to see.
 * Undefined where not even issuer and subject are found.
 */
export function readCertificate(bytes: Uint8Array): CertificateFacts | undefined {
  const whole = readElement(bytes, 0, bytes.length)
  if (whole?.tag !== der.sequence) return undefined
  const body = readElement(bytes, whole.start, whole.end)
  if (body?.tag !== der.sequence) return undefined
  const fields = elements(bytes, body, 16)
  const [serial, , issuer, validity, subject] = fields[0]?.tag === VERSION ? fields.slice(1) : fields
  if (serial?.tag !== der.integer || issuer?.tag !== der.sequence || subject?.tag !== der.sequence)
    return undefined
  const [before, after] =
    validity === undefined ? [] : elements(bytes, validity, 2).map((time) => timeOf(bytes, time))
  const sans = alternativeNames(
    bytes,
    fields.find(({ tag }) => tag === EXTENSIONS),
  )
  return {
    subject: nameText(bytes, subject),
    issuer: nameText(bytes, issuer),
    serial_number: hex(bytes.subarray(serial.start, Math.min(serial.end, serial.start + MOST_SERIAL_BYTES)))
      .toUpperCase()
      .replaceAll(/..(?=.)/g, '$&:'),
    ...(before === undefined ? {} : { created_time: before }),
    ...(after === undefined ? {} : { expiration_time: after }),
    is_self_signed: sameBytes(bytes, issuer, subject),
    ...(sans.length === 0 ? {} : { sans }),
    sha1: hash('sha1', bytes),
    sha256: sha256Of(bytes),
  }
}

/** RFC 5280, 4.1.2.5: years of two digits are those from 1950 to 2049. Milliseconds since the epoch. */
function timeOf(bytes: Uint8Array, { tag, start, end }: DerElement): number | undefined {
  const text = latin1(bytes.subarray(start, Math.min(end, start + 32)))
  const parts = /^(\d{2}|\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})?(?:\.\d+)?Z?$/.exec(text)
  if (parts === null || (tag !== der.utcTime && tag !== der.generalizedTime)) return undefined
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts
    .slice(1)
    .map((part) => Number(part ?? 0))
  const century = (parts[1]?.length ?? 0) === 4 ? 0 : year < 50 ? 2000 : 1900
  const time = Date.UTC(century + year, month - 1, day, hour, minute, second)
  return Number.isFinite(time) ? time : undefined
}

function alternativeNames(bytes: Uint8Array, extensions: DerElement | undefined): string[] {
  if (extensions === undefined) return []
  const list = readElement(bytes, extensions.start, extensions.end)
  if (list === undefined) return []
  for (const entry of elements(bytes, list, 64)) {
    const parts = elements(bytes, entry, 3)
    const value = parts.at(-1)
    if (parts[0]?.tag !== der.oid || value?.tag !== der.octetString) continue
    if (oidText(bytes, parts[0]) !== SUBJECT_ALT_NAME) continue
    const names = readElement(bytes, value.start, value.end)
    return names === undefined
      ? []
      : elements(bytes, names, MOST_SANS).flatMap((name) => generalName(bytes, name))
  }
  return []
}

/** RFC 5280, 4.2.1.6: mail address, domain name, URI, address; others have no short text. */
function generalName(bytes: Uint8Array, { tag, start, end }: DerElement): string[] {
  const value = bytes.subarray(start, Math.min(end, start + MOST_NAME))
  const escaped = (): string => latin1(value).replaceAll(SPECIAL, escapeHex).slice(0, MOST_NAME)
  if (tag === 0x81 || tag === 0x82 || tag === 0x86) return [escaped()]
  if (tag !== 0x87) return []
  if (value.length === 4) return [value.join('.')]
  return value.length === 16 ? [hex(value).replaceAll(/.{4}(?=.)/g, '$&:')] : []
}

// oxlint-disable-next-line no-control-regex -- a NUL within a name is how one certificate passes for another's
const SPECIAL = /[\u0000-\u001f\u007f\\]/g

const escapeHex = (character: string): string => `\\${character.charCodeAt(0).toString(16).padStart(2, '0')}`

function sameBytes(bytes: Uint8Array, a: DerElement, b: DerElement): boolean {
  return Buffer.compare(bytes.subarray(a.start, a.end), bytes.subarray(b.start, b.end)) === 0
}
