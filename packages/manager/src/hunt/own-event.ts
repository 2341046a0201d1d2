import type { FieldText } from '@vedette/detect'
import type { ForeignRecord } from '@vedette/formats'
import { type Event, eventSchema } from '@vedette/model'

/** The record as an Event, where it is one, such as a line of `vedette events --json`; undefined where it is anything else. */
export function ownEvent(record: ForeignRecord): Event | undefined {
  // Nearly every record is none, and is told so without the schema.
  if (typeof record['class_uid'] !== 'number' || typeof record['kind'] !== 'string') return undefined
  const parsed = eventSchema.safeParse(record)
  return parsed.success ? (parsed.data as Event) : undefined
}

/** What stands at a dotted path of an Event, as text; every value of a list. Undefined where there is nothing. */
export function eventField(event: Event, path: string): FieldText {
  let value: unknown = event
  for (const step of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined
    value = (value as Record<string, unknown>)[step]
  }
  if (Array.isArray(value)) return value.filter((one) => typeof one === 'string')
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : undefined
}
