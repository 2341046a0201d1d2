import type { Buffer } from 'node:buffer'
import { fieldName, payloadFieldName, spacelessName, systemValue } from '../windows-event/fields.ts'
import { constantOf, type Plan, type PlannedField } from './plan.ts'
import { type FieldValue, fieldValue, valueText } from './values.ts'

/** The values that one record brings, of all of its template instances in a row. */
export interface RecordValues {
  readonly chunk: Buffer
  readonly types: Uint8Array
  readonly offsets: Uint32Array
  readonly sizes: Uint16Array
  /** By instance: where its values begin in the arrays above, and how many there are. */
  readonly starts: readonly number[]
  readonly counts: readonly number[]
}

interface Source {
  readonly field: PlannedField
  readonly instance: number
}

/** A field that is one value of the record and nothing else, as most are. */
interface DirectField {
  readonly name: string
  readonly instance: number
  readonly index: number
}

/** A field put together from text and values, or a name that occurs more than once. */
interface ComposedField {
  readonly name: string
  readonly sources: readonly Source[]
}

/**
 * Makes flat records of one shape. The records of the same templates are copies of one object, in which all that is
 * constant stands already, so that they share their hidden class.
 */
export class Layout {
  readonly #blank: Record<string, FieldValue>
  readonly #direct: readonly DirectField[]
  readonly #composed: readonly ComposedField[]
  readonly #dynamic: readonly Source[]

  constructor(plans: readonly Plan[]) {
    const named = new Map<string, Source[]>()
    const dynamic: Source[] = []
    for (const [instance, plan] of plans.entries()) {
      for (const field of plan.fields) {
        const source: Source = { field, instance }
        if (field.nameParts.length > 0) dynamic.push(source)
        else {
          const sources = named.get(field.name)
          if (sources === undefined) named.set(field.name, [source])
          else sources.push(source)
        }
      }
    }
    for (const [name, sources] of named) {
      const spaceless = spacelessName(name)
      if (spaceless !== undefined && !named.has(spaceless)) named.set(spaceless, sources)
    }
    const blank: [string, FieldValue][] = []
    const direct: DirectField[] = []
    const composed: ComposedField[] = []
    for (const [name, sources] of named) {
      const [first] = sources
      if (first === undefined) continue
      const { field, instance } = first
      const index = directIndex(field)
      const isConstant = field.parts.every(({ kind }) => kind === 'text')
      blank.push([name, sources.length === 1 && isConstant ? constantOf(field) : null])
      if (sources.length > 1) composed.push({ name, sources })
      else if (index !== undefined) direct.push({ name, instance, index })
      else if (!isConstant) composed.push({ name, sources })
    }
    // Parsed rather than filled: an object that grows key by key becomes a hash table.
    this.#blank = JSON.parse(JSON.stringify(Object.fromEntries(blank))) as Record<string, FieldValue>
    this.#direct = direct
    this.#composed = composed
    this.#dynamic = dynamic
  }

  record(values: RecordValues): Record<string, FieldValue> {
    const record = { ...this.#blank }
    const { chunk, types, offsets, sizes, starts, counts } = values
    for (const { name, instance, index } of this.#direct) {
      if (index >= (counts[instance] ?? 0)) continue
      const at = (starts[instance] ?? 0) + index
      record[name] = fieldValue(chunk, types[at] ?? 0, offsets[at] ?? 0, sizes[at] ?? 0)
    }
    for (const { name, sources } of this.#composed) record[name] = listOf(sources, values)
    for (const source of this.#dynamic) addDynamic(record, source, values)
    return record
  }
}

/** Which value the field is; undefined when it is more, or a text of `System` that may have to become a number. */
function directIndex({ parts, section }: PlannedField): number | undefined {
  const [part] = parts
  if (parts.length !== 1 || part?.kind !== 'value') return undefined
  return section === 'System' && part.type === 1 ? undefined : part.index
}

function valueAt(values: RecordValues, instance: number, index: number): FieldValue {
  if (index >= (values.counts[instance] ?? 0)) return null
  const at = (values.starts[instance] ?? 0) + index
  return fieldValue(values.chunk, values.types[at] ?? 0, values.offsets[at] ?? 0, values.sizes[at] ?? 0)
}

function sourceValue({ field, instance }: Source, values: RecordValues): FieldValue {
  const [first] = field.parts
  let value: FieldValue
  if (field.parts.length === 1 && first?.kind === 'value') value = valueAt(values, instance, first.index)
  else if (field.parts.every(({ kind }) => kind === 'text')) return constantOf(field)
  else value = partsText(field, instance, values)
  return field.section === 'System' && typeof value === 'string' ? systemValue(field.name, value) : value
}

function partsText({ parts }: Pick<PlannedField, 'parts'>, instance: number, values: RecordValues): string {
  let text = ''
  for (const part of parts) {
    text += part.kind === 'text' ? part.text : valueText(valueAt(values, instance, part.index))
  }
  return text
}

function listOf(sources: readonly Source[], values: RecordValues): FieldValue {
  const [only] = sources
  if (sources.length === 1 && only !== undefined) return sourceValue(only, values)
  return sources.flatMap((source) => sourceValue(source, values))
}

function addDynamic(record: Record<string, FieldValue>, source: Source, values: RecordValues): void {
  const { field, instance } = source
  const name = partsText({ parts: field.nameParts }, instance, values)
  const value = sourceValue(source, values)
  const key = name === '' ? field.name : payloadFieldName(field.section, name)
  for (const each of [key, spacelessName(key)]) {
    if (each === undefined) continue
    const safe = fieldName(each)
    const known = Object.hasOwn(record, safe) ? record[safe] : undefined
    if (known === undefined) record[safe] = Array.isArray(value) ? [...value] : value
    else if (Array.isArray(known)) known.push(value)
    else record[safe] = [known, value]
  }
}
