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

/** How many rules name a text in a positive way: what many ask for is common. */
export type Popularity = ReadonlyMap<string, number>

/**
 * What an event must have for a condition to be true: at least one of these witnesses. Undefined where nothing can be
 * said, so that every event has to be asked; empty where no event can match.
 */
export function witnessesOf(
  condition: Condition<Field>,
  popularity?: Popularity,
): readonly Witness[] | undefined {
  switch (condition.op) {
    case 'test':
      return witnessesOfTest(condition.field, condition.test)
    case 'not':
      return undefined
    case 'and': {
      let best: readonly Witness[] | undefined
      let least = Number.POSITIVE_INFINITY
      for (const part of condition.of) {
        const found = witnessesOf(part, popularity)
        if (!found) continue
        const sum = cost(found, popularity)
        if (sum >= least) continue
        best = found
        least = sum
      }
      return best
    }
    default: {
      const all: Witness[] = []
      for (const part of condition.of) {
        const found = witnessesOf(part, popularity)
        if (!found) return undefined
        for (const one of found) all.push(one)
      }
      return all
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
      if (test.cased || test.text === '' || fold(test.text) !== test.text) return false
      // All texts of an event are searched as one.
      return (
        field.source.type !== 'everywhere' ||
        (test.type === 'contains' && !test.text.includes(TEXT_SEPARATOR))
      )
    }
  }
}

/** Counts the texts that conditions name outside `not`. */
export function popularityOf(conditions: readonly Condition<Field>[]): Popularity {
  const counts = new Map<string, number>()
  const walk = (condition: Condition<Field>, seen: Set<string>): void => {
    if (condition.op === 'test') {
      for (const { how, text } of witnessesOfTest(condition.field, condition.test) ?? []) {
        if (how === 'present' || seen.has(text)) continue
        seen.add(text)
        counts.set(text, (counts.get(text) ?? 0) + 1)
      }
    } else if (condition.op !== 'not') {
      for (const part of condition.of) walk(part, seen)
    }
  }
  for (const condition of conditions) walk(condition, new Set())
  return counts
}

function witnessesOfTest(field: Field, test: Test<Field>): readonly Witness[] | undefined {
  switch (test.type) {
    case 'equals':
      return [witness(field, 'whole', test.text)]
    case 'contains':
      return [witness(field, 'part', test.text)]
    case 'starts':
      return [witness(field, 'start', test.text)]
    case 'ends':
      return [witness(field, 'end', test.text)]
    case 'wildcards':
      return [witness(field, 'part', literalsOf(test.parts)[0] ?? '')]
    case 'regex':
      return (requiredTexts(test.regex.pattern) ?? ['']).map((text) => witness(field, 'part', text))
    case 'null':
      return undefined
    case 'exists':
      return test.expected ? [witness(field, 'present', '')] : undefined
    default:
      return [witness(field, 'present', '')]
  }
}

function witness(field: Field, how: Witness['how'], text: string): Witness {
  return text === '' ? { field, how: 'present', text } : { field, how, text: fold(text) }
}

/** How many events are likely to have one of these, as a rough order. */
function cost(witnesses: readonly Witness[], popularity: Popularity | undefined): number {
  let sum = 0
  for (const { field, how, text } of witnesses) {
    if (how === 'present') sum += 50
    else if (field.coarse) sum += 20
    else if (how === 'whole') sum += (2 + (popularity?.get(text) ?? 1)) / (2 + text.length) ** 2
    // Parts of fewer than seven units are looked for more slowly.
    else sum += ((text.length < 7 ? 4 : 2) * (2 + (popularity?.get(text) ?? 1))) / text.length ** 2
  }
  return sum
}
