import { describe, expect, test } from 'vitest'
import { CandidateIndex } from './candidate-index.ts'
import type { Condition } from './condition.ts'
import { EventView, FieldTable } from './event-view.ts'
import { type Field, pathField } from './field.ts'
import { processEvent } from './test-events.ts'
import { witnessesOf } from './witness.ts'

const field = pathField('process.cmd_line')
const contains = (text: string): Condition<Field> => ({
  op: 'test',
  field,
  test: { type: 'contains', text, cased: false },
})
const exists: Condition<Field> = { op: 'test', field, test: { type: 'exists', expected: true } }

describe('witnessesOf()', () => {
  const texts = (condition: Condition<Field>) => witnessesOf(condition)?.map(({ text }) => text)

  test('of all the parts of "and" the most telling is enough', () => {
    expect(texts({ op: 'and', of: [contains('a'), contains('a long word'), exists] })).toEqual([
      'a long word',
    ])
  })

  test('of "or" each part is needed, and one without any spoils it', () => {
    expect(texts({ op: 'or', of: [contains('a'), contains('b')] })).toEqual(['a', 'b'])
    expect(texts({ op: 'or', of: [contains('a'), exists] })).toBeUndefined()
  })

  test('"not" tells nothing; what is never true needs nothing', () => {
    expect(texts({ op: 'not', of: contains('a') })).toBeUndefined()
    expect(texts({ op: 'or', of: [] })).toEqual([])
  })

  test('a witness is folded, also of a test that minds case', () => {
    expect(texts({ op: 'test', field, test: { type: 'equals', text: 'ABC', cased: true } })).toEqual(['abc'])
  })
})

describe('CandidateIndex', () => {
  test.each([
    ['xx curl xx', [0, 2]],
    ['CURL', [0, 2]],
    ['cur', [1, 2]],
    ['wget', [2]],
    ['acb', [2]],
    ['ab', [2, 3]],
    ['whole', [2, 4]],
    ['whole and more', [2]],
    ['', [2]],
  ])('candidates for "%s"', (text, expected) => {
    const table = new FieldTable()
    const whole: Condition<Field> = {
      op: 'test',
      field,
      test: { type: 'equals', text: 'whole', cased: false },
    }
    const short = { op: 'and', of: [contains('cur'), { op: 'not', of: contains('l') }] } as const
    const index = new CandidateIndex([contains('curl'), short, exists, contains('ab'), whole], table)
    const view = new EventView(table)
    view.look(processEvent({ process: { cmd_line: text } }), processEvent({ process: { cmd_line: text } }))
    // 'cur' stands in 'curl' too: a candidate need not match.
    expect(index.candidates(view)).toEqual(text.toLowerCase().includes('curl') ? [0, 1, 2] : expected)
    expect(index.candidates(view)).toHaveLength(text.toLowerCase().includes('curl') ? 3 : expected.length)
  })
})
