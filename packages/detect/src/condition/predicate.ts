import type { Condition } from './condition.ts'
import type { Field } from '../fields/field.ts'

/**
 * A condition taken apart by fields: `value` stands for a part that one field alone decides, so that the answer can be
 * remembered with the field's value; what compares two fields stays a test.
 */
export type Formula =
  | { readonly op: 'and' | 'or'; readonly of: readonly Formula[] }
  | { readonly op: 'not'; readonly of: Formula }
  | { readonly op: 'value'; readonly field: Field; readonly condition: Condition<Field> }
  | {
      readonly op: 'pair'
      readonly field: Field
      readonly other: Field
      readonly condition: Condition<Field>
    }

/** Gathers under each node the parts that one field decides. */
export function toFormula(condition: Condition<Field>): Formula {
  const only = onlyField(condition)
  if (only) return { op: 'value', field: only, condition }
  switch (condition.op) {
    case 'test': {
      const { field, test } = condition
      if (test.type !== 'field') throw new TypeError('a test of one field was not seen as one')
      return { op: 'pair', field, other: test.other, condition }
    }
    case 'not':
      return { op: 'not', of: toFormula(condition.of) }
    default: {
      const parts: Formula[] = []
      const byField = new Map<Field, Condition<Field>[]>()
      for (const part of flat(condition.op, condition.of)) {
        const field = onlyField(part)
        if (!field) {
          parts.push(toFormula(part))
          continue
        }
        const own = byField.get(field)
        if (own) {
          own.push(part)
          continue
        }
        const list = [part]
        byField.set(field, list)
        parts.push({ op: 'value', field, condition: { op: condition.op, of: list } })
      }
      return { op: condition.op, of: parts }
    }
  }
}

/** The parts of a node, those of equal nodes right below it among them. */
function* flat(op: 'and' | 'or', parts: readonly Condition<Field>[]): Generator<Condition<Field>> {
  for (const part of parts) {
    if (part.op === op) yield* flat(op, part.of)
    else yield part
  }
}

/** The one field that a condition asks of; undefined where there are several or none. */
function onlyField(condition: Condition<Field>): Field | undefined {
  switch (condition.op) {
    case 'test':
      return condition.test.type === 'field' && condition.test.other !== condition.field
        ? undefined
        : condition.field
    case 'not':
      return onlyField(condition.of)
    default: {
      let field: Field | undefined
      for (const part of condition.of) {
        const own = onlyField(part)
        if (!own || (field && own !== field)) return undefined
        field = own
      }
      return field
    }
  }
}
