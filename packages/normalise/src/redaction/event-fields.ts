import { type EventKind, eventSchema } from '@vedette/model'
import type { z } from 'zod'

/** A text that an Event may have, wherever it stands. */
export interface TextField {
  readonly kind: EventKind
  /** Keys from the event on, with dots; what stands in a list has the list's own: `process.ancestry.cmd_line`. */
  readonly path: string
  /** It may be left out. */
  readonly optional: boolean
  /** Its text is free, within this many characters; undefined where it has a form of its own. */
  readonly maxLength: number | undefined
  /** The keys below it are not known: everything in it is a text of the source. */
  readonly open: boolean
}

/** What the walk needs of a schema of zod. */
type Schema = z.core.$ZodType & { readonly def: Definition }

interface Definition {
  readonly type: string
  readonly shape?: Readonly<Record<string, Schema>>
  readonly innerType?: Schema
  readonly element?: Schema
  readonly items?: readonly Schema[]
  readonly options?: readonly Schema[]
  readonly valueType?: Schema
  readonly values?: readonly unknown[]
  readonly checks?: readonly {
    readonly _zod: { readonly def: { readonly check: string; readonly maximum?: number } }
  }[]
}

/** Every text of every kind, from the schema that the server holds events against. */
export function textFields(): readonly TextField[] {
  const fields = new Map<string, TextField>()
  for (const kind of variants(eventSchema)) {
    const name = kind.def.shape?.['kind']?.def.values?.[0] as EventKind
    walk(kind, name, '', false, (field) => {
      const key = `${field.kind}/${field.path}`
      const before = fields.get(key)
      // Of shapes that share a path the stricter counts.
      fields.set(key, before === undefined ? field : stricter(before, field))
    })
  }
  return [...fields.values()]
}

function stricter(a: TextField, b: TextField): TextField {
  const maxLength =
    a.maxLength === undefined || b.maxLength === undefined ? undefined : Math.min(a.maxLength, b.maxLength)
  return { ...a, optional: a.optional && b.optional, maxLength, open: a.open || b.open }
}

function variants(schema: Schema): readonly Schema[] {
  const options = schema.def.options
  return options === undefined ? [schema] : options.flatMap(variants)
}

function walk(
  schema: Schema,
  kind: EventKind,
  path: string,
  optional: boolean,
  found: (field: TextField) => void,
): void {
  const { def } = schema
  const below = (next: Schema | undefined, isOptional = optional) => {
    if (next !== undefined) walk(next, kind, path, isOptional, found)
  }
  switch (def.type) {
    case 'optional':
    case 'nullable':
    case 'readonly':
      return below(def.innerType, true)
    case 'array':
      return below(def.element, false)
    case 'tuple':
      for (const item of def.items ?? []) below(item, false)
      return
    case 'union':
      for (const option of def.options ?? []) below(option)
      return
    case 'object':
      for (const [key, value] of Object.entries(def.shape ?? {})) {
        walk(value, kind, path === '' ? key : `${path}.${key}`, false, found)
      }
      return
    case 'record':
      if (!mayBeText(def.valueType)) return
      return found({ kind, path, optional, maxLength: MAX_OPEN, open: true })
    case 'string':
      return found({ kind, path, optional, maxLength: lengthOf(def), open: false })
  }
}

function mayBeText(schema: Schema | undefined): boolean {
  const { type, options = [] } = schema?.def ?? {}
  return type === 'string' || type === 'unknown' || options.some(mayBeText)
}

/** Of a text whose keys are not known. */
const MAX_OPEN = 65_536

function lengthOf({ checks = [] }: Definition): number | undefined {
  const defs = checks.map(({ _zod }) => _zod.def)
  if (defs.some(({ check }) => check === 'string_format')) return undefined
  return defs.find(({ check }) => check === 'max_length')?.maximum ?? MAX_OPEN
}
