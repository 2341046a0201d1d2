import type { Match } from '@vedette/model'
import { compileCondition, type Holds } from './closures.ts'
import type { Condition } from './condition.ts'
import type { EventView, FieldTable } from './event-view.ts'
import { explain } from './explain.ts'
import type { Field } from './field.ts'

/** A condition made ready to be asked. */
export interface Matcher {
  readonly test: Holds
  /** What in the event made `test` true. Call it when it was. */
  explain(view: EventView): Match[]
}

export function compileMatcher(condition: Condition<Field>, table: FieldTable): Matcher {
  return { test: compileCondition(condition, table), explain: (view) => explain(condition, table, view) }
}
