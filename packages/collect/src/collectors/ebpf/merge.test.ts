import { assert, property, array, integer } from 'fast-check'
import { expect, test } from 'vitest'
import { mergeByTime } from './merge.ts'

const at = (timeMs: number, of: string) => ({ timeMs, of })

test('mergeByTime() keeps the order of time, and of equals takes the first list', () => {
  expect(mergeByTime([at(1, 'a'), at(3, 'a'), at(5, 'a')], [at(0, 'b'), at(3, 'b')])).toEqual([
    at(0, 'b'),
    at(1, 'a'),
    at(3, 'a'),
    at(3, 'b'),
    at(5, 'a'),
  ])
})

test('mergeByTime() loses nothing', () => {
  const times = array(integer({ max: 20 })).map((list) => list.toSorted((a, b) => a - b))
  assert(
    property(times, times, (first, second) => {
      const merged = mergeByTime(
        first.map((timeMs) => at(timeMs, 'a')),
        second.map((timeMs) => at(timeMs, 'b')),
      )
      expect(merged.map(({ timeMs }) => timeMs)).toEqual([...first, ...second].toSorted((a, b) => a - b))
    }),
  )
})
