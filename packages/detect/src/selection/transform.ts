import { ANY_ONE, ANY_TEXT, parseWildcards, type WildcardPart } from '../wildcard.ts'
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

/** The value with each option's dash written in each way; the dashes of one value all alike. */
function windash(value: Value): Value[] {
  if ('bytes' in value) throw new SyntaxError('"windash" cannot follow an encoding')
  const written = DASHES.map((dash) =>
    value.parts.map((part) =>
      typeof part === 'string' ? part.replaceAll(/(?<![\p{L}\p{N}_])[-/](?=[\p{L}\p{N}_])/gu, dash) : part,
    ),
  )
  const different = new Map<string, readonly WildcardPart[]>()
  different.set(keyOf(value.parts), value.parts)
  for (const parts of written) different.set(keyOf(parts), parts)
  return [...different.values()].map((parts) => ({ parts }))
}

function keyOf(parts: readonly WildcardPart[]): string {
  return JSON.stringify(parts.map((part) => (typeof part === 'string' ? part : [part.description])))
}
