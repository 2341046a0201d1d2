import { compares, passesTime, relates, textTest } from './comparison.ts'
import type { Condition, Test } from './condition.ts'
import type { FieldReader, FieldTable, FieldValue, Scalar } from '../fields/event-view.ts'
import type { Field } from '../fields/field.ts'

export type Holds = (view: FieldReader) => boolean

/** A condition as closures over the slots of a field table: the form that works wherever JavaScript does. */
export function compileCondition(condition: Condition<Field>, table: FieldTable): Holds {
  switch (condition.op) {
    case 'and': {
      const parts = condition.of.map((part) => compileCondition(part, table))
      return (view) => {
        for (const part of parts) if (!part(view)) return false
        return true
      }
    }
    case 'or': {
      const parts = condition.of.map((part) => compileCondition(part, table))
      return (view) => {
        for (const part of parts) if (part(view)) return true
        return false
      }
    }
    case 'not': {
      const part = compileCondition(condition.of, table)
      return (view) => !part(view)
    }
    default:
      return compileTest(condition.field, condition.test, table)
  }
}

export function compileTest(field: Field, test: Test<Field>, table: FieldTable): Holds {
  const slot = table.slotOf(field)
  switch (test.type) {
    case 'exists':
      return (view) => (view.value(slot) !== undefined) === test.expected
    case 'null':
      return (view) => view.value(slot) === undefined || view.value(slot) === null
    case 'compare':
      return (view) => someValue(view.value(slot), (value) => compares(value, test.by, test.number))
    case 'time':
      return (view) => someValue(view.value(slot), (value) => passesTime(value, test))
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
