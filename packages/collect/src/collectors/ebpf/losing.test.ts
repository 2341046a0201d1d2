import { expect, test } from 'vitest'
import { Losing } from './losing.ts'

test('a kind is being lost from its first loss until five seconds after its last', () => {
  const lost = { file: 3, exec: 0 }
  const losing = new Losing(['file', 'exec'], (kind) => lost[kind as keyof typeof lost])
  expect(losing.look(0)).toBeUndefined()
  lost.file = 4
  expect(losing.look(100)).toEqual(['file'])
  lost.file = 5
  expect(losing.look(4000)).toBeUndefined()
  lost.exec = 1
  expect(losing.look(5000)).toEqual(['file', 'exec'])
  expect(losing.look(9000)).toBeUndefined()
  expect(losing.look(9001)).toEqual(['exec'])
  expect(losing.look(10_001)).toEqual([])
  expect(losing.look(20_000)).toBeUndefined()
})
