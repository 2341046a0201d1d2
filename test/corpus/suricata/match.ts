import { isDeepStrictEqual } from 'node:util'
import type { Eve } from './eve.ts'

/** Names that older releases had for the same. */
const SAME: Readonly<Record<string, string>> = { query: 'request', answer: 'response' }

/** Whether a record has what a check asks for: values at paths such as `dns.answers[0].rrname`, `a.__len`, and keys. */
export function matches(record: Eve, wanted: Readonly<Record<string, unknown>>): boolean {
  return Object.entries(wanted).every(([path, value]) => {
    if (path === 'has-key') return listed(value).every((key) => valueAt(record, key) !== undefined)
    if (path === 'not-has-key') return listed(value).every((key) => valueAt(record, key) === undefined)
    return isEqual(path, valueAt(record, path), value)
  })
}

function isEqual(path: string, found: unknown, wanted: unknown): boolean {
  if (path.endsWith('.__startswith')) return String(found).startsWith(String(wanted))
  if (path === 'dns.type') return found === (SAME[String(wanted)] ?? wanted)
  return isDeepStrictEqual(found, wanted)
}

function listed(value: unknown): string[] {
  return (Array.isArray(value) ? value : [value]).map(String)
}

function valueAt(record: Eve, path: string): unknown {
  let value: unknown = record
  for (const step of path.match(/[^.[\]]+/g) ?? []) {
    if (step === '__startswith') return value
    if (step === '__len') return typeof value === 'string' || Array.isArray(value) ? value.length : undefined
    if (typeof value !== 'object' || value === null) return undefined
    value = (value as Record<string, unknown>)[step]
  }
  return value
}
