import { compileCondition } from './closures.ts'
import { bind, type Condition } from './condition.ts'
import type { RuleDocument } from '../loading/document.ts'
import { EventView, FieldTable, placesOf } from '../fields/event-view.ts'
import type { Field } from '../fields/field.ts'
import type { NamedField } from '../selection/reader.ts'

/** A part of a condition, as its author wrote it, and whether it held. */
export type ExplainedPart =
  /** `and`, `or`; with a name where it is a selection. */
  | {
      readonly type: 'all' | 'any'
      readonly name?: string
      readonly holds: boolean
      readonly of: readonly ExplainedPart[]
    }
  | { readonly type: 'not'; readonly name?: string; readonly holds: boolean; readonly of: ExplainedPart }
  | ExplainedItem

/** One line of a selection: a field and what is asked of it. */
export interface ExplainedItem {
  readonly type: 'item'
  readonly name?: string
  readonly holds: boolean
  /** With its modifiers: `CommandLine|contains|all`; empty for keywords. */
  readonly key: string
  /** Whether one of the values is enough, or every one is needed. */
  readonly how: 'any' | 'all'
  /** What is asked, in the words of the rule; those that hold first, at most 20. */
  readonly values: readonly { readonly value: string; readonly holds: boolean }[]
  /** How many there are. */
  readonly valueCount: number
  /** What the event has there: path and text; none where the field is missing. At most 8, of 500 characters. */
  readonly seen: readonly { readonly path: string; readonly value: string }[]
}

/** What is explained: an event or a record, and what names mean in it. */
export interface Situation {
  readonly root: object
  field(name: string): Field | undefined
}

/** What is written: for names of selections, and for values. */
interface Written {
  readonly selections: ReadonlyMap<string, Condition<NamedField>>
  readonly document: RuleDocument
}

const MOST_VALUES = 20
const MOST_SEEN = 8
const LONGEST = 500

/** Which parts of a condition hold. Slow beside asking; for one event at a time. */
export function explainParts(
  condition: Condition<NamedField>,
  written: Written,
  situation: Situation,
): ExplainedPart {
  const names = new Map([...written.selections].map(([name, selection]) => [selection, name]))
  const table = new FieldTable()
  const view = new EventView(table)
  view.look(situation.root)
  const holds = (part: Condition<NamedField>): boolean =>
    compileCondition(
      bind(part, ({ name }) => situation.field(name)),
      table,
    )(view)

  function walk(part: Condition<NamedField>): ExplainedPart {
    const name = names.get(part)
    const named = name === undefined ? {} : { name }
    const field = onlyField(part)
    if (field) return { ...named, ...item(part, field) }
    switch (part.op) {
      case 'not': {
        const of = walk(part.of)
        return { type: 'not', ...named, holds: !of.holds, of }
      }
      case 'and':
      case 'or': {
        const of = part.of.map(walk)
        const all = part.op === 'and'
        const held = all ? of.every((one) => one.holds) : of.some((one) => one.holds)
        return { type: all ? 'all' : 'any', ...named, holds: held, of }
      }
      default:
        return { ...named, ...item(part, part.field) }
    }
  }

  function item(part: Condition<NamedField>, field: NamedField): ExplainedItem {
    const last = field.path.at(-1)
    const raw = valueAt(written.document.data, field.path)
    const list: readonly unknown[] = Array.isArray(raw) ? raw : [raw]
    const asked = part.op === 'not' ? part.of : part
    // One part for each value, but where a value stands for several or there is one alone.
    const parts =
      list.length > 1 && asked.op !== 'test' && asked.op !== 'not' && asked.of.length === list.length
        ? asked.of
        : undefined
    const values = list.map((value, index) => {
      const one = parts?.[index]
      return { value: shown(value), holds: holds(one ?? asked) }
    })
    const bound = situation.field(field.name)
    const seen: { path: string; value: string }[] = []
    for (const { path, value } of bound ? placesOf(situation.root, bound) : []) {
      if (seen.length >= MOST_SEEN) break
      const text = shown(value)
      seen.push({ path, value: bound?.values?.[text] ?? text })
    }
    return {
      type: 'item',
      holds: holds(part),
      key: typeof last === 'string' && field.name !== '' ? last : '',
      how: asked.op === 'and' ? 'all' : 'any',
      values: values.toSorted((a, b) => Number(b.holds) - Number(a.holds)).slice(0, MOST_VALUES),
      valueCount: values.length,
      seen,
    }
  }

  return walk(condition)
}

/** The field that all tests below are of, where they stand in one line of the rule. */
function onlyField(condition: Condition<NamedField>): NamedField | undefined {
  if (condition.op === 'test') return condition.field
  const parts = condition.op === 'not' ? [condition.of] : condition.of
  // A negation of the author's own, in the condition, is shown as such.
  if (condition.op === 'not' && !isNegatedLine(condition.of)) return undefined
  let field: NamedField | undefined
  for (const part of parts) {
    const own = onlyField(part)
    if (!own || (field && field.path.join('\n') !== own.path.join('\n'))) return undefined
    field = own
  }
  return field
}

function isNegatedLine(condition: Condition<NamedField>): boolean {
  const field = onlyField(condition)
  return /\|neq(?:\||$)/.test(String(field?.path.at(-1) ?? ''))
}

function valueAt(data: unknown, path: readonly (string | number)[]): unknown {
  let value = data
  for (const step of path) value = (value as Record<string | number, unknown> | undefined)?.[step]
  return value
}

function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? 'null')
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text
}
