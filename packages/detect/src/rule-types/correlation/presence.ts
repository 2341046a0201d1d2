import { parseCondition } from '../../selection/condition-expression.ts'
import type { Condition } from '../../condition/condition.ts'

/** Which of several rules have to have hits: an expression over their names. */
export interface Presence {
  readonly text: string
  /** Whether it is true of the rules that have hits, by their positions. */
  holds(has: (reference: number) => boolean): boolean
  /** Where it is no more than rules that are there and rules that are not: the first, by their positions. */
  readonly there: readonly number[] | undefined
}

const WORDS = /^(?:and|or|not|of|them|all|any|1)$/i

/** The names in an expression, in the order in which they first stand. */
export function namesIn(text: string): string[] {
  const words = text.slice(0, 10_000).match(/[^\s()]+/g) ?? []
  return [...new Set(words.filter((word) => !WORDS.test(word)))]
}

/**
 * Reads an expression such as `a and (b or c) and not d` over the names of rules.
 *
 * @param names in the order of the references
 * @throws {SyntaxError} also where it is true when no rule has a hit
 */
export function parsePresence(text: string, names: readonly string[]): Presence {
  const leaves = new Map(
    names.map((name, reference): [string, Condition<number>] => [
      name,
      { op: 'test', field: reference, test: { type: 'exists', expected: true } },
    ]),
  )
  const condition = parseCondition(text, leaves, 'rule')
  if (holds(condition, () => false)) {
    throw new SyntaxError('the condition is true where no rule has a hit: something has to be there')
  }
  return { text, holds: (has) => holds(condition, has), there: thereIn(condition) }
}

function holds(condition: Condition<number>, has: (reference: number) => boolean): boolean {
  switch (condition.op) {
    case 'and':
      return condition.of.every((part) => holds(part, has))
    case 'or':
      return condition.of.some((part) => holds(part, has))
    case 'not':
      return !holds(condition.of, has)
    default:
      return has(condition.field)
  }
}

function thereIn(condition: Condition<number>): readonly number[] | undefined {
  const parts = condition.op === 'and' ? condition.of : [condition]
  const there: number[] = []
  for (const part of parts) {
    if (part.op === 'test') there.push(part.field)
    else if (part.op !== 'not' || part.of.op !== 'test') {
      const inner = part.op === 'and' ? thereIn(part) : undefined
      if (!inner) return undefined
      there.push(...inner)
    }
  }
  return there.toSorted((a, b) => a - b)
}
