import type { Match } from '@vedette/model'
import { compileCondition, compileTest } from './closures.ts'
import { compares, passesTime, relates, textTest } from './comparison.ts'
import type { Condition, Test } from './condition.ts'
import { type EventView, type FieldTable, placesOf } from '../fields/event-view.ts'
import type { Field } from '../fields/field.ts'
import { fold } from './fold.ts'
import { compileWildcards } from './wildcard.ts'

/** A value that made a condition true: as `Match`, wherever it stands. */
export type RecordMatch = Omit<Match, 'event'>

const MOST_MATCHES = 32
const LONGEST_VALUE = 4096

/** Where the matched part stands; `whole` where there is no smaller part to show. */
type Find = (text: string) => readonly [start: number, length: number] | 'whole' | undefined

/**
 * What in the event made a condition true: each value that passed a test which counts, and where in it; at most 32. What
 * stands under `not` is not told. Slow beside asking: for events that did match.
 */
export function explain(condition: Condition<Field>, table: FieldTable, view: EventView): RecordMatch[] {
  const matches: RecordMatch[] = []
  gather(condition, table, view, matches)
  return matches
}

/** Adds what made the condition true; returns whether it is. */
function gather(
  condition: Condition<Field>,
  table: FieldTable,
  view: EventView,
  matches: RecordMatch[],
): boolean {
  switch (condition.op) {
    case 'and':
    case 'or': {
      // What a part added counts only when the part, and for `and` every part, holds.
      const before = matches.length
      let any = false
      let all = true
      for (const part of condition.of) {
        if (gather(part, table, view, matches)) any = true
        else all = false
      }
      const holds = condition.op === 'and' ? all : any
      if (!holds) matches.length = before
      return holds
    }
    case 'not':
      return !compileCondition(condition.of, table)(view)
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
  matches: RecordMatch[],
): void {
  const find = finder(test, table, view)
  for (const { path, value } of placesOf(view.root, field)) {
    if (matches.length >= MOST_MATCHES) return
    const text = typeof value === 'object' ? (value === null ? 'null' : JSON.stringify(value)) : String(value)
    const shown = field.values?.[text] ?? text
    const found = find(shown)
    if (found === undefined) continue
    const match = toMatch(path, shown, found)
    const twice = matches.some(
      (m) => m.field === match.field && m.start === match.start && m.length === match.length,
    )
    if (!twice) matches.push(match)
  }
}

function toMatch(
  path: string,
  text: string,
  found: readonly [start: number, length: number] | 'whole',
): RecordMatch {
  const base = { field: path }
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
    case 'time':
      return (text) => (passesTime(text, test) ? 'whole' : undefined)
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
