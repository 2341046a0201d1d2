import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ALWAYS, type Condition, NEVER } from '../condition/condition.ts'
import { ConditionError, parseCondition } from './condition-expression.ts'

const selections = new Map<string, Condition<never>>([
  ['yes', ALWAYS],
  ['no', NEVER],
  ['sel_a', ALWAYS],
  ['sel_b', NEVER],
  ['_hidden', NEVER],
])

function holds(condition: Condition<never>): boolean {
  switch (condition.op) {
    case 'and':
      return condition.of.every((part) => holds(part))
    case 'or':
      return condition.of.some((part) => holds(part))
    case 'not':
      return !holds(condition.of)
    default:
      return false
  }
}

const value = (text: string) => holds(parseCondition(text, selections))

function faultOf(text: string): ConditionError | undefined {
  try {
    parseCondition(text, selections)
    return undefined
  } catch (error) {
    if (error instanceof ConditionError) return error
    throw error
  }
}

describe('C1 parseCondition()', () => {
  test.each([
    ['yes', true],
    ['yes and no', false],
    ['yes or no and no', true],
    ['(yes or no) and no', false],
    ['not no and no', false],
    ['not (no and no)', true],
    ['not not yes', true],
    ['NOT no AND yes', true],
    ['1 of sel_*', true],
    ['all of sel_*', false],
    ['any of sel_*', true],
    ['not all of sel_*', true],
    ['1 of *_b', false],
    ['1 of s*_a', true],
    ['yes and not 1 of sel_b*', true],
  ])('%s is %s', (text, expected) => expect(value(text)).toBe(expected))

  test('C2 them leaves out names that begin with an underscore', () => {
    const some = new Map([
      ['a', ALWAYS],
      ['_b', NEVER],
    ])
    expect(holds(parseCondition('all of them', some))).toBe(true)
    expect(holds(parseCondition('all of _*', some))).toBe(false)
  })

  test.each([
    ['', 'condition-invalid', 0],
    ['yes and', 'condition-invalid', 7],
    ['(yes', 'condition-invalid', 4],
    ['yes)', 'condition-invalid', 3],
    ['yes no', 'condition-invalid', 4],
    ['and yes', 'condition-invalid', 0],
    ['sel_c', 'unknown-selection', 0],
    ['yes and 1 of foo*', 'unknown-selection', 13],
    ['yes | count() > 5', 'unsupported-aggregation', 4],
  ])('%s: %s at %i', (text, code, offset) => expect(faultOf(text)).toMatchObject({ code, offset }))

  test('a wrong name has a hint', () => {
    expect(faultOf('sel_a and sel_bb')?.hint).toMatch(/sel_[ab]/)
  })

  test('what is far too deep or too long is refused', () => {
    expect(faultOf(`${'('.repeat(5000)}yes`)?.code).toMatch('condition-too-deep')
    expect(faultOf('not '.repeat(2000))?.code).toBe('condition-too-deep')
    expect(faultOf(`yes${' or yes'.repeat(5000)}`)?.code).toBe('condition-too-long')
  })

  test('agrees with JavaScript on any expression', () => {
    const { expression } = fc.letrec<{ expression: string }>((tie) => ({
      expression: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom('yes', 'no'),
        tie('expression').map((a) => `not ${a}`),
        fc
          .tuple(tie('expression'), fc.constantFrom('and', 'or'), tie('expression'))
          .map((parts) => parts.join(' ')),
        tie('expression').map((a) => `(${a})`),
      ),
    }))
    fc.assert(
      fc.property(expression, (text) => {
        const words: Record<string, string> = { yes: 'true', no: 'false', not: '!', and: '&&', or: '||' }
        const javascript = text.replaceAll(/[a-z]+/g, (word) => words[word] ?? word)
        // oxlint-disable-next-line no-new-func, typescript/no-implied-eval -- the text is made of five words
        expect(value(text)).toBe(new Function(`return ${javascript}`)())
      }),
    )
  })

  test('never throws anything but a ConditionError', () => {
    fc.assert(fc.property(fc.string({ maxLength: 60 }), (text) => void faultOf(text)))
  })
})
