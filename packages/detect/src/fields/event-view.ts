import { parseAuditPairs } from '@vedette/formats'
import type { Event } from '@vedette/model'
import type { Field } from './field.ts'
import { fold } from '../condition/fold.ts'

/** What a field gives: undefined where it is missing, and several values where its path goes through a list. */
export type FieldValue = Scalar | readonly Scalar[] | undefined
export type Scalar = string | number | boolean | null | object
/** The texts among a field's values; numbers and truth values are written as text. */
export type FieldText = string | readonly string[] | undefined

/** Fields that matchers use, each with the number of its slot. One table an engine. */
export class FieldTable {
  readonly #slots = new Map<string, number>()
  /** Of the objects that were asked for: many tests name the same one. */
  readonly #slotsOfObjects = new WeakMap<Field, number>()
  readonly fields: Field[] = []

  slotOf(field: Field): number {
    const known = this.#slotsOfObjects.get(field)
    if (known !== undefined) return known
    const slot = this.#slotOfSource(field)
    this.#slotsOfObjects.set(field, slot)
    return slot
  }

  #slotOfSource(field: Field): number {
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

/** Values of fields, by the numbers of their slots. */
export interface FieldReader {
  value(slot: number): FieldValue
  text(slot: number): FieldText
  /** The texts with their case taken out. */
  folded(slot: number): FieldText
}

/**
 * One event through the eyes of matchers: each field is read, written as text and folded at most once. Reused from event
 * to event; a slot is valid when its stamp is the view's generation.
 */
export class EventView implements FieldReader {
  readonly #table: FieldTable
  readonly #values: FieldValue[] = []
  readonly #texts: FieldText[] = []
  readonly #folded: FieldText[] = []
  readonly #valueStamps: number[] = []
  readonly #textStamps: number[] = []
  readonly #foldedStamps: number[] = []
  #generation = 0
  #event: Event | undefined
  #root: object = {}

  constructor(table: FieldTable) {
    this.#table = table
  }

  /** @throws {TypeError} when it looks at a foreign record that no event carries */
  get event(): Event {
    if (!this.#event) throw new TypeError('the view has no event')
    return this.#event
  }

  /** What fields are read from: the event, or a foreign record. */
  get root(): object {
    return this.#root
  }

  /**
   * Turns to an event, or to a foreign record.
   *
   * @param event that the root is, or that carries it
   */
  look(root: object, event?: Event): void {
    this.#root = root
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
      this.#folded[slot] = foldText(text)
      this.#foldedStamps[slot] = this.#generation
    }
    return this.#folded[slot]
  }

  #read(slot: number): FieldValue {
    const field = this.#table.fields[slot]
    return field && readField(this.#root, field)
  }
}

/** What a field gives in an event or a foreign record. */
export function readField(root: object, field: Field): FieldValue {
  const value = readSource(root, field)
  const { values } = field
  if (!values || value === undefined) return value
  const translate = (one: Scalar): Scalar => (typeof one === 'string' ? (values[one] ?? one) : one)
  return isList(value) ? value.map(translate) : translate(value)
}

function readSource(root: object, { source }: Field): FieldValue {
  switch (source.type) {
    case 'path':
      return readPath(root, source.segments, 0)
    case 'key':
      for (const key of source.keys) {
        if (Object.hasOwn(root, key)) return (root as Record<string, FieldValue>)[key]
      }
      return source.segments.length === 1 ? undefined : readPath(root, source.segments, 0)
    case 'everywhere': {
      const texts: string[] = []
      visitTexts(root, source.foreign ? undefined : APART, (text) => texts.push(text))
      return texts
    }
    default: {
      const text = readPath(root, source.segments, 0)
      return typeof text === 'string' ? pairsOf(root, text).get(source.key) : undefined
    }
  }
}

const pairsOfEvents = new WeakMap<object, ReadonlyMap<string, string>>()

/** Parsed once an event, however many fields ask. */
function pairsOf(event: object, text: string): ReadonlyMap<string, string> {
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
    value = Object.hasOwn(value, segment) ? (value as Record<string, unknown>)[segment] : undefined
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

export function foldText(text: FieldText): FieldText {
  return typeof text === 'string' ? fold(text) : text?.map((one) => fold(one))
}

/** The texts among values: what else JSON has is written as it would write it, but for null and what has parts. */
export function textOf(value: FieldValue): FieldText {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (!isList(value)) return undefined
  return value.filter((one) => typeof one !== 'object').map(String)
}

/** Bounds on what keywords search: a record of a million parts or levels would hold up all others. */
const MOST_TEXTS = 10_000
const DEEPEST_TEXT = 32
/** Keys of an Event in which keywords are not sought: ids and what the sensor says of itself. */
const APART: ReadonlySet<string> = new Set(['id', 'metadata', 'device', 'kind'])

/** Calls `found` with every text in a value, and with numbers as text; the root's keys in `apart` are passed over. */
function visitTexts(
  root: object,
  apart: ReadonlySet<string> | undefined,
  found: (text: string, path: readonly string[]) => void,
): void {
  let count = 0
  const path: string[] = []
  const walk = (value: unknown): void => {
    if (typeof value === 'string' || typeof value === 'number') {
      count += 1
      if (count <= MOST_TEXTS) found(String(value), path)
    } else if (typeof value === 'object' && value !== null && path.length < DEEPEST_TEXT) {
      for (const [key, part] of Object.entries(value)) {
        path.push(key)
        walk(part)
        path.pop()
      }
    }
  }
  for (const [key, part] of Object.entries(root)) {
    if (apart?.has(key)) continue
    path.push(key)
    walk(part)
    path.pop()
  }
}

/** Stands between joined texts; keywords that have it are sought in each text by itself. */
export const TEXT_SEPARATOR = '\0'

/** Joins every text that `visitTexts` would visit. Used again for the next event or record. */
export class TextJoiner {
  text = ''
  #count = 0

  reset(): void {
    this.text = ''
    this.#count = 0
  }

  /** Adds the value of a key of the root, or the texts in it. */
  add(value: unknown): void {
    if (typeof value === 'string' || typeof value === 'number') this.#addText(value)
    else if (typeof value === 'object' && value !== null) this.#addParts(value, 1)
  }

  /** Whether there is room for another text, which is counted and searched by itself. */
  takesText(): boolean {
    this.#count += 1
    return this.#count <= MOST_TEXTS
  }

  /** Adds an event or record whole. */
  addRoot(root: object, { source }: Field): void {
    const apart = source.type === 'everywhere' && source.foreign ? undefined : APART
    for (const key in root) {
      if (apart === undefined || !apart.has(key)) this.add((root as Record<string, unknown>)[key])
    }
  }

  #addText(text: string | number): void {
    this.#count += 1
    if (this.#count <= MOST_TEXTS) this.text += TEXT_SEPARATOR + text
  }

  #addParts(value: object, depth: number): void {
    if (depth >= DEEPEST_TEXT) return
    for (const key in value) {
      const part = (value as Record<string, unknown>)[key]
      if (typeof part === 'string' || typeof part === 'number') this.#addText(part)
      else if (typeof part === 'object' && part !== null) this.#addParts(part, depth + 1)
    }
  }
}

/** Each value of a field with the exact path at which it stands, for the explanation of a match. */
export function* placesOf(root: object, field: Field): Generator<{ path: string; value: Scalar }> {
  const { source } = field
  if (source.type === 'everywhere') {
    const found: { path: string; value: string }[] = []
    visitTexts(root, source.foreign ? undefined : APART, (value, path) =>
      found.push({ path: path.join('.'), value }),
    )
    yield* found
    return
  }
  if (source.type === 'pair') {
    const value = readSource(root, field)
    if (typeof value === 'string') yield { path: field.path, value }
    return
  }
  if (source.type === 'key') {
    const key = source.keys.find((one) => Object.hasOwn(root, one))
    if (key !== undefined) {
      yield* places((root as Record<string, unknown>)[key], [], 0, [key])
      return
    }
  }
  yield* places(root, source.segments, 0, [])
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
    if (Object.hasOwn(value, segment))
      yield* places((value as Record<string, unknown>)[segment], segments, from + 1, [...path, segment])
  }
}
