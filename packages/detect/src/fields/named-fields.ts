import type { EventKind, RuleProblem } from '@vedette/model'
import type { DocumentPath, RuleDocument } from '../loading/document.ts'
import type { EventView, FieldText } from './event-view.ts'
import { type Field, suggestField } from './field.ts'
import type { LogSourceRoute } from './log-source.ts'

/** Makes of a field's text what counts; undefined where it has none of it. */
export type ValueReader = (text: string) => string | undefined

/** Where a name of a rule is found, by the kind of the event, and what of it counts. */
export interface ReadSlot {
  readonly slots: ReadonlyMap<EventKind, number>
  readonly read: ValueReader
}

const MOST_CHARACTERS = 512

export const wholeText: ValueReader = (text) => text.slice(0, MOST_CHARACTERS)

/** What an event says to each name; undefined where it says nothing to one. */
export function readAll(view: EventView, slots: readonly ReadSlot[]): readonly string[] | undefined {
  const texts: string[] = []
  for (const { slots: byKind, read } of slots) {
    const slot = byKind.get(view.event.kind)
    const text = slot === undefined ? undefined : one(view.text(slot))
    const value = text === undefined ? undefined : read(text)
    if (value === undefined) return undefined
    texts.push(value)
  }
  return texts
}

/** One text of what a field gives. */
function one(text: FieldText): string | undefined {
  return typeof text === 'string' || text === undefined ? text : JSON.stringify(text)
}

export function slotsOf(
  fields: ReadonlyMap<EventKind, Field>,
  slot: (field: Field) => number,
): ReadonlyMap<EventKind, number> {
  return new Map([...fields].map(([kind, field]) => [kind, slot(field)]))
}

/** The fields that a name means; a problem where no event of the log source has it. */
export function bindNames(
  document: RuleDocument,
  path: DocumentPath,
  name: string,
  routes: readonly LogSourceRoute[],
  problems: RuleProblem[],
): ReadonlyMap<EventKind, Field> {
  const fields = new Map<EventKind, Field>()
  for (const route of routes) {
    const field = route.field(name)
    if (field) fields.set(route.kind, field)
  }
  if (fields.size === 0) {
    const hint = suggestField(
      name,
      routes.map(({ kind }) => kind),
    )
    const message = `events of this log source have no field "${name}"`
    problems.push(document.problem(path, 'unknown-field', message, { hint, at: 'value' }))
  }
  return fields
}
