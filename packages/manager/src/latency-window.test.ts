import { expect, test } from 'vitest'
import { LatencyWindow } from './latency-window.ts'

test('quantiles are nearest-rank over the last values', () => {
  const window = new LatencyWindow(4)
  expect(window.quantile(0.5)).toBeUndefined()
  for (const ms of [1000, 4, 3, 2, 1]) window.add(ms)
  expect([window.quantile(0), window.quantile(0.5), window.quantile(0.99)]).toEqual([1, 2, 4])
})
