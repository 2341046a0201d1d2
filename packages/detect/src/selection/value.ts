import { parseCidr } from '../condition/cidr.ts'
import { type Condition, or, type Test } from '../condition/condition.ts'
import type { DocumentPath } from '../loading/document.ts'
import { fold } from '../condition/fold.ts'
import { expand, missingIn, placeholdersIn } from '../loading/parameters.ts'
import { compileRegex } from '../condition/regex.ts'
import { ANY_ONE, ANY_TEXT, simplify, type WildcardPart } from '../condition/wildcard.ts'
import type { FieldKey } from './modifiers.ts'
import { isScalar, type NamedField, refused, type SelectionReader } from './reader.ts'
import { TIME_PARTS } from './time-part.ts'
import { transformed } from './transform.ts'

/** One value of a field; several tests where a modifier makes several of it. */
export function parseValue(
  reader: SelectionReader,
  field: NamedField,
  path: DocumentPath,
  key: FieldKey,
  value: unknown,
): Condition<NamedField> {
  const test = (one: Test<NamedField>): Condition<NamedField> => ({ op: 'test', field, test: one })
  const refuse = (code: string, message: string) => refused(reader, path, code, message, 'value')
  const { comparison, flags } = key

  if (comparison === 'exists') {
    const word = String(value).toLowerCase()
    if (!['true', 'false', 'yes', 'no'].includes(word)) {
      return refuse('invalid-value', '"exists" is true or false')
    }
    return test({ type: 'exists', expected: word === 'true' || word === 'yes' })
  }
  if (value === null) {
    if (
      key.name === '' ||
      comparison !== undefined ||
      key.transforms.length > 0 ||
      flags.has('fieldref') ||
      key.part
    ) {
      return refuse('invalid-value', 'null is a value only of a field without modifiers')
    }
    return test({ type: 'null' })
  }
  if (!isScalar(value)) return refuse('invalid-value', 'a value is a text, a number, true, false or null')
  if (flags.has('fieldref')) {
    if (typeof value !== 'string') return refuse('invalid-value', '"fieldref" names a field')
    return test({
      type: 'field',
      other: { name: value, path },
      how: howOf(comparison),
      cased: flags.has('cased'),
    })
  }
  if (key.part !== undefined) {
    const [least, greatest] = TIME_PARTS[key.part]
    const number = Number(value)
    if (typeof value === 'boolean' || !Number.isInteger(number) || number < least || number > greatest) {
      return refuse('invalid-value', `"${key.part}" is a whole number from ${least} to ${greatest}`)
    }
    const by = isOrder(comparison) ? comparison : 'eq'
    return test({ type: 'time', part: key.part, by, number })
  }
  const texts = expanded(reader, path, key, String(value))
  const conditions = texts.map((text): Condition<NamedField> => {
    switch (comparison) {
      case 're':
        return regex(reader, path, field, text, flags)
      case 'cidr': {
        const range = parseCidr(text)
        return range
          ? test({ type: 'cidr', range })
          : refuse('invalid-value', `"${text}" is no range of addresses such as 10.0.0.0/8`)
      }
      case 'lt':
      case 'lte':
      case 'gt':
      case 'gte': {
        const number = text.trim() === '' ? NaN : Number(text)
        return Number.isNaN(number)
          ? refuse('invalid-value', `"${comparison}" needs a number, got "${text}"`)
          : test({ type: 'compare', by: comparison, number })
      }
      default:
        try {
          return or(transformed(text, key.transforms).map((parts) => test(textTest(parts, key))))
        } catch (error) {
          return refuse('invalid-value', error instanceof Error ? error.message : String(error))
        }
    }
  })
  return or(conditions)
}

/** The texts for which a value stands: with `expand` its placeholders are filled in, otherwise `%` is only `%`. */
function expanded(
  reader: SelectionReader,
  path: DocumentPath,
  key: FieldKey,
  text: string,
): readonly string[] {
  if (!key.transforms.includes('expand')) return [text]
  const names = placeholdersIn(text)
  if (names.length === 0) {
    refused(
      reader,
      path,
      'no-placeholder',
      `"expand" needs a placeholder such as %name%, got "${text}"`,
      'value',
    )
  }
  for (const name of names) reader.used.add(name)
  const [missing] = missingIn(text, reader.parameters)
  if (missing !== undefined) {
    refused(
      reader,
      path,
      'unresolved-placeholder',
      `nothing gives the parameter "${missing}" a value`,
      'value',
    )
    return []
  }
  const texts = expand(text, reader.parameters)
  if (!texts) refused(reader, path, 'too-many-values', `"${text}" stands for too many values`, 'value')
  return texts ?? []
}

function isOrder(comparison: FieldKey['comparison']): comparison is 'lt' | 'lte' | 'gt' | 'gte' {
  return comparison === 'lt' || comparison === 'lte' || comparison === 'gt' || comparison === 'gte'
}

function howOf(comparison: FieldKey['comparison']): 'equals' | 'contains' | 'starts' | 'ends' {
  if (comparison === 'startswith') return 'starts'
  if (comparison === 'endswith') return 'ends'
  return comparison === 'contains' ? 'contains' : 'equals'
}

/** Whether a key asks no more than that some text is the value, or a part of it. */
export function isPlainKey({ comparison, transforms, flags, part }: FieldKey): boolean {
  if (transforms.length > 0 || part !== undefined || flags.has('fieldref')) return false
  return comparison === undefined || howOf(comparison) !== 'equals'
}

/** The test for text without wildcards, as most values are; undefined for any other value. */
export function plainTest(value: unknown, key: FieldKey): Test<NamedField> | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined
  const text = String(value)
  if (text === '' || /[\\*?]/.test(text)) return undefined
  const cased = key.flags.has('cased')
  const type = key.name === '' ? 'contains' : howOf(key.comparison)
  return { type, text: cased ? text : fold(text), cased }
}

const ANY: readonly WildcardPart[] = [ANY_TEXT]

/** The plainest test for a wildcard pattern: most are literal text with `*` at one end or both. */
function textTest(parts: readonly WildcardPart[], key: FieldKey): Test<NamedField> {
  const cased = key.flags.has('cased')
  const openStart = key.comparison === 'contains' || key.comparison === 'endswith'
  const openEnd = key.comparison === 'contains' || key.comparison === 'startswith'
  const isKeyword = key.name === ''
  const whole = simplify([
    ...(openStart || isKeyword ? ANY : []),
    ...(cased ? parts : parts.map((part) => (typeof part === 'string' ? fold(part) : part))),
    ...(openEnd || isKeyword ? ANY : []),
  ])
  const literals = whole.filter((part) => part !== ANY_TEXT)
  const [text = ''] = literals
  if (literals.length <= 1 && text !== ANY_ONE && whole.length > 0) {
    const first = whole[0] === ANY_TEXT
    const last = whole.at(-1) === ANY_TEXT
    const type = first ? (last ? 'contains' : 'ends') : last ? 'starts' : 'equals'
    return { type, text, cased }
  }
  return whole.length === 0 ? { type: 'equals', text: '', cased } : { type: 'wildcards', parts: whole, cased }
}

function regex(
  reader: SelectionReader,
  path: DocumentPath,
  field: NamedField,
  pattern: string,
  flags: ReadonlySet<string>,
): Condition<NamedField> {
  try {
    const compiled = compileRegex(pattern, {
      ignoreCase: flags.has('i'),
      multiline: flags.has('m'),
      dotAll: flags.has('s'),
    })
    return { op: 'test', field, test: { type: 'regex', regex: compiled } }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return refused(reader, path, 'invalid-regex', `the regular expression cannot be used: ${reason}`, 'value')
  }
}
