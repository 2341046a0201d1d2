import type { Firing } from '../../window/firing.ts'
import { LEVELS } from '../../window/firing.ts'
import { GroupedWindow, type SavedGroup, type WindowState } from '../../window/grouped-window.ts'
import {
  countMeasure,
  type Measure,
  percentileMeasure,
  presenceMeasure,
  sumMeasure,
} from '../../window/measure.ts'
import { orderMeasure } from '../../window/order-measure.ts'
import type { CompiledCorrelation } from './compile.ts'
import { inRange, leastOf, mostOf } from './range.ts'

/** Texts of a field: undefined where it is missing, several where it is a list. */
type FieldText = string | readonly string[] | undefined

/** What a correlation reads of a hit. */
export interface JudgedHit<T> {
  readonly time: number
  readonly id: string
  read(name: string): FieldText
  readonly item: T
  /** Hits behind it, where it is one of a correlation. */
  readonly more?: readonly T[] | undefined
}

/** What a group told when it fired. */
export interface JudgedFiring<T> {
  /** Values of the group, as `groupBy` names them. */
  readonly group: readonly string[]
  readonly count: number
  readonly value: number
  /** Oldest first. */
  readonly items: readonly T[]
}

/** Most groups, and hits, that one correlation keeps in memory. */
export interface CorrelationBounds {
  /** Default 10 000. */
  readonly mostGroups?: number
  /** Default 100 000. */
  readonly mostEntries?: number
}

const MOST_ENTRIES = 100_000

interface PresenceOf extends Measure {
  has?(reference: number): boolean
}

/** The state of one correlation: its groups and their windows. */
export class CorrelationJudge<T> {
  readonly #correlation: CompiledCorrelation
  readonly #window: GroupedWindow<T, PresenceOf>
  readonly #isTemporal: boolean
  readonly #isNumber: boolean
  readonly #spends: boolean

  constructor(
    correlation: CompiledCorrelation,
    { mostGroups, mostEntries = MOST_ENTRIES }: CorrelationBounds,
  ) {
    const { type, windowMs, range, presence } = correlation
    this.#correlation = correlation
    this.#isTemporal = type === 'temporal' || type === 'temporal_ordered'
    this.#isNumber = type.startsWith('value_') && type !== 'value_count'
    const firing = firingOf(correlation)
    this.#spends = firing.spends === true
    const isCount = type === 'event_count' || type === 'value_count'
    this.#window = new GroupedWindow<T, PresenceOf>({
      windowMs,
      firing,
      measure: () => measureOf(correlation),
      distinct: type === 'value_count',
      ...(presence
        ? { meets: (measure) => presence.holds((reference) => measure.has?.(reference) === true) }
        : {}),
      ...(mostGroups === undefined ? {} : { mostGroups }),
      mostEntries: isCount ? Math.max(mostEntries, mostOf(range)) : mostEntries,
      // Beyond the last level, or the last bound, nothing more is learnt from a group's oldest hits.
      ...(isCount ? { mostInGroup: mostOf(range) * 2 ** (LEVELS - 1) } : {}),
    })
  }

  get state(): WindowState {
    return this.#window.state
  }

  /** Takes a hit of the rule at a position among the references. */
  judge(reference: number, hit: JudgedHit<T>): JudgedFiring<T> | undefined {
    const { groupFields, valueFields } = this.#correlation
    const names = groupFields[reference] ?? []
    let key = ''
    if (names.length === 1) {
      const text = textOf(hit.read(names[0] as string))
      if (text === undefined) return undefined
      key = text
    } else {
      for (const name of names) {
        const text = textOf(hit.read(name))
        if (text === undefined) return undefined
        key += `${text.length}:${text}`
      }
    }
    let value: string | number | undefined
    const fields = valueFields[reference] ?? []
    if (fields.length > 0) {
      value = this.#valueOf(hit, fields)
      if (value === undefined) return undefined
    }
    const window = this.#window
    const { time, id, item, more } = hit
    const counted = { time, id, value, reference: this.#isTemporal ? reference : 0 }
    const outcome = window.add(key, counted, item, more)
    if (!outcome.fires) return undefined
    const { count, value: measured } = outcome
    const items = window.items(key)
    if (this.#spends) window.spend(key)
    const group = names.map((name) => textOf(hit.read(name)) ?? '')
    return { group, count, value: measured, items: items.length > 0 ? items : [item] }
  }

  save(itemOf: (item: T) => number): readonly SavedGroup[] {
    return this.#window.save(itemOf)
  }

  restore(saved: readonly SavedGroup[], item: (position: number) => T | undefined): void {
    this.#window.restore(saved, item)
  }

  #valueOf(hit: JudgedHit<T>, fields: readonly string[]): string | number | undefined {
    if (fields.length > 1) {
      let tuple = ''
      for (const name of fields) {
        const text = textOf(hit.read(name))
        if (text === undefined) return undefined
        tuple += `${text.length}:${text}`
      }
      return tuple
    }
    const text = textOf(hit.read(fields[0] as string))
    if (text === undefined || !this.#isNumber) return text
    const number = text.trim() === '' ? Number.NaN : Number(text)
    return Number.isFinite(number) ? number : undefined
  }
}

function textOf(text: FieldText): string | undefined {
  if (typeof text !== 'object') return text
  return text.length === 1 ? text[0] : JSON.stringify(text)
}

function firingOf({ type, range, presence }: CompiledCorrelation): Firing {
  switch (type) {
    case 'event_count':
    case 'value_count':
      return { from: leastOf(range), meets: (value) => inRange(range, value) }
    case 'temporal':
    case 'temporal_ordered':
      return { spends: true, meets: (value) => presence !== undefined || inRange(range, value) }
    default:
      return { meets: (value) => inRange(range, value) }
  }
}

function measureOf({ type, references, windowMs, percentile, presence }: CompiledCorrelation): PresenceOf {
  switch (type) {
    case 'event_count':
    case 'value_count':
      return countMeasure()
    case 'temporal':
      return presenceMeasure(references.length)
    case 'temporal_ordered':
      return orderMeasure(references.length, windowMs, presence?.there)
    case 'value_sum':
      return sumMeasure(false)
    case 'value_avg':
      return sumMeasure(true)
    case 'value_median':
      return percentileMeasure(50)
    case 'value_min':
      return percentileMeasure(0)
    case 'value_max':
      return percentileMeasure(100)
    default:
      return percentileMeasure(percentile)
  }
}
