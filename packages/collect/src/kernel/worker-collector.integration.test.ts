import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { WorkerCollector } from './worker-collector.ts'

test('a worker that spins is silent, and is ended', async () => {
  const collector = await WorkerCollector.open({
    name: 'spinning',
    worker: new URL('./testing/spinning.worker.ts', import.meta.url),
    config: {},
    blindSpots: [],
    queueSize: 10,
  })
  const records = collector.records(new AbortController().signal)
  expect((await records.next()).value).toHaveLength(2)
  expect(collector.silentMs()).toBeLessThan(2500)
  while (collector.silentMs() < 3000) await delay(50)
  // Resolves, although the worker hears nothing.
  await collector[Symbol.asyncDispose]()
  expect(collector.kinds()).toEqual({
    line: { emitted: 2, delivered: 2, lost: 0 },
    unseen: { emitted: 5, delivered: 0, lost: 5 },
  })
  expect(collector.counters()).toEqual({ emitted: 7, delivered: 2, lost: 5 })
})
