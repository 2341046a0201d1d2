import type { FieldText } from '@vedette/detect'
import type { ForeignRecord } from '@vedette/formats'

const MOST_VALUES = 100

/** A field of a record as text, by its flat key or else its dotted path; every value of a list. Undefined: missing or null. */
export function fieldOf(record: ForeignRecord, name: string): FieldText {
  if (Object.hasOwn(record, name)) return textOf(record[name])
  let value: unknown = record
  for (const step of name.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined
    value = (value as Record<string, unknown>)[step]
  }
  return textOf(value)
}

function textOf(value: unknown): FieldText {
  if (Array.isArray(value)) return value.slice(0, MOST_VALUES).flatMap((one) => textOf(one) ?? [])
  if (typeof value === 'string') return value
  return typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint'
    ? String(value)
    : undefined
}
