import { type Event, type EventKind, eventKinds, eventSchema } from '@vedette/model'

interface Definition {
  readonly type: string
  readonly shape?: Readonly<Record<string, Schema>>
  readonly innerType?: Schema
  readonly element?: Schema
  readonly items?: readonly Schema[]
  readonly options?: readonly Schema[]
  readonly valueType?: Schema
  readonly keyType?: Schema
  readonly values?: readonly unknown[]
  readonly entries?: Readonly<Record<string, unknown>>
}

interface Schema {
  readonly def: Definition
  safeParse(value: unknown): { readonly success: boolean }
}

/** Texts that fit forms in which no attacker's text does. */
const FORMS = ['0644', 'a'.repeat(64), 'a'.repeat(40), 'a'.repeat(32), '0', '1.8.0']

/** How a kind's fields were filled. */
export interface Filled {
  readonly event: Event
  /** Fields with the text in them. */
  readonly fields: number
}

/** Events of every kind, made from their schema, with the text in each field that takes it. */
export function filledEvents(
  text: string,
  identity: (kind: EventKind) => Pick<Event, 'id' | 'time' | 'device'>,
): readonly Filled[] {
  return eventKinds.map((kind) => {
    const counter = { fields: 0 }
    const schema = variants(eventSchema as unknown as Schema).find(
      ({ def }) => def.shape?.['kind']?.safeParse(kind).success,
    )
    if (schema === undefined) throw new TypeError(`no schema of ${kind}`)
    const made = value(schema, text, counter) as Event
    const event = { ...made, ...identity(kind) }
    const { success, error } = eventSchema.safeParse(event)
    if (!success) throw new TypeError(`an event of the kind ${kind} that is none: ${error.message}`)
    return { event, fields: counter.fields }
  })
}

function variants(schema: Schema): readonly Schema[] {
  return schema.def.options === undefined ? [schema] : schema.def.options.flatMap(variants)
}

function value(schema: Schema, text: string, counter: { fields: number }): unknown {
  const { def } = schema
  switch (def.type) {
    case 'optional':
    case 'nullable':
    case 'readonly':
      return def.innerType && value(def.innerType, text, counter)
    case 'object': {
      const shape = Object.entries(def.shape ?? {})
      return Object.fromEntries(shape.map(([key, inner]) => [key, value(inner, text, counter)]))
    }
    case 'array':
      return def.element === undefined ? [] : [value(def.element, text, counter)]
    case 'tuple':
      return (def.items ?? []).map((item) => value(item, text, counter))
    case 'record': {
      const key = def.keyType?.safeParse(text).success === true ? text : 'key'
      if (key === text) counter.fields += 1
      return { [key]: def.valueType && value(def.valueType, text, counter) }
    }
    case 'union': {
      const options = def.options ?? []
      const best = options.find(({ def: { type } }) => type === 'string') ?? options[0]
      return best && value(best, text, counter)
    }
    case 'unknown':
      counter.fields += 1
      return text
    case 'string': {
      const fits = [text, text.slice(0, 16), text.slice(0, 2), ...FORMS].find(
        (one) => schema.safeParse(one).success,
      )
      if (fits !== undefined && fits === text) counter.fields += 1
      return fits
    }
    case 'literal':
      return def.values?.[0]
    case 'enum':
      return Object.values(def.entries ?? {})[0]
    case 'boolean':
      return true
    default:
      return [1, 0].find((one) => schema.safeParse(one).success)
  }
}
