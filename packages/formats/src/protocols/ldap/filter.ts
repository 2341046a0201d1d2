import { type DerElement, elements } from '../tls/x509/der.ts'
import { octets } from './values.ts'

const MOST_DEEP = 12
const MOST_PARTS = 64
const MOST_TEXT = 2048

/** A filter (RFC 4511, 4.5.1.7) as RFC 4515 writes it. Cut at 2 KiB. */
export function writeFilter(bytes: Uint8Array, filter: DerElement): string {
  const text: string[] = []
  // Parts are shared by the whole filter, so that a deep and wide one costs no more than a long one.
  write(bytes, filter, 0, text, { parts: MOST_PARTS * 4 })
  return text.join('').slice(0, MOST_TEXT)
}

function write(
  bytes: Uint8Array,
  filter: DerElement,
  depth: number,
  text: string[],
  left: { parts: number },
): void {
  if (depth > MOST_DEEP || left.parts <= 0) {
    text.push('(...)')
    return
  }
  left.parts -= 1
  switch (filter.tag) {
    case 0xa0:
    case 0xa1:
    case 0xa2:
      text.push('(', '&|!'[filter.tag - 0xa0] ?? '')
      for (const part of elements(bytes, filter, MOST_PARTS)) write(bytes, part, depth + 1, text, left)
      text.push(')')
      return
    case 0xa3:
      text.push(comparison(bytes, filter, '='))
      return
    case 0xa5:
      text.push(comparison(bytes, filter, '>='))
      return
    case 0xa6:
      text.push(comparison(bytes, filter, '<='))
      return
    case 0xa8:
      text.push(comparison(bytes, filter, '~='))
      return
    case 0x87:
      text.push(`(${octets(bytes, filter)}=*)`)
      return
    case 0xa4:
      text.push(substrings(bytes, filter))
      return
    case 0xa9:
      text.push(extensible(bytes, filter))
      return
    default:
      text.push('(?)')
  }
}

function comparison(bytes: Uint8Array, filter: DerElement, sign: string): string {
  const [attribute, value] = elements(bytes, filter, 2)
  return `(${attribute === undefined ? '' : octets(bytes, attribute)}${sign}${value === undefined ? '' : escaped(octets(bytes, value))})`
}

function substrings(bytes: Uint8Array, filter: DerElement): string {
  const [attribute, list] = elements(bytes, filter, 2)
  let value = ''
  for (const part of list === undefined ? [] : elements(bytes, list, MOST_PARTS)) {
    const text = escaped(octets(bytes, part))
    if (part.tag === 0x80) value = `${text}*`
    else if (part.tag === 0x82) value = `${value === '' ? '*' : value}${text}`
    else value = `${value === '' ? '*' : value}${text}*`
  }
  return `(${attribute === undefined ? '' : octets(bytes, attribute)}=${value})`
}

/** Rules of Active Directory for bits are written so: `(userAccountControl:1.2.840.113556.1.4.803:=4194304)`. */
function extensible(bytes: Uint8Array, filter: DerElement): string {
  const parts = elements(bytes, filter, 4)
  const of = (tag: number): string => {
    const part = parts.find((each) => each.tag === tag)
    return part === undefined ? '' : octets(bytes, part)
  }
  const rule = of(0x81)
  return `(${of(0x82)}${rule === '' ? '' : `:${rule}`}:=${escaped(of(0x83))})`
}

/** RFC 4515, 3. */
function escaped(value: string): string {
  return value.replaceAll(/[\\*()\0]/g, (sign) => `\\${sign.charCodeAt(0).toString(16).padStart(2, '0')}`)
}
