import { type EventKind, eventSchema } from '@vedette/model'
import type { z } from 'zod'
import { didYouMean } from '../loading/suggest.ts'

/** What stands at a path of an Event. `object` has parts of its own: only its presence can be asked for. */
export interface FieldShape {
  readonly type: 'text' | 'number' | 'boolean' | 'object'
  /** Every value that the schema allows, where it names them. */
  readonly choices?: readonly string[]
}

/**
 * Where a rule's field takes its values from.
 *
 * - `path`: a dotted path of the Event. Over a list without a position it means any element.
 * - `everywhere`: every text in the Event, or in a foreign record; what a keyword without a field searches.
 * - `key`: the first of these keys that a foreign record has, dots and all; where it has none, the dotted path.
 * - `pair`: the value of `key=value` in the text at `path`, as auditd writes its records.
 */
export type FieldSource =
  | { readonly type: 'path'; readonly segments: readonly string[] }
  | { readonly type: 'key'; readonly keys: readonly string[]; readonly segments: readonly string[] }
  | { readonly type: 'everywhere'; readonly foreign: boolean }
  | { readonly type: 'pair'; readonly key: string; readonly segments: readonly string[] }

/** A field of a rule, bound to a kind of event. */
export interface Field {
  /** Path in the Event; for people and for `Match.field`. */
  readonly path: string
  readonly source: FieldSource
  /** What the rule's language calls a value that the Event calls otherwise: `{ outbound: 'true' }`. */
  readonly values?: Readonly<Record<string, string>>
  /** True where few values exist, so that one of them tells little. */
  readonly coarse: boolean
}

export const EVERYWHERE: Field = {
  path: '*',
  source: { type: 'everywhere', foreign: false },
  coarse: false,
}

export function pathField(path: string, shape?: FieldShape): Field {
  return {
    path,
    source: { type: 'path', segments: path.split('.') },
    coarse: shape?.choices !== undefined || shape?.type === 'boolean',
  }
}

/**
 * A field of foreign records; the empty name is that of keywords.
 *
 * @param renamed what these records call it, where that is not its name
 */
export function keyField(key: string, renamed?: string): Field {
  if (key === '') return { path: '*', source: { type: 'everywhere', foreign: true }, coarse: false }
  const keys = renamed === undefined || renamed === key ? [key] : [renamed, key]
  // What these records call it may be a path into them.
  const segments = (renamed?.includes('.') === true ? renamed : key).split('.')
  return { path: key, source: { type: 'key', keys, segments }, coarse: false }
}

/** Every path of a kind of Event, read from the model's schemas, so that the two cannot part. */
const catalogues = new Map<EventKind, ReadonlyMap<string, FieldShape>>()

export function fieldsOf(kind: EventKind): ReadonlyMap<string, FieldShape> {
  let fields = catalogues.get(kind)
  if (!fields) {
    const schema = eventSchema.options.find((option) => option.shape.kind.def.values.includes(kind as never))
    const found = new Map<string, FieldShape>()
    if (schema) for (const [name, part] of Object.entries(schema.shape)) collect(part, name, found)
    fields = found
    catalogues.set(kind, fields)
  }
  return fields
}

/** The shape at a dotted path; positions in lists (`process.streams.0.type`) are allowed where there is a list. */
export function shapeAt(kind: EventKind, path: string): FieldShape | undefined {
  const plain = path
    .split('.')
    .filter((segment) => !/^\d+$/.test(segment))
    .join('.')
  const fields = fieldsOf(kind)
  return fields.get(plain) ?? fields.get(plain.replace(/\.[^.]+$/, ANY_NAME))
}

/** Stands in a catalogue for every name of a map whose names are not known beforehand: `arguments.*`. */
const ANY_NAME = '.*'

/** The field of a kind that a wrong name was meant for. */
export function suggestField(
  path: string,
  kinds: Iterable<EventKind>,
  names: Iterable<string> = [],
): string | undefined {
  const known = new Set(names)
  for (const kind of kinds) for (const name of fieldsOf(kind).keys()) known.add(name)
  return didYouMean(path, known)
}

function collect(schema: z.core.$ZodType, path: string, found: Map<string, FieldShape>): void {
  const { def } = schema as unknown as { readonly def: z.core.$ZodTypes['_zod']['def'] }
  switch (def.type) {
    case 'optional':
      collect(def.innerType, path, found)
      break
    case 'array':
      found.set(path, { type: 'object' })
      collect(def.element, path, found)
      break
    case 'tuple':
      for (const item of def.items) collect(item, path, found)
      break
    case 'object':
      found.set(path, { type: 'object' })
      for (const [name, part] of Object.entries(def.shape)) collect(part, `${path}.${name}`, found)
      break
    case 'record': {
      found.set(path, { type: 'object' })
      // A map of texts and numbers is one of texts: numbers are compared as such where they are some.
      const values = new Map<string, FieldShape>()
      collect(def.valueType, '', values)
      // Of a map whose values may be anything the texts, numbers and truth values can be asked for.
      found.set(path + ANY_NAME, values.get('') ?? { type: 'text' })
      break
    }
    case 'enum':
      found.set(path, { type: 'text', choices: Object.values(def.entries).map(String) })
      break
    case 'literal':
      found.set(path, { type: typeOf(def.values[0]), choices: def.values.map(String) })
      break
    case 'union':
      // Of texts and numbers, a text: a number among them is compared as one all the same.
      for (const option of def.options.toReversed()) collect(option, path, found)
      break
    case 'number':
      found.set(path, { type: 'number' })
      break
    case 'boolean':
      found.set(path, { type: 'boolean' })
      break
    case 'unknown':
      break
    default:
      found.set(path, { type: 'text' })
  }
}

function typeOf(value: unknown): FieldShape['type'] {
  return typeof value === 'number' ? 'number' : typeof value === 'boolean' ? 'boolean' : 'text'
}
