import type { LdapFacts } from '@vedette/model'
import { readLogon } from '../smb/ntlm.ts'
import { type DerElement, elements, readElement } from '../tls/x509/der.ts'
import { writeFilter } from './filter.ts'
import { octets, whole } from './values.ts'

export type Draft = { -readonly [Key in keyof LdapFacts]: LdapFacts[Key] }

/** What a message is: a request; or of an answer, how it ended, or one of many entries. */
export type LdapMessage =
  | { readonly type: 'request'; readonly facts: Draft }
  | { readonly type: 'end'; readonly id: number; readonly code: number; readonly goesOn: boolean }
  | { readonly type: 'entry'; readonly id: number }
  | { readonly type: 'other' }

/** Application tags of requests (RFC 4511, 4.2 to 4.12). */
const REQUESTS: Readonly<Record<number, LdapFacts['operation']>> = {
  0x60: 'bind',
  0x63: 'search',
  0x66: 'modify',
  0x68: 'add',
  0x4a: 'delete',
  0x6c: 'rename',
  0x6e: 'compare',
  0x77: 'extended',
}
/** Of answers that end a request. */
const ENDS = new Set([0x61, 0x65, 0x67, 0x69, 0x6b, 0x6d, 0x6f, 0x78])
const ENTRY = 0x64
const SASL_GOES_ON = 14
const SCOPES = ['base', 'one', 'sub', 'children']
const MOST_ATTRIBUTES = 64

/** Whether a message begins here: a sequence, its number, and a known operation. */
export function looksLikeLdap(bytes: Uint8Array): 'yes' | 'no' | 'maybe' {
  if (bytes.length > 0 && bytes[0] !== 0x30) return 'no'
  if (bytes.length < 12) return 'maybe'
  const start = contentAt(bytes)
  if (start === undefined) return 'no'
  const id = readElement(bytes, start, bytes.length)
  if (id === undefined || id.tag !== 2 || id.end - id.start > 4 || id.end === id.start) return 'no'
  const tag = bytes[id.end] ?? 0
  if (tag === 0x60) {
    // BindRequest: version 2 or 3.
    const inner = contentAt(bytes.subarray(id.end))
    const at = inner === undefined ? bytes.length : id.end + inner
    if (at + 3 > bytes.length) return 'maybe'
    return bytes[at] === 2 && bytes[at + 1] === 1 && (bytes[at + 2] === 3 || bytes[at + 2] === 2)
      ? 'yes'
      : 'no'
  }
  return tag === 0x63 || tag === 0x77 || tag === 0x61 || tag === ENTRY || tag === 0x65 ? 'yes' : 'no'
}

/** Where the contents of the element at the beginning are. */
function contentAt(bytes: Uint8Array): number | undefined {
  const first = bytes[1] ?? 0
  if (first < 0x80) return 2
  const size = first & 0x7f
  return size === 0 || size > 4 ? undefined : 2 + size
}

/** How long the message at the beginning is; 0 where more bytes are needed, -1 where it is none. */
export function messageLength(bytes: Uint8Array): number {
  if (bytes.length < 2) return 0
  const start = contentAt(bytes)
  if (bytes[0] !== 0x30 || start === undefined) return -1
  if (bytes.length < start) return 0
  if (start === 2) return 2 + (bytes[1] ?? 0)
  let length = 0
  for (let at = 2; at < start; at += 1) length = length * 256 + (bytes[at] ?? 0)
  return start + length
}

/** Reads a message, or the beginning of a long one. */
export function readLdap(bytes: Uint8Array): LdapMessage {
  const start = contentAt(bytes)
  const id = start === undefined ? undefined : readElement(bytes, start, bytes.length)
  if (id === undefined || id.tag !== 2) return { type: 'other' }
  const messageId = Math.max(0, whole(bytes, id))
  const operation = partAt(bytes, id.end)
  if (operation === undefined) return { type: 'other' }
  const name = REQUESTS[operation.tag]
  if (name !== undefined) {
    const facts: Draft = { operation: name, message_id: messageId }
    readRequest(bytes, operation, facts)
    return { type: 'request', facts }
  }
  if (operation.tag === ENTRY) return { type: 'entry', id: messageId }
  if (!ENDS.has(operation.tag)) return { type: 'other' }
  const code = readElement(bytes, operation.start, operation.end)
  const number = code === undefined ? 0 : whole(bytes, code)
  return { type: 'end', id: messageId, code: number, goesOn: number === SASL_GOES_ON }
}

/** The element at a place; what is there of it, where it goes on past the bytes that were kept. */
function partAt(bytes: Uint8Array, at: number): DerElement | undefined {
  const element = readElement(bytes, at, bytes.length)
  if (element !== undefined) return element
  const start = contentAt(bytes.subarray(at))
  return start === undefined || at + start >= bytes.length
    ? undefined
    : { tag: bytes[at] ?? 0, start: at + start, end: bytes.length }
}

function readRequest(bytes: Uint8Array, body: DerElement, facts: Draft): void {
  if (facts.operation === 'delete') {
    facts.name = octets(bytes, body)
    return
  }
  const parts = elements(bytes, body, 16)
  if (facts.operation === 'bind') readBind(bytes, parts, facts)
  else if (facts.operation === 'search') readSearch(bytes, parts, facts)
  else if (parts[0] !== undefined) facts.name = octets(bytes, parts[0])
}

/** RFC 4511, 4.2: version, name, and how the client shows who it is. Passwords are not kept. */
function readBind(bytes: Uint8Array, [, name, how]: readonly DerElement[], facts: Draft): void {
  if (name !== undefined) facts.name = octets(bytes, name)
  if (how === undefined) return
  if (how.tag === 0x80) {
    facts.mechanism = 'simple'
    facts.cleartext_password = how.end > how.start
    return
  }
  // Windows' own way of NTLM has tags of its own (MS-ADTS, 5.1.1.1.3).
  const [mechanism, credentials] = how.tag === 0xa3 ? elements(bytes, how, 2) : [undefined, how]
  facts.mechanism = mechanism === undefined ? 'NTLM' : octets(bytes, mechanism).slice(0, 64)
  if (credentials === undefined) return
  const { user, domain, hostname } = readLogon(bytes.subarray(credentials.start, credentials.end))
  if (user !== undefined) facts.user = user
  if (domain !== undefined) facts.domain = domain
  if (hostname !== undefined) facts.hostname = hostname
}

/** RFC 4511, 4.5.1: base, scope, aliases, limits of size and time, types only, filter, attributes. */
function readSearch(bytes: Uint8Array, parts: readonly DerElement[], facts: Draft): void {
  const [base, scope, , , , , filter, wanted] = parts
  if (base !== undefined) facts.name = octets(bytes, base)
  if (scope !== undefined) facts.scope = SCOPES[whole(bytes, scope)] ?? 'other'
  if (filter !== undefined) facts.filter = writeFilter(bytes, filter)
  if (wanted === undefined) return
  const attributes = elements(bytes, wanted, MOST_ATTRIBUTES).map((each) => octets(bytes, each).slice(0, 256))
  if (attributes.length > 0) facts.attributes = attributes
}
