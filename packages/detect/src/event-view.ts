import type { Event } from '@vedette/model'
import { parseAuditPairs } from './audit-pairs.ts'
import type { Field } from './field.ts'
import { fold } from './fold.ts'

/** What a field gives: undefined where it is missing, and several values where its path goes through a list. */
export type FieldValue = Scalar | readonly Scalar[] | undefined
export type Scalar = string | number | boolean | null | object
/** The texts among a field's values; numbers and truth values are written as text. */
export type FieldText = string | readonly string[] | undefined

/** Fields that matchers use, each with the number of its slot. One table an engine. */
export class FieldTable {
  readonly #slots = new Map<string, number>()
  readonly fields: Field[] = []

  slotOf(field: Field): number {
    const key = JSON.stringify([field.source, field.values ?? null])
    let slot = this.#slots.get(key)
    if (slot === undefined) {
      slot = this.fields.length
      this.#slots.set(key, slot)
      this.fields.push(field)
    }
    return slot
  }
}

/**
 * One event through the eyes of matchers: each field is read, written as text and folded at most once. Reused from event
 * to event; a slot is valid when its stamp is the view's generation.
 */
export class EventView {
  readonly #table: FieldTable
  readonly #values: FieldValue[] = []
  readonly #texts: FieldText[] = []
  readonly #folded: FieldText[] = []
  readonly #valueStamps: number[] = []
  readonly #textStamps: number[] = []
  readonly #foldedStamps: number[] = []
  #generation = 0
  #event: Event | undefined

  constructor(table: FieldTable) {
    this.#table = table
  }

  /** @throws {TypeError} when no event was set */
  get event(): Event {
    if (!this.#event) throw new TypeError('the view has no event')
    return this.#event
  }

  set event(event: Event) {
    this.#event = event
    this.#generation += 1
  }

  value(slot: number): FieldValue {
    if (this.#valueStamps[slot] !== this.#generation) {
      this.#values[slot] = this.#read(slot)
      this.#valueStamps[slot] = this.#generation
    }
    return this.#values[slot]
  }

  text(slot: number): FieldText {
    if (this.#textStamps[slot] !== this.#generation) {
      this.#texts[slot] = textOf(this.value(slot))
      this.#textStamps[slot] = this.#generation
    }
    return this.#texts[slot]
  }

  folded(slot: number): FieldText {
    if (this.#foldedStamps[slot] !== this.#generation) {
      const text = this.text(slot)
      this.#folded[slot] = typeof text === 'string' ? fold(text) : text?.map((one) => fold(one))
      this.#foldedStamps[slot] = this.#generation
    }
    return this.#folded[slot]
  }

  #read(slot: number): FieldValue {
    const field = this.#table.fields[slot]
    if (!field) return undefined
    const value = readField(this.event, field)
    const { values } = field
    if (!values || value === undefined) return value
    const translate = (one: Scalar): Scalar => (typeof one === 'string' ? (values[one] ?? one) : one)
    return isList(value) ? value.map(translate) : translate(value)
  }
}

function readField(event: Event, { source }: Field): FieldValue {
  switch (source.type) {
    case 'path':
      return readPath(event, source.segments, 0)
    case 'everywhere':
      return [...textsIn(event)].map(({ text }) => text)
    default: {
      const text = readPath(event, source.segments, 0)
      return typeof text === 'string' ? pairsOf(event, text).get(source.key) : undefined
    }
  }
}

const pairsOfEvents = new WeakMap<Event, ReadonlyMap<string, string>>()

/** Parsed once an event, however many fields ask. */
function pairsOf(event: Event, text: string): ReadonlyMap<string, string> {
  let pairs = pairsOfEvents.get(event)
  if (!pairs) {
    pairs = parseAuditPairs(text)
    pairsOfEvents.set(event, pairs)
  }
  return pairs
}

function readPath(start: unknown, segments: readonly string[], from: number): FieldValue {
  let value = start
  for (let i = from; i < segments.length; i += 1) {
    const segment = segments[i] ?? ''
    if (Array.isArray(value) && !isPosition(segment)) {
      const found: Scalar[] = []
      for (const element of value) {
        const inner = readPath(element, segments, i)
        if (isList(inner)) found.push(...inner)
        else if (inner !== undefined) found.push(inner)
      }
      return found.length === 0 ? undefined : found
    }
    if (typeof value !== 'object' || value === null) return undefined
    value = (value as Record<string, unknown>)[segment]
  }
  return value as FieldValue
}

function isPosition(segment: string): boolean {
  const code = segment.charCodeAt(0)
  return code >= 48 && code <= 57
}

function isList(value: FieldValue): value is readonly Scalar[] {
  return Array.isArray(value)
}

function textOf(value: FieldValue): FieldText {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (!isList(value)) return undefined
  return value.filter((one) => typeof one !== 'object').map(String)
}

const MOST_TEXTS = 1000

/** Every text of an event with its path, but for ids and what the sensor says of itself. */
export function* textsIn(event: Event): Generator<{ path: string; text: string }> {
  let count = 0
  function* walk(value: unknown, path: string): Generator<{ path: string; text: string }> {
    if (typeof value === 'string') {
      count += 1
      if (count <= MOST_TEXTS) yield { path, text: value }
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, part] of Object.entries(value)) yield* walk(part, path === '' ? key : `${path}.${key}`)
    }
  }
  for (const [key, part] of Object.entries(event)) {
    if (key !== 'id' && key !== 'metadata' && key !== 'device' && key !== 'kind') yield* walk(part, key)
  }
}

/** Each value of a field with the exact path at which it stands, for the explanation of a match. */
export function* placesOf(event: Event, field: Field): Generator<{ path: string; value: Scalar }> {
  const { source } = field
  if (source.type === 'everywhere') {
    for (const { path, text } of textsIn(event)) yield { path, value: text }
    return
  }
  if (source.type === 'pair') {
    const value = readField(event, field)
    if (typeof value === 'string') yield { path: field.path, value }
    return
  }
  yield* places(event, source.segments, 0, [])
}

function* places(
  value: unknown,
  segments: readonly string[],
  from: number,
  path: readonly string[],
): Generator<{ path: string; value: Scalar }> {
  const segment = segments[from]
  if (Array.isArray(value) && (segment === undefined || !isPosition(segment))) {
    for (const [index, element] of value.entries()) {
      yield* places(element, segments, from, [...path, String(index)])
    }
  } else if (segment === undefined) {
    if (value !== undefined) yield { path: path.join('.'), value }
  } else if (typeof value === 'object' && value !== null) {
    yield* places((value as Record<string, unknown>)[segment], segments, from + 1, [...path, segment])
  }
}
