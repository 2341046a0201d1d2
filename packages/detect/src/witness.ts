import type { Condition, Test } from './condition.ts'
import type { Field } from './field.ts'
import { fold } from './fold.ts'
import { literalsOf } from './wildcard.ts'

/** Folded text that stands in a field: as its whole value, or anywhere in it. */
export interface Witness {
  readonly field: Field
  readonly how: 'whole' | 'part'
  readonly text: string
}

/**
 * What an event must have for a condition to be true: at least one of these witnesses. Undefined where nothing can be
 * said, so that every event has to be asked; empty where no event can match.
 */
export function witnessesOf(condition: Condition<Field>): readonly Witness[] | undefined {
  switch (condition.op) {
    case 'test':
      return witnessesOfTest(condition.field, condition.test)
    case 'not':
      return undefined
    case 'and': {
      let best: readonly Witness[] | undefined
      for (const part of condition.of) {
        const found = witnessesOf(part)
        if (found && (!best || cost(found) < cost(best))) best = found
      }
      return best
    }
    default: {
      const all: Witness[] = []
      for (const part of condition.of) {
        const found = witnessesOf(part)
        if (!found) return undefined
        all.push(...found)
      }
      return all
    }
  }
}

function witnessesOfTest(field: Field, test: Test<Field>): readonly Witness[] | undefined {
  switch (test.type) {
    case 'equals':
      return [{ field, how: 'whole', text: fold(test.text) }]
    case 'contains':
    case 'starts':
    case 'ends':
      return test.text === '' ? undefined : [{ field, how: 'part', text: fold(test.text) }]
    case 'wildcards': {
      const [longest] = literalsOf(test.parts)
      return longest === undefined ? undefined : [{ field, how: 'part', text: fold(longest) }]
    }
    default:
      return undefined
  }
}

/** How many events are likely to have one of these, as a rough order. */
function cost(witnesses: readonly Witness[]): number {
  let sum = 0
  for (const { field, how, text } of witnesses) {
    if (field.coarse) sum += 100
    else sum += how === 'whole' ? 1 / (2 + text.length) : 4 / text.length ** 2
  }
  return sum
}
