import { and, type Condition, or } from '../condition/condition.ts'
import type { DocumentPath } from '../loading/document.ts'
import { type FieldKey, parseFieldKey } from './modifiers.ts'
import { isScalar, type NamedField, refused, type SelectionReader } from './reader.ts'
import { isPlainKey, parseValue, plainTest } from './value.ts'

const MOST_VALUES = 20_000
/** Faults of a rule that are told. */
const MOST_PROBLEMS = 100

/**
 * Reads a selection of a Sigma rule: a map (all of its fields), a list of maps (any of them), a list of texts (any of
 * these keywords), or one keyword.
 */
export function parseSelection(
  reader: SelectionReader,
  path: DocumentPath,
  data: unknown,
): Condition<NamedField> {
  if (isScalar(data)) return keyword(reader, path, [data])
  if (Array.isArray(data)) {
    if (data.length === 0) return refused(reader, path, 'empty-list', 'the list is empty')
    return or(
      data.map((item: unknown, index) => {
        if (reader.problems.length >= MOST_PROBLEMS) return or([])
        const at = [...path, index]
        if (isScalar(item)) return keyword(reader, at, [item])
        // Lists within a list mean what they would mean beside it.
        return Array.isArray(item) ? parseSelection(reader, at, item) : parseMap(reader, at, item)
      }),
    )
  }
  return parseMap(reader, path, data)
}

function parseMap(reader: SelectionReader, path: DocumentPath, data: unknown): Condition<NamedField> {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) {
    return refused(
      reader,
      path,
      'invalid-selection',
      'expected a map of fields, a list of maps or a list of texts',
    )
  }
  const entries = Object.entries(data as Record<string, unknown>)
  if (entries.length === 0) return refused(reader, path, 'empty-selection', 'the selection is empty')
  return and(entries.map(([key, value]) => parseItem(reader, [...path, key], key, value)))
}

function keyword(
  reader: SelectionReader,
  path: DocumentPath,
  values: readonly unknown[],
): Condition<NamedField> {
  const key: FieldKey = { name: '', comparison: undefined, transforms: [], flags: new Set() }
  const field: NamedField = { name: '', path }
  return or(values.map((value) => parseValue(reader, field, path, key, value)))
}

function parseItem(
  reader: SelectionReader,
  path: DocumentPath,
  text: string,
  data: unknown,
): Condition<NamedField> {
  if (reader.problems.length >= MOST_PROBLEMS) return or([])
  const key = parseFieldKey(reader.document, path, text, reader.problems)
  if (!key) return or([])
  const list = Array.isArray(data)
  const values: unknown[] = list ? data : [data]
  if (values.length === 0) return refused(reader, path, 'empty-list', `"${text}" has an empty list`)
  if (values.length > MOST_VALUES) {
    return refused(reader, path, 'too-many-values', `"${text}" has over ${MOST_VALUES} values`)
  }
  const field: NamedField = { name: key.name, path }
  const plain = isPlainKey(key)
  const parts = values.map((value, index): Condition<NamedField> => {
    const test = plain ? plainTest(value, key) : undefined
    if (test) return { op: 'test', field, test }
    if (reader.problems.length >= MOST_PROBLEMS) return or([])
    return parseValue(reader, field, list ? [...path, index] : path, key, value)
  })
  const joined = key.flags.has('all') ? and(parts) : or(parts)
  return key.flags.has('neq') ? { op: 'not', of: joined } : joined
}
