import type { ExplainedItem, ExplainedPart } from '@vedette/detect'
import { expect, test } from 'vitest'
import { whatWouldChange } from './what-would-change.ts'

const item = (key: string, holds: boolean): ExplainedItem => ({
  type: 'item',
  key,
  holds,
  how: 'any',
  values: [],
  valueCount: 0,
  seen: [],
})
const part = (type: 'all' | 'any', of: readonly ExplainedPart[], name?: string): ExplainedPart => ({
  type,
  of,
  holds: type === 'all' ? of.every(({ holds }) => holds) : of.some(({ holds }) => holds),
  ...(name !== undefined && { name }),
})
const not = (of: ExplainedPart): ExplainedPart => ({ type: 'not', of, holds: !of.holds })
const told = (condition: ExplainedPart) =>
  whatWouldChange({ holds: condition.holds, condition, filters: [] }).map(
    ({ item: { key }, toHold }) => `${toHold ? '+' : '-'}${key}`,
  )

test('nothing where it holds', () => {
  expect(told(part('all', [item('a', true)]))).toEqual([])
})

test('of what is needed everything that lacks; of a choice what takes least', () => {
  expect(told(part('all', [item('a', true), item('b', false), item('c', false)]))).toEqual(['+b', '+c'])
  const two = part('all', [item('a', false), item('b', false)])
  expect(told(part('any', [two, item('c', false)]))).toEqual(['+c'])
})

test('under "not" it is the other way round', () => {
  expect(told(not(part('any', [item('a', true), item('b', true)])))).toEqual(['-a', '-b'])
  expect(told(not(part('all', [item('a', true), item('b', true)])))).toEqual(['-a'])
  expect(told(not(not(item('a', false))))).toEqual(['+a'])
})

test('filters count as well, and selections name where a line stands', () => {
  const changes = whatWouldChange({
    holds: false,
    condition: part('all', [item('a', true)]),
    filters: [{ title: 'f', condition: not(part('all', [item('b', true)], 'selection')) }],
  })
  expect(changes).toMatchObject([{ item: { key: 'b' }, within: ['selection'], toHold: false }])
})
