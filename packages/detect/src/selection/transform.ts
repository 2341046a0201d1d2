import { ANY_ONE, ANY_TEXT, parseWildcards, simplify, type WildcardPart } from '../condition/wildcard.ts'
import type { Transform } from './modifiers.ts'

/** A value on its way: text with wildcards, or bytes. */
type Value = { readonly parts: readonly WildcardPart[] } | { readonly bytes: Buffer }

/** Characters that Windows programs take for the dash of an option (Sigma specification 2.1, `windash`). */
const DASHES = ['-', '/', '\u2013', '\u2014', '\u2015'] as const

/**
 * Applies transforms to a text in Sigma's notation, one after the other; some make several values of one.
 *
 * @throws {SyntaxError} where a transform cannot take the value: wildcards in what is to be encoded
 */
export function transformed(text: string, transforms: readonly Transform[]): WildcardPart[][] {
  let values: Value[] = [{ parts: parseWildcards(text) }]
  for (const transform of transforms) values = values.flatMap((value) => apply(value, transform))
  return values.map((value) => ('parts' in value ? [...value.parts] : [value.bytes.toString('latin1')]))
}

function apply(value: Value, transform: Transform): Value[] {
  switch (transform) {
    case 'expand':
      return [value] // the placeholders were filled in before
    case 'windash':
      return windash(value)
    case 'wide':
    case 'utf16le':
      return [{ bytes: Buffer.from(literal(value, transform), 'utf16le') }]
    case 'utf16be':
      return [{ bytes: Buffer.from(literal(value, transform), 'utf16le').swap16() }]
    case 'utf16':
      return [{ bytes: Buffer.from(`\ufeff${literal(value, transform)}`, 'utf16le') }]
    case 'base64':
      return [{ parts: [bytesOf(value, transform).toString('base64')] }]
    default:
      return offsets(bytesOf(value, transform)).map((encoded) => ({ parts: [encoded] }))
  }
}

function bytesOf(value: Value, transform: Transform): Buffer {
  return 'bytes' in value ? value.bytes : Buffer.from(literal(value, transform), 'utf8')
}

function literal(value: Value, transform: Transform): string {
  if ('bytes' in value) throw new SyntaxError(`"${transform}" cannot follow another encoding`)
  if (value.parts.some((part) => part === ANY_TEXT || part === ANY_ONE)) {
    throw new SyntaxError(`"${transform}" cannot encode a wildcard`)
  }
  return value.parts.join('')
}

/** What the bytes look like within a longer text in base64, for each of the three places where they may begin. */
function offsets(bytes: Buffer): string[] {
  return [0, 1, 2]
    .map((shift) => {
      const encoded = Buffer.concat([Buffer.alloc(shift), bytes])
        .toString('base64')
        .replace(/=+$/, '')
      // Characters that hold bits of what stands before or after are left out.
      const start = [0, 2, 3][shift] ?? 0
      const spare = ((bytes.length + shift) * 8) % 6
      return encoded.slice(start, spare === 0 ? undefined : -1)
    })
    .filter((encoded) => encoded !== '')
}

/** Over this many dashes of options a value has more writings than are worth listing. */
const MOST_DASHES = 3

/** Dashes that stand before a word and not within one: those of options. */
const OPTION_DASH = /(?<![\p{L}\p{N}_])[-/\u2013-\u2015](?=[\p{L}\p{N}_])/gu

/** The value with each option's dash written in each way, in every combination. */
function windash(value: Value): Value[] {
  if ('bytes' in value) throw new SyntaxError('"windash" cannot follow an encoding')
  let written: WildcardPart[][] = [[]]
  let dashes = 0
  for (const part of value.parts) {
    if (typeof part !== 'string') {
      for (const parts of written) parts.push(part)
      continue
    }
    let from = 0
    for (const found of part.matchAll(OPTION_DASH)) {
      const before = part.slice(from, found.index)
      from = found.index + 1
      dashes += 1
      // The later ones of a long value are any one character: more is matched than meant, never less.
      const ways: readonly WildcardPart[] = dashes <= MOST_DASHES ? DASHES : [ANY_ONE]
      written = written.flatMap((parts) => ways.map((way): WildcardPart[] => [...parts, before, way]))
    }
    for (const parts of written) parts.push(part.slice(from))
  }
  return written.map((parts) => ({ parts: simplify(parts.filter((part) => part !== '')) }))
}
