import { expect, test } from 'vitest'
import { silentLogger } from './log.ts'
import { supervise } from './supervise.ts'

const options = { log: silentLogger, firstPauseMs: 1, longestPauseMs: 2 }

test('a part that throws is started again until it ends by itself', async () => {
  let runs = 0
  const failures: number[] = []
  await supervise(
    {
      name: 'part',
      run: async () => {
        runs += 1
        if (runs < 3) throw new Error('broken')
      },
    },
    { ...options, onFailure: (_, restarts) => failures.push(restarts) },
    new AbortController().signal,
  )
  expect(runs).toBe(3)
  expect(failures).toEqual([1, 2])
})

test('an abort ends it quietly, also in a pause', async () => {
  const stop = new AbortController()
  let runs = 0
  await supervise(
    {
      name: 'part',
      run: async () => {
        runs += 1
        throw new Error('broken')
      },
    },
    { ...options, firstPauseMs: 60_000, onFailure: () => setImmediate(() => stop.abort()) },
    stop.signal,
  )
  expect(runs).toBe(1)
})
