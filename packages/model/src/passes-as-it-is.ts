// oxlint-disable no-underscore-dangle -- it is what zod calls it
import type { z } from 'zod'

/** Whether a value that JSON.parse gave is right and would be parsed into the same again. */
type Check = (value: unknown) => boolean

/**
 * A quick check made from a schema. True only where the schema takes the value and changes nothing of it: no unknown key, no
 * default, no transformation. False says nothing: then the schema itself has to be asked, and what this does not know it leaves
 * to it. Parsing makes every object anew, which costs an event several times what looking at it does.
 */
export function passesAsItIs(schema: z.ZodType): Check {
  return checkOf(schema as unknown as Schema)
}

/** What zod 4 keeps of a schema (`zod/v4/core`), as far as it is looked at here. */
interface Schema {
  readonly _zod: {
    readonly def: Definition
    readonly propValues?: Readonly<Record<string, ReadonlySet<unknown>>>
  }
}

interface Definition {
  readonly type: string
  readonly checks?: readonly Rule[]
  readonly shape?: Readonly<Record<string, Schema>>
  readonly catchall?: Schema
  readonly innerType?: Schema
  readonly element?: Schema
  readonly items?: readonly Schema[]
  readonly rest?: Schema | null
  readonly options?: readonly Schema[]
  readonly discriminator?: string
  readonly keyType?: Schema
  readonly valueType?: Schema
  readonly values?: readonly unknown[]
  readonly entries?: Readonly<Record<string, unknown>>
  readonly format?: string
  readonly coerce?: boolean
}

interface Rule {
  readonly _zod: {
    readonly def: {
      readonly check: string
      readonly maximum?: number
      readonly minimum?: number
      readonly value?: number
      readonly inclusive?: boolean
      readonly format?: string
      readonly pattern?: RegExp
    }
    check(payload: { value: unknown; issues: unknown[] }): unknown
  }
}

const never: Check = () => false

function checkOf(schema: Schema): Check {
  const { def } = schema._zod
  if (def.coerce === true) return never
  const base = baseOf(schema)
  const rules = (def.checks ?? []).map(ruleOf)
  if (rules.length === 0) return base
  const [first, second] = rules
  if (rules.length === 1 && first) return (value) => base(value) && first(value)
  if (rules.length === 2 && first && second) return (value) => base(value) && first(value) && second(value)
  return (value) => base(value) && rules.every((rule) => rule(value))
}

function baseOf(schema: Schema): Check {
  const { def } = schema._zod
  switch (def.type) {
    case 'string':
      // A format of its own (url, datetime, ...) is left to the schema.
      return def.format === undefined ? (value) => typeof value === 'string' : never
    case 'number':
      if (def.format === 'safeint') return Number.isSafeInteger
      return def.format === undefined ? Number.isFinite : never
    case 'boolean':
      return (value) => typeof value === 'boolean'
    case 'literal':
      return oneOf(def.values ?? [])
    case 'enum':
      return oneOf(Object.values(def.entries ?? {}))
    case 'optional':
      // One that is there; whether it may be missing is the object's to know.
      return def.innerType ? checkOf(def.innerType) : never
    case 'array':
      return def.element ? arrayOf(checkOf(def.element)) : never
    case 'tuple':
      return tupleOf(def)
    case 'record':
      return def.keyType && def.valueType ? recordOf(checkOf(def.keyType), def.valueType) : never
    case 'union':
      return unionOf(def)
    case 'object':
      return objectOf(def)
    default:
      return never
  }
}

function ruleOf(rule: Rule): Check {
  const { check, maximum, minimum, value: bound, inclusive, format, pattern } = rule._zod.def
  switch (check) {
    case 'max_length':
      return (value) => (value as string).length <= (maximum ?? -1)
    case 'min_length':
      return (value) => (value as string).length >= (minimum ?? Infinity)
    case 'less_than':
      if (bound === undefined) return never
      return inclusive === true ? (value) => (value as number) <= bound : (value) => (value as number) < bound
    case 'greater_than':
      if (bound === undefined) return never
      return inclusive === true ? (value) => (value as number) >= bound : (value) => (value as number) > bound
    case 'number_format':
      return format === 'safeint' ? Number.isSafeInteger : never
    case 'string_format':
      if (format !== 'regex' || pattern === undefined || pattern.global || pattern.sticky) return never
      return (value) => pattern.test(value as string)
    case 'custom':
      return (value) => {
        const payload = { value, issues: [] as unknown[] }
        const later = rule._zod.check(payload)
        return !(later instanceof Promise) && payload.issues.length === 0 && payload.value === value
      }
    default:
      return never
  }
}

function oneOf(values: readonly unknown[]): Check {
  const [first] = values
  if (values.length === 1) return (value) => value === first
  const known = new Set(values)
  return (value) => known.has(value)
}

function arrayOf(element: Check): Check {
  return (value) => {
    if (!Array.isArray(value)) return false
    for (let i = 0; i < value.length; i += 1) if (!element(value[i])) return false
    return true
  }
}

function tupleOf({ items = [], rest }: Definition): Check {
  if (rest) return never
  const checks = items.map(checkOf)
  return (value) =>
    Array.isArray(value) && value.length === checks.length && checks.every((check, i) => check(value[i]))
}

function recordOf(key: Check, valueType: Schema): Check {
  // Whatever is in there passes an unknown as it is.
  const element: Check = valueType._zod.def.type === 'unknown' ? () => true : checkOf(valueType)
  return (value) => {
    if (!isObject(value)) return false
    for (const name in value) if (name === '__proto__' || !key(name) || !element(value[name])) return false
    return true
  }
}

function unionOf({ options = [], discriminator }: Definition): Check {
  if (discriminator === undefined) {
    const checks = options.map(checkOf)
    return (value) => checks.some((check) => check(value))
  }
  const byValue = new Map<unknown, Check>()
  for (const option of options) {
    const check = checkOf(option)
    for (const value of option._zod.propValues?.[discriminator] ?? []) byValue.set(value, check)
  }
  return (value) => isObject(value) && byValue.get(value[discriminator])?.(value) === true
}

/** A field of an object, and 1 where the object needs it. */
interface Field {
  readonly check: Check
  readonly needed: 0 | 1
}

function objectOf({ shape = {}, catchall }: Definition): Check {
  if (catchall !== undefined && catchall._zod.def.type !== 'never') return never
  const fields = new Map<string, Field>()
  let needed = 0
  for (const [name, schema] of Object.entries(shape)) {
    const isNeeded = schema._zod.def.type === 'optional' ? 0 : 1
    needed += isNeeded
    fields.set(name, { check: checkOf(schema), needed: isNeeded })
  }
  return (value) => {
    if (!isObject(value)) return false
    let found = 0
    for (const name in value) {
      const field = fields.get(name)
      if (field === undefined || !field.check(value[name])) return false
      found += field.needed
    }
    return found === needed
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
