import { inCidr } from './cidr.ts'
import type { Test } from './condition.ts'
import type { Scalar } from '../fields/event-view.ts'
import type { Field } from '../fields/field.ts'
import { timePart } from '../selection/time-part.ts'
import { compileWildcards } from './wildcard.ts'

/** A test that looks at one text. */
export type TextTest = Exclude<Test<Field>, { type: 'exists' | 'null' | 'compare' | 'time' | 'field' }>

/** Over text that is folded unless the test minds case. */
export function textTest(test: TextTest): (text: string) => boolean {
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

/** Whether a text stands to another as a `fieldref` asks. */
export function relates(
  text: string,
  how: 'equals' | 'contains' | 'starts' | 'ends',
  other: string,
): boolean {
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

/** Whether the asked part of a time passes. */
export function passesTime(value: Scalar, test: Extract<Test<Field>, { type: 'time' }>): boolean {
  const number = timePart(value, test.part)
  if (number === undefined) return false
  return test.by === 'eq' ? number === test.number : compares(number, test.by, test.number)
}

/** Whether a value, read as a number, passes; never for what is no number. */
export function compares(value: Scalar, by: 'lt' | 'lte' | 'gt' | 'gte', number: number): boolean {
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
