import { setTimeout as delay } from 'node:timers/promises'
import { systemClock } from '@vedette/base'
import type { Event, EventBatch, Gap } from '@vedette/model'
import { expect, test } from 'vitest'
import { Batcher } from './batcher.ts'

const launch = { kind: 'process', activity: 'launch' } as Event
const file = { kind: 'file' } as Event

/** A batcher whose deliveries end when `release` is called. */
function batcherOf(backlog: number, hold = false, capacity = 10_000) {
  const batches: EventBatch[] = []
  const held: (() => void)[] = []
  const gaps: Gap[] = []
  const batcher = new Batcher({
    run: '0123456789abcdef',
    clock: systemClock,
    capacity,
    backlog: () => backlog,
    declare: async (gap) => {
      gaps.push({ ...gap })
    },
    deliver: (batch) => {
      batches.push(batch)
      return hold ? new Promise((resolve) => held.push(resolve)) : Promise.resolve()
    },
    urgentRun: 'fedcba9876543210',
    deliverUrgent: async (batch) => {
      batches.push(batch)
    },
  })
  return { batcher, batches, gaps, release: () => held.shift()?.() }
}

test('an event goes out at once when nothing is on its way', () => {
  const { batcher, batches } = batcherOf(0)
  batcher.add([file])
  expect(batches).toEqual([{ run: '0123456789abcdef', sequence: 0, events: [file] }])
})

test('while batches are on their way, events gather; flush() hands on all of them', async () => {
  const { batcher, batches } = batcherOf(1)
  batcher.add([file])
  batcher.add([file, file])
  expect(batches).toEqual([])
  await batcher.flush()
  expect(batches.map(({ events }) => events.length)).toEqual([3])
})

test('what gathers goes out by itself after a while, and a program start goes before other events', async () => {
  const { batcher, batches } = batcherOf(1)
  batcher.add([launch])
  expect(batches.map(({ events }) => events.length)).toEqual([1])
  batcher.add([file])
  while (batches.length < 2) await delay(5)
  expect(batches.map(({ sequence }) => sequence)).toEqual([0, 1])
})

test('behind a backlog even program starts gather', async () => {
  const { batcher, batches } = batcherOf(200)
  batcher.add([launch])
  batcher.add([launch])
  await delay(30)
  batcher.add([launch])
  expect(batches.map(({ events }) => events.length)).toEqual([1])
  while (batches.length < 2) await delay(10)
  expect(batches[1]?.events).toHaveLength(2)
})

test('a batch holds at most 2,000 events, and they stay in order', async () => {
  const { batcher, batches } = batcherOf(1)
  const events = Array.from({ length: 4500 }, (_, i) => ({ ...file, time: i }))
  batcher.add(events)
  await batcher.flush()
  expect(batches.map((batch) => batch.events.length)).toEqual([2000, 2000, 500])
  expect(batches.flatMap((batch) => batch.events)).toEqual(events)
  expect(batcher.counters).toEqual({ emitted: 4500, delivered: 4500, lost: 0 })
})

test('a small memory holds fewer', () => {
  const { batcher } = batcherOf(0, true, 100)
  batcher.add([file])
  batcher.add(Array.from({ length: 150 }, () => file))
  expect(batcher.counters).toEqual({ emitted: 151, delivered: 1, lost: 50 })
})

test('a slow disk holds the next batch back, and what is beyond 10,000 events is dropped and counted', async () => {
  const { batcher, batches, release } = batcherOf(0, true)
  batcher.add([file])
  batcher.add(Array.from({ length: 12_000 }, () => file))
  expect(batches).toHaveLength(1)
  expect(batcher.counters).toEqual({ emitted: 12_001, delivered: 1, lost: 2000 })
  const flushed = batcher.flush()
  for (let i = 0; i < 30; i += 1) {
    release()
    await delay(0)
  }
  await flushed
  expect(batcher.counters).toEqual({ emitted: 12_001, delivered: 10_001, lost: 2000 })
})

test('what the watch tells of itself overtakes, and is not dropped where all else is', async () => {
  const { batcher, batches } = batcherOf(0, true, 10)
  const sensor = { kind: 'sensor', activity: 'degraded' } as Event
  batcher.add([file])
  batcher.add(Array.from({ length: 20 }, () => file))
  batcher.add([file, sensor, file])
  expect(batches.slice(1)).toEqual([{ run: 'fedcba9876543210', sequence: 0, events: [sensor] }])
  expect(batcher.counters).toEqual({ emitted: 24, delivered: 2, lost: 12 })
})

test('what is dropped is declared before what comes after it is handed on', async () => {
  const { batcher, batches, gaps, release } = batcherOf(0, true, 3)
  batcher.add([file])
  batcher.add([file, file, file, file, file])
  batcher.add([file])
  expect(gaps).toEqual([])
  release()
  await expect.poll(() => batches.length).toBe(2)
  expect(gaps).toEqual([{ run: '0123456789abcdef', from: 1, to: 1, batches: 0, events: 3 }])
  expect(batcher.counters.lost).toBe(3)
})
