import type { KerberosFacts } from '@vedette/model'
import { latin1 } from '../bytes/text.ts'
import { type DerElement, elements, readElement } from '../tls/x509/der.ts'
import { cipherName, errorName, isWeak, optionNames } from './names.ts'

const MOST_TEXT = 256
const MOST_LISTED = 32
const CONTEXT = 0xa0

/** Application tags of the messages (RFC 4120, 5.10). */
const TYPES: Readonly<Record<number, string>> = {
  0x6a: 'KRB_AS_REQ',
  0x6b: 'KRB_AS_REP',
  0x6c: 'KRB_TGS_REQ',
  0x6d: 'KRB_TGS_REP',
  0x6e: 'KRB_AP_REQ',
  0x7e: 'KRB_ERROR',
}

export type Draft = { -readonly [Key in keyof KerberosFacts]: KerberosFacts[Key] }

/** The version within its tag, which is [0] or [1]; the type of the message comes next, in the tag after that. */
const VERSION = Uint8Array.of(0x03, 0x02, 0x01, 0x05)
const FURTHEST_VERSION = 14

/** Whether a message begins here: tag, length, sequence, and version 5. */
export function looksLikeMessage(bytes: Uint8Array): boolean {
  if (TYPES[bytes[0] ?? 0] === undefined) return false
  const at = Buffer.from(
    bytes.buffer,
    bytes.byteOffset,
    Math.min(bytes.length, FURTHEST_VERSION + 8),
  ).indexOf(VERSION)
  const tag = bytes[at - 1]
  if (at < 5 || at > FURTHEST_VERSION || (tag !== CONTEXT && tag !== CONTEXT + 1)) return false
  return bytes[at + VERSION.length] === tag + 1 && bytes.subarray(2, at - 1).includes(0x30)
}

/** Reads a message; undefined where it is none. What cannot be read of it is left out. */
export function readKerberos(bytes: Uint8Array): Draft | undefined {
  if (!looksLikeMessage(bytes)) return undefined
  const msgType = TYPES[bytes[0] ?? 0] ?? ''
  // It may go on past the bytes that were kept.
  const outer = bodyOf(bytes, 0, bytes.length)
  const sequence = outer === undefined ? undefined : bodyOf(bytes, outer.start, outer.end)
  if (sequence === undefined) return undefined
  const fields = fieldsOf(bytes, sequence)
  const facts: Draft = { msg_type: msgType }
  if (msgType === 'KRB_AS_REQ' || msgType === 'KRB_TGS_REQ') readRequest(bytes, fields, facts)
  else if (msgType === 'KRB_AS_REP' || msgType === 'KRB_TGS_REP') readReply(bytes, fields, facts)
  else if (msgType === 'KRB_AP_REQ') {
    facts.request_type = 'AP'
    readTicket(bytes, fields.get(3), facts)
  } else readError(bytes, fields, facts)
  return facts
}

function readRequest(bytes: Uint8Array, fields: Fields, facts: Draft): void {
  facts.request_type = facts.msg_type === 'KRB_AS_REQ' ? 'AS' : 'TGS'
  const preauth = fields.get(3)
  if (preauth !== undefined) {
    const types = inner(bytes, preauth).map((each) => numberOf(bytes, fieldsOf(bytes, each).get(1)))
    facts.preauth_types = types.filter((type) => type !== undefined).slice(0, MOST_LISTED)
  }
  const body = fields.get(4)
  if (body === undefined) return
  const parts = fieldsOf(bytes, bodyOf(bytes, body.start, body.end))
  noteNames(facts, nameOf(bytes, parts.get(1)), textOf(bytes, parts.get(2)), nameOf(bytes, parts.get(3)))
  const ciphers = parts.get(8)
  if (ciphers !== undefined)
    facts.client_ciphers = inner(bytes, ciphers)
      .map((each) => cipherName(signed(bytes, each)))
      .slice(0, MOST_LISTED)
  const options = optionNames(bitsOf(bytes, parts.get(0)))
  if (options.length > 0) facts.options = options
}

function readReply(bytes: Uint8Array, fields: Fields, facts: Draft): void {
  facts.request_type = facts.msg_type === 'KRB_AS_REP' ? 'AS' : 'TGS'
  readTicket(bytes, fields.get(5), facts)
  noteNames(facts, nameOf(bytes, fields.get(4)), textOf(bytes, fields.get(3)), undefined)
  const cipher = cipherOf(bytes, fields.get(6))
  if (cipher === undefined) return
  facts.cipher = cipherName(cipher)
  facts.weak_cipher = isWeak(cipher)
}

/** RFC 4120, 5.3. */
function readTicket(bytes: Uint8Array, field: DerElement | undefined, facts: Draft): void {
  const tagged = field === undefined ? undefined : bodyOf(bytes, field.start, field.end)
  const parts = fieldsOf(bytes, tagged === undefined ? undefined : bodyOf(bytes, tagged.start, tagged.end))
  noteNames(facts, undefined, textOf(bytes, parts.get(1)), nameOf(bytes, parts.get(2)))
  const cipher = cipherOf(bytes, parts.get(3))
  if (cipher === undefined) return
  facts.ticket_cipher = cipherName(cipher)
  facts.weak_ticket_cipher = isWeak(cipher)
}

function readError(bytes: Uint8Array, fields: Fields, facts: Draft): void {
  noteNames(facts, nameOf(bytes, fields.get(8)), textOf(bytes, fields.get(9)), nameOf(bytes, fields.get(10)))
  const code = numberOf(bytes, fields.get(6))
  if (code === undefined) return
  facts.error_code = code
  facts.error = errorName(code)
}

function noteNames(facts: Draft, client?: string, realm?: string, service?: string): void {
  if (client !== undefined && client !== '') facts.client = client
  if (realm !== undefined && realm !== '') facts.realm = realm
  if (service !== undefined && service !== '') facts.service = service
}

type Fields = ReadonlyMap<number, DerElement>

/** What is within the element at `at`; what is there of it, where it goes on past the end. */
function bodyOf(bytes: Uint8Array, at: number, end: number): DerElement | undefined {
  const whole = readElement(bytes, at, end)
  if (whole !== undefined) return whole
  const first = bytes[at + 1] ?? 0
  const start = at + 2 + (first >= 0x80 ? first & 0x7f : 0)
  return first === 0x80 || start >= end ? undefined : { tag: bytes[at] ?? 0, start, end }
}

/** Fields of a sequence by the number of their tag. */
function fieldsOf(bytes: Uint8Array, sequence: DerElement | undefined): Fields {
  const found = new Map<number, DerElement>()
  if (sequence === undefined) return found
  let last = sequence.start
  for (const each of elements(bytes, sequence, MOST_LISTED)) {
    if ((each.tag & 0xe0) === CONTEXT) found.set(each.tag & 0x1f, each)
    last = each.end
  }
  // The one that goes on past the bytes that were kept.
  const cut = last < sequence.end ? bodyOf(bytes, last, sequence.end) : undefined
  if (cut !== undefined && (cut.tag & 0xe0) === CONTEXT && !found.has(cut.tag & 0x1f))
    found.set(cut.tag & 0x1f, cut)
  return found
}

/** The elements of a sequence that a field holds. */
function inner(bytes: Uint8Array, field: DerElement): DerElement[] {
  const sequence = bodyOf(bytes, field.start, field.end)
  return sequence === undefined ? [] : elements(bytes, sequence, MOST_LISTED)
}

function numberOf(bytes: Uint8Array, field: DerElement | undefined): number | undefined {
  const element = field === undefined ? undefined : readElement(bytes, field.start, field.end)
  return element?.tag === 2 ? signed(bytes, element) : undefined
}

function signed(bytes: Uint8Array, { start, end }: DerElement): number {
  let value = (bytes[start] ?? 0) >= 0x80 && end > start ? -1 : 0
  for (let at = start; at < Math.min(end, start + 4); at += 1) value = (value << 8) | (bytes[at] ?? 0)
  return value
}

function textOf(bytes: Uint8Array, field: DerElement | undefined): string | undefined {
  const element = field === undefined ? undefined : readElement(bytes, field.start, field.end)
  return element === undefined ? undefined : latin1(bytes.subarray(element.start, element.end), MOST_TEXT)
}

/** PrincipalName (RFC 4120, 5.2.2). */
function nameOf(bytes: Uint8Array, field: DerElement | undefined): string | undefined {
  if (field === undefined) return undefined
  const strings = fieldsOf(bytes, bodyOf(bytes, field.start, field.end)).get(1)
  if (strings === undefined) return undefined
  return inner(bytes, strings)
    .slice(0, 4)
    .map(({ start, end }) => latin1(bytes.subarray(start, end), MOST_TEXT))
    .join('/')
}

function cipherOf(bytes: Uint8Array, field: DerElement | undefined): number | undefined {
  if (field === undefined) return undefined
  return numberOf(bytes, fieldsOf(bytes, bodyOf(bytes, field.start, field.end)).get(0))
}

function bitsOf(bytes: Uint8Array, field: DerElement | undefined): number {
  const element = field === undefined ? undefined : readElement(bytes, field.start, field.end)
  if (element === undefined || element.tag !== 3) return 0
  const text = bytes.subarray(element.start + 1, Math.min(element.end, element.start + 5))
  return (((text[0] ?? 0) << 24) | ((text[1] ?? 0) << 16) | ((text[2] ?? 0) << 8) | (text[3] ?? 0)) >>> 0
}
