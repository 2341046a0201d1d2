import { and, type Condition, or } from '../condition/condition.ts'
import { didYouMean } from '../loading/suggest.ts'
import { compileWildcards, parseWildcards } from '../condition/wildcard.ts'

/** A fault in a condition, with its place in the text. */
export class ConditionError extends SyntaxError {
  readonly code: string
  /** Characters from the start of the condition. */
  readonly offset: number
  readonly hint: string | undefined

  constructor(code: string, message: string, offset: number, hint?: string) {
    super(message)
    this.code = code
    this.offset = offset
    this.hint = hint
  }
}

/** What to write in place of `| count() by x > n` with a `timeframe`, and of `near`. */
export const AS_CORRELATION =
  'write a second document with "correlation": type event_count, value_count or temporal, rules, group-by, timespan and condition'

interface Token {
  readonly text: string
  readonly offset: number
}

const DEEPEST = 64
const LONGEST = 10_000

/**
 * Reads a condition such as `selection and not 1 of filter_*` over named selections. `or` binds weakest, then `and`,
 * then `not`, then `1 of` and `all of`. `them` leaves out names that begin with `_`; a pattern takes every name that it
 * matches, with `*` anywhere in it (Sigma specification 2.1, "Condition").
 *
 * @param what the names stand for, in messages
 * @throws {ConditionError}
 */
export function parseCondition<F>(
  text: string,
  selections: ReadonlyMap<string, Condition<F>>,
  what = 'selection',
): Condition<F> {
  if (text.length > LONGEST)
    throw new ConditionError('condition-too-long', `the condition is over ${LONGEST} characters`, 0)
  const tokens = tokenise(text)
  let at = 0

  const peek = () => tokens[at]
  const isWord = (word: string) => peek()?.text.toLowerCase() === word
  const end = (): Token => ({ text: '', offset: text.length })

  function disjunction(depth: number): Condition<F> {
    const parts = [conjunction(depth)]
    while (isWord('or')) {
      at += 1
      parts.push(conjunction(depth))
    }
    return or(parts)
  }

  function conjunction(depth: number): Condition<F> {
    const parts = [negation(depth)]
    while (isWord('and')) {
      at += 1
      parts.push(negation(depth))
    }
    return and(parts)
  }

  function negation(depth: number): Condition<F> {
    const token = peek() ?? end()
    if (depth > DEEPEST)
      throw new ConditionError(
        'condition-too-deep',
        `the condition nests over ${DEEPEST} levels`,
        token.offset,
      )
    if (isWord('not')) {
      at += 1
      return { op: 'not', of: negation(depth + 1) }
    }
    return operand(depth)
  }

  function operand(depth: number): Condition<F> {
    const token = peek() ?? end()
    at += 1
    if (token.text === '(') {
      const inner = disjunction(depth + 1)
      const closing = peek() ?? end()
      if (closing.text !== ')') {
        throw new ConditionError('condition-invalid', `expected ")", found ${show(closing)}`, closing.offset)
      }
      at += 1
      return inner
    }
    const quantifier = token.text.toLowerCase()
    if (
      peek()?.text.toLowerCase() === 'of' &&
      (quantifier === '1' || quantifier === 'any' || quantifier === 'all')
    ) {
      at += 1
      const pattern = peek() ?? end()
      at += 1
      const chosen = choose(pattern)
      return quantifier === 'all' ? and(chosen) : or(chosen)
    }
    if (token.text === '|') {
      throw new ConditionError(
        'unsupported-aggregation',
        'counting with "|" is not part of Sigma 2',
        token.offset,
        AS_CORRELATION,
      )
    }
    if (!/^[\w.-]+$/.test(token.text) || /^(?:and|or|not|of|them)$/i.test(token.text)) {
      throw new ConditionError(
        'condition-invalid',
        `expected the name of a ${what}, found ${show(token)}`,
        token.offset,
      )
    }
    const selection = selections.get(token.text)
    if (!selection) {
      throw new ConditionError(
        'unknown-selection',
        `there is no ${what} "${token.text}"`,
        token.offset,
        didYouMean(token.text, selections.keys()),
      )
    }
    return selection
  }

  function choose(pattern: Token): Condition<F>[] {
    const them = pattern.text.toLowerCase() === 'them'
    if (!them && !/^[\w.*-]+$/.test(pattern.text)) {
      throw new ConditionError(
        'condition-invalid',
        `expected "them" or a pattern of names, found ${show(pattern)}`,
        pattern.offset,
      )
    }
    const wanted = them ? (name: string) => !name.startsWith('_') : nameMatcher(pattern.text)
    const chosen = [...selections].filter(([name]) => wanted(name))
    if (chosen.length === 0) {
      throw new ConditionError(
        'unknown-selection',
        `no ${what} is named like "${pattern.text}"`,
        pattern.offset,
      )
    }
    return chosen.map(([, condition]) => condition)
  }

  const condition = disjunction(0)
  const rest = peek()
  if (rest?.text === '|') operand(0)
  if (rest)
    throw new ConditionError('condition-invalid', `expected "and" or "or", found ${show(rest)}`, rest.offset)
  return condition
}

/** Whether a name is like a pattern with `*` in it. */
function nameMatcher(pattern: string): (name: string) => boolean {
  const star = pattern.indexOf('*')
  if (star < 0) return (name) => name === pattern
  if (star === pattern.length - 1) {
    const start = pattern.slice(0, star)
    return (name) => name.startsWith(start)
  }
  const parts = parseWildcards(pattern)
  const find = compileWildcards(parts)
  return (name) => find(name) !== undefined
}

function tokenise(text: string): Token[] {
  return [...text.matchAll(/[()|]|[^\s()|]+/g)].map((found) => ({ text: found[0], offset: found.index }))
}

function show({ text }: Token): string {
  return text === '' ? 'the end' : `"${text}"`
}
