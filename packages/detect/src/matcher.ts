import type { Match } from '@vedette/model'
import { inCidr } from './cidr.ts'
import type { Condition, Test } from './condition.ts'
import { type EventView, type FieldTable, type FieldValue, placesOf, type Scalar } from './event-view.ts'
import type { Field } from './field.ts'
import { fold } from './fold.ts'
import { compileWildcards } from './wildcard.ts'

/** A condition made ready to be asked. */
export interface Matcher {
  test(view: EventView): boolean
  /**
   * What in the event made `test` true: each value that passed a test which counts, and where in it. Only what stands
   * outside `not` is told. Call it when `test` was true.
   */
  explain(view: EventView): Match[]
}

const MOST_MATCHES = 32
const LONGEST_VALUE = 4096

type Holds = (view: EventView) => boolean
/** Where the matched part stands; `whole` where there is no smaller part to show. */
type Find = (text: string) => readonly [start: number, length: number] | 'whole' | undefined

/** Compiles a condition to closures over the slots of a field table. */
export function compileMatcher(condition: Condition<Field>, table: FieldTable): Matcher {
  const holds = compile(condition, table)
  return {
    test: holds,
    explain: (view) => {
      const matches: Match[] = []
      explain(condition, table, view, matches)
      return matches
    },
  }
}

function compile(condition: Condition<Field>, table: FieldTable): Holds {
  switch (condition.op) {
    case 'and': {
      const parts = condition.of.map((part) => compile(part, table))
      return (view) => {
        for (const part of parts) if (!part(view)) return false
        return true
      }
    }
    case 'or': {
      const parts = condition.of.map((part) => compile(part, table))
      return (view) => {
        for (const part of parts) if (part(view)) return true
        return false
      }
    }
    case 'not': {
      const part = compile(condition.of, table)
      return (view) => !part(view)
    }
    default:
      return compileTest(condition.field, condition.test, table)
  }
}

function compileTest(field: Field, test: Test<Field>, table: FieldTable): Holds {
  const slot = table.slotOf(field)
  switch (test.type) {
    case 'exists':
      return (view) => (view.value(slot) !== undefined) === test.expected
    case 'null':
      return (view) => view.value(slot) === undefined || view.value(slot) === null
    case 'compare':
      return (view) => someValue(view.value(slot), (value) => compares(value, test.by, test.number))
    case 'field': {
      const other = table.slotOf(test.other)
      return (view) => {
        const theirs = test.cased ? view.text(other) : view.folded(other)
        if (theirs === undefined) return false
        const wanted = typeof theirs === 'string' ? [theirs] : theirs
        const ours = test.cased ? view.text(slot) : view.folded(slot)
        return someText(ours, (text) => wanted.some((one) => relates(text, test.how, one)))
      }
    }
    default: {
      const passes = textTest(test)
      const raw = test.type === 'regex' || test.type === 'cidr' || test.cased
      return raw ? (view) => someText(view.text(slot), passes) : (view) => someText(view.folded(slot), passes)
    }
  }
}

function someText(text: string | readonly string[] | undefined, passes: (text: string) => boolean): boolean {
  if (typeof text === 'string') return passes(text)
  if (text === undefined) return false
  for (const one of text) if (passes(one)) return true
  return false
}

function someValue(value: FieldValue, passes: (value: Scalar) => boolean): boolean {
  if (value === undefined) return false
  return Array.isArray(value) ? (value as readonly Scalar[]).some(passes) : passes(value)
}

type TextTest = Exclude<Test<Field>, { type: 'exists' | 'null' | 'compare' | 'field' }>

/** Over text that is folded unless the test minds case. */
function textTest(test: TextTest): (text: string) => boolean {
  switch (test.type) {
    case 'equals':
      return (text) => text === test.text
    case 'contains':
      return (text) => text.includes(test.text)
    case 'starts':
      return (text) => text.startsWith(test.text)
    case 'ends':
      return (text) => text.endsWith(test.text)
    case 'wildcards': {
      const find = compileWildcards(test.parts)
      return (text) => find(text) !== undefined
    }
    case 'regex':
      return (text) => test.regex.test(text)
    default:
      return (text) => inCidr(text, test.range)
  }
}

function relates(text: string, how: 'equals' | 'contains' | 'starts' | 'ends', other: string): boolean {
  switch (how) {
    case 'equals':
      return text === other
    case 'contains':
      return text.includes(other)
    case 'starts':
      return text.startsWith(other)
    default:
      return text.endsWith(other)
  }
}

function compares(value: Scalar, by: 'lt' | 'lte' | 'gt' | 'gte', number: number): boolean {
  const left =
    typeof value === 'number' ? value : typeof value === 'string' && value.trim() !== '' ? Number(value) : NaN
  switch (by) {
    case 'lt':
      return left < number
    case 'lte':
      return left <= number
    case 'gt':
      return left > number
    default:
      return left >= number
  }
}

/** Adds what made the condition true; returns whether it is. */
function explain(condition: Condition<Field>, table: FieldTable, view: EventView, matches: Match[]): boolean {
  switch (condition.op) {
    case 'and':
    case 'or': {
      // What a part added counts only when the part, and for `and` every part, holds.
      const before = matches.length
      let any = false
      let all = true
      for (const part of condition.of) {
        if (explain(part, table, view, matches)) any = true
        else all = false
      }
      const holds = condition.op === 'and' ? all : any
      if (!holds) matches.length = before
      return holds
    }
    case 'not':
      return !compile(condition.of, table)(view)
    default: {
      if (!compileTest(condition.field, condition.test, table)(view)) return false
      addMatches(condition.field, condition.test, table, view, matches)
      return true
    }
  }
}

function addMatches(
  field: Field,
  test: Test<Field>,
  table: FieldTable,
  view: EventView,
  matches: Match[],
): void {
  const find = finder(test, table, view)
  for (const { path, value } of placesOf(view.event, field)) {
    if (matches.length >= MOST_MATCHES) return
    const text = typeof value === 'object' ? (value === null ? 'null' : JSON.stringify(value)) : String(value)
    const shown = field.values?.[text] ?? text
    const found = find(shown)
    if (found === undefined) continue
    const match = toMatch(view, path, shown === text ? text : shown, found)
    const twice = matches.some(
      (m) => m.field === match.field && m.start === match.start && m.length === match.length,
    )
    if (!twice) matches.push(match)
  }
}

function toMatch(
  view: EventView,
  path: string,
  text: string,
  found: readonly [start: number, length: number] | 'whole',
): Match {
  const base = { event: view.event.id, field: path }
  if (found === 'whole' || found[1] === 0 || found[1] === text.length)
    return { ...base, value: text.slice(0, LONGEST_VALUE) }
  const [start, length] = found
  // A part that stands beyond the cut is shown with what is around it.
  const from = start + length <= LONGEST_VALUE ? 0 : Math.max(0, start - 256)
  const value = text.slice(from, from + LONGEST_VALUE)
  return { ...base, value, start: start - from, length: Math.min(length, value.length - (start - from)) }
}

function finder(test: Test<Field>, table: FieldTable, view: EventView): Find {
  switch (test.type) {
    case 'exists':
    case 'null':
      return () => 'whole'
    case 'compare':
      return (text) => (compares(text, test.by, test.number) ? 'whole' : undefined)
    case 'field': {
      const slot = table.slotOf(test.other)
      const theirs = (test.cased ? view.text(slot) : view.folded(slot)) ?? []
      const wanted = typeof theirs === 'string' ? [theirs] : theirs
      return (text) => {
        const seen = test.cased ? text : fold(text)
        const other = wanted.find((one) => relates(seen, test.how, one))
        if (other === undefined) return undefined
        const start = test.how === 'ends' ? seen.length - other.length : seen.indexOf(other)
        return [start, other.length]
      }
    }
    case 'equals':
    case 'cidr': {
      const passes = textTest(test)
      const cased = test.type === 'cidr' || test.cased
      return (text) => (passes(cased ? text : fold(text)) ? 'whole' : undefined)
    }
    case 'contains':
    case 'starts':
    case 'ends': {
      const passes = textTest(test)
      return (text) => {
        const seen = test.cased ? text : fold(text)
        if (!passes(seen)) return undefined
        const start = test.type === 'ends' ? seen.length - test.text.length : seen.indexOf(test.text)
        return [start, test.text.length]
      }
    }
    case 'wildcards': {
      const find = compileWildcards(test.parts)
      return (text) => find(test.cased ? text : fold(text))
    }
    default:
      return (text) => test.regex.find(text)
  }
}
