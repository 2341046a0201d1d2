import type { Match } from '@vedette/model'
import { compileCondition, type Holds } from './closures.ts'
import type { Condition } from './condition.ts'
import type { EventView, FieldTable } from '../fields/event-view.ts'
import { explain, type RecordMatch } from './explain.ts'
import type { Field } from '../fields/field.ts'

/** A condition made ready to be asked. */
export interface Matcher {
  readonly test: Holds
  /** What in the event made `test` true. Call it when it was. */
  explain(view: EventView): RecordMatch[]
}

export function compileMatcher(condition: Condition<Field>, table: FieldTable): Matcher {
  return { test: compileCondition(condition, table), explain: (view) => explain(condition, table, view) }
}

/** What in the view's event met a condition; what stands in a record that the event carries, by its path in the event. */
export function matchesIn(view: EventView, met: Matcher): Match[] {
  const { event } = view
  const prefix = view.root === event ? '' : 'unmapped.'
  return met.explain(view).map((match) => ({ ...match, event: event.id, field: prefix + match.field }))
}
