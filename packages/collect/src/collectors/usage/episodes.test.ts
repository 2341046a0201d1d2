import { expect, test } from 'vitest'
import { Episodes } from './episodes.ts'

const FOR_MS = 10_000

/** What is told at each second of these values. */
function told(values: readonly number[], threshold = 1): string[] {
  const episodes = new Episodes(10)
  return values.map((value, i) => {
    const turn = episodes.observe('a', { value, threshold }, i * 1000, FOR_MS)
    return turn === undefined ? '' : `${turn.activity} ${turn.value} ${turn.durationMs}`
  })
}

const times = (value: number, count: number) => Array.from({ length: count }, () => value)

test('high is told once, after so long without a break, with the highest value', () => {
  const lines = told([...times(2, 5), 3, ...times(2, 20)])
  expect(lines.filter((line) => line !== '')).toEqual(['high 3 10000'])
  expect(lines[10]).toBe('high 3 10000')
})

test('a break begins anew', () => {
  expect(told([...times(2, 9), 1, ...times(2, 9)]).every((line) => line === '')).toBe(true)
})

test('just below the threshold it is not normal again yet', () => {
  const lines = told([...times(2, 11), ...times(0.9, 30)])
  expect(lines.filter((line) => line.startsWith('normal'))).toEqual([])
})

test('well below it for as long it is, and once', () => {
  const lines = told([...times(2, 11), ...times(0.5, 30)])
  expect(lines.filter((line) => line !== '')).toEqual(['high 2 10000', 'normal 0.5 21000'])
})

test('what goes up and down makes one episode', () => {
  const saw = [...times(2, 11), ...Array.from({ length: 60 }, (_, i) => (i % 6 === 0 ? 2 : 0.5))]
  expect(told(saw).filter((line) => line !== '')).toEqual(['high 2 10000'])
})

test('a subject that ends while it is high is told, one that was not is not', () => {
  const episodes = new Episodes(1)
  episodes.observe('a', { value: 2, threshold: 1 }, 0, 0)
  expect(episodes.end('a', 5000)).toEqual({ activity: 'normal', value: 0, durationMs: 5000 })
  episodes.observe('a', { value: 2, threshold: 1 }, 0, 10)
  expect(episodes.observe('b', { value: 2, threshold: 1 }, 0, 10)).toBeUndefined()
  expect([episodes.takeRefused(), episodes.takeRefused()]).toEqual([1, 0])
  expect(episodes.end('a', 5000)).toBeUndefined()
})
