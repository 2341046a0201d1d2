import type { Condition, Test } from '../condition/condition.ts'
import { TEXT_SEPARATOR } from '../fields/event-view.ts'
import type { Field } from '../fields/field.ts'
import { fold } from '../condition/fold.ts'
import { requiredTexts } from '../condition/regex-literals.ts'
import { literalsOf } from '../condition/wildcard.ts'

/**
 * What a field must have: folded text as its whole value, at its start, at its end or anywhere in it; or only a value
 * (`present`, of which the text is empty).
 */
export interface Witness {
  readonly field: Field
  readonly how: 'whole' | 'start' | 'end' | 'part' | 'present'
  readonly text: string
}

/**
 * A condition with the witnesses of each of its tests: undefined where a test has none. What stands under `not` is left
 * out.
 */
export type Outline =
  | { readonly op: 'and' | 'or'; readonly of: readonly Outline[] }
  | { readonly op: 'not' }
  | { readonly op: 'test'; readonly witnesses: readonly Witness[] | undefined }

const NOT: Outline = { op: 'not' }

/** In how many conditions a text is named, and in which one last. */
interface Named {
  times: number
  last: number
}

/** Outlines of conditions, and how many of these name a text in a positive way: what many ask for is common. */
export class Outlines {
  readonly #named = new Map<string, Named>()
  #conditions = 0

  /** @param visit told every field that is named, also those under `not` and those compared with */
  outline(condition: Condition<Field>, visit: (field: Field) => void): Outline {
    this.#conditions += 1
    return this.#outline(condition, visit, true)
  }

  #outline(condition: Condition<Field>, visit: (field: Field) => void, positive: boolean): Outline {
    switch (condition.op) {
      case 'test': {
        const { field, test } = condition
        visit(field)
        if (test.type === 'field') visit(test.other)
        if (!positive) return NOT
        const witnesses = witnessesOfTest(field, test)
        if (witnesses) for (const one of witnesses) this.#count(one)
        return { op: 'test', witnesses }
      }
      case 'not':
        this.#outline(condition.of, visit, false)
        return NOT
      default: {
        const of: Outline[] = []
        for (const part of condition.of) of.push(this.#outline(part, visit, positive))
        return positive ? { op: condition.op, of } : NOT
      }
    }
  }

  #count({ how, text }: Witness): void {
    if (how === 'present') return
    const named = this.#named.get(text)
    if (named === undefined) this.#named.set(text, { times: 1, last: this.#conditions })
    else if (named.last !== this.#conditions) {
      named.times += 1
      named.last = this.#conditions
    }
  }

  /**
   * What an event must have for a condition to be true: at least one of these witnesses. Undefined where nothing can be
   * said, so that every event has to be asked; empty where no event can match. To be asked when all conditions are outlined.
   */
  witnessesOf(outline: Outline): readonly Witness[] | undefined {
    switch (outline.op) {
      case 'test':
        return outline.witnesses
      case 'not':
        return undefined
      case 'and': {
        let best: readonly Witness[] | undefined
        let least = Number.POSITIVE_INFINITY
        for (const part of outline.of) {
          const found = this.witnessesOf(part)
          if (!found) continue
          const sum = cost(found, this.#named)
          if (sum >= least) continue
          best = found
          least = sum
        }
        return best
      }
      default: {
        const all: Witness[] = []
        for (const part of outline.of) {
          const found = this.witnessesOf(part)
          if (!found) return undefined
          for (const one of found) all.push(one)
        }
        return all
      }
    }
  }
}

/**
 * Whether an event that has one of a condition's witnesses meets it, so that nothing else has to be asked: any of some texts
 * in any of some fields.
 */
export function isToldByWitnesses(condition: Condition<Field>): boolean {
  switch (condition.op) {
    case 'or':
      return condition.of.length > 0 && condition.of.every(isToldByWitnesses)
    case 'and':
      return condition.of.length === 1 && condition.of.every(isToldByWitnesses)
    case 'not':
      return false
    default: {
      const { field, test } = condition
      if (
        test.type !== 'equals' &&
        test.type !== 'contains' &&
        test.type !== 'starts' &&
        test.type !== 'ends'
      ) {
        return false
      }
      if (test.cased || test.text === '') return false
      // All texts of an event are searched as one.
      return (
        field.source.type !== 'everywhere' ||
        (test.type === 'contains' && !test.text.includes(TEXT_SEPARATOR))
      )
    }
  }
}

function witnessesOfTest(field: Field, test: Test<Field>): readonly Witness[] | undefined {
  switch (test.type) {
    case 'equals':
      return [witness(field, 'whole', test.cased ? fold(test.text) : test.text)]
    case 'contains':
      return [witness(field, 'part', test.cased ? fold(test.text) : test.text)]
    case 'starts':
      return [witness(field, 'start', test.cased ? fold(test.text) : test.text)]
    case 'ends':
      return [witness(field, 'end', test.cased ? fold(test.text) : test.text)]
    case 'wildcards':
      return [witness(field, 'part', fold(literalsOf(test.parts)[0] ?? ''))]
    case 'regex':
      return (requiredTexts(test.regex.pattern) ?? ['']).map((text) => witness(field, 'part', fold(text)))
    case 'null':
      return undefined
    case 'exists':
      return test.expected ? [witness(field, 'present', '')] : undefined
    default:
      return [witness(field, 'present', '')]
  }
}

/** @param text folded */
function witness(field: Field, how: Witness['how'], text: string): Witness {
  return text === '' ? { field, how: 'present', text } : { field, how, text }
}

/** How many events are likely to have one of these, as a rough order. */
function cost(witnesses: readonly Witness[], named: ReadonlyMap<string, Named>): number {
  let sum = 0
  for (const { field, how, text } of witnesses) {
    if (how === 'present') sum += 50
    else if (field.coarse) sum += 20
    else if (how === 'whole') sum += (2 + (named.get(text)?.times ?? 1)) / (2 + text.length) ** 2
    // Parts of fewer than seven units are looked for more slowly.
    else sum += ((text.length < 7 ? 4 : 2) * (2 + (named.get(text)?.times ?? 1))) / text.length ** 2
  }
  return sum
}
