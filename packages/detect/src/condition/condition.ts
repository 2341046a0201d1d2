import type { LinearRegex } from './regex.ts'
import type { TimePart } from '../selection/time-part.ts'
import type { Cidr } from './cidr.ts'
import type { WildcardPart } from './wildcard.ts'

/**
 * What a rule asks of one event, as data: rule types make it, the engine turns it into matchers, the index reads from it
 * what an event must have. `F` is how a field is named: by its name in the rule, then by the bound `Field`.
 */
export type Condition<F> =
  /** True when every one is; so an empty one is true. */
  | { readonly op: 'and'; readonly of: readonly Condition<F>[] }
  /** True when one is; so an empty one is false. */
  | { readonly op: 'or'; readonly of: readonly Condition<F>[] }
  | { readonly op: 'not'; readonly of: Condition<F> }
  | { readonly op: 'test'; readonly field: F; readonly test: Test<F> }

/** What is asked of one field. Over several values: whether one of them passes. */
export type Test<F> =
  /** Text without wildcards. Without `cased`, `text` is folded. */
  | {
      readonly type: 'equals' | 'contains' | 'starts' | 'ends'
      readonly text: string
      readonly cased: boolean
    }
  | { readonly type: 'wildcards'; readonly parts: readonly WildcardPart[]; readonly cased: boolean }
  | { readonly type: 'regex'; readonly regex: LinearRegex }
  | { readonly type: 'cidr'; readonly range: Cidr }
  | { readonly type: 'compare'; readonly by: 'lt' | 'lte' | 'gt' | 'gte'; readonly number: number }
  /** A part of a time in UTC (`timePart`); what is no time is never met. */
  | {
      readonly type: 'time'
      readonly part: TimePart
      readonly by: 'eq' | 'lt' | 'lte' | 'gt' | 'gte'
      readonly number: number
    }
  /** Whether the field is there, whatever its value: null and empty text are there. */
  | { readonly type: 'exists'; readonly expected: boolean }
  /** Null or not there at all; empty text is neither. */
  | { readonly type: 'null' }
  /** Against the values of another field of the same event. */
  | {
      readonly type: 'field'
      readonly other: F
      readonly how: 'equals' | 'contains' | 'starts' | 'ends'
      readonly cased: boolean
    }

export const ALWAYS: Condition<never> = { op: 'and', of: [] }
export const NEVER: Condition<never> = { op: 'or', of: [] }

export function and<F>(of: readonly Condition<F>[]): Condition<F> {
  return of.length === 1 && of[0] ? of[0] : { op: 'and', of }
}

export function or<F>(of: readonly Condition<F>[]): Condition<F> {
  return of.length === 1 && of[0] ? of[0] : { op: 'or', of }
}

/**
 * Binds the fields of a condition. A field that this kind of event never has (undefined) makes its test what it would
 * be for a missing value.
 */
export function bind<A, B>(condition: Condition<A>, field: (name: A) => B | undefined): Condition<B> {
  switch (condition.op) {
    case 'and':
    case 'or':
      return { op: condition.op, of: condition.of.map((part) => bind(part, field)) }
    case 'not':
      return { op: 'not', of: bind(condition.of, field) }
    default: {
      const { test } = condition
      const bound = field(condition.field)
      if (bound === undefined) {
        const holds = test.type === 'null' || (test.type === 'exists' && !test.expected)
        return holds ? ALWAYS : NEVER
      }
      if (test.type !== 'field') return { op: 'test', field: bound, test }
      const other = field(test.other)
      return other === undefined ? NEVER : { op: 'test', field: bound, test: { ...test, other } }
    }
  }
}

/** Every field that a condition names, also those compared with. */
export function* fieldsIn<F>(condition: Condition<F>): Generator<F> {
  if (condition.op === 'test') {
    yield condition.field
    if (condition.test.type === 'field') yield condition.test.other
  } else if (condition.op === 'not') {
    yield* fieldsIn(condition.of)
  } else {
    for (const part of condition.of) yield* fieldsIn(part)
  }
}
