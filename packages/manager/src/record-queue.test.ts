import type { RawRecord } from '@vedette/model'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { RecordQueue, type Taken } from './record-queue.ts'

const record = (n: number): RawRecord => ({
  source: 'line',
  timeMs: n,
  path: '/x',
  text: '',
  truncated: false,
})
const batch = (from: number, count: number) => Array.from({ length: count }, (_, i) => record(from + i))
const times = (taken: Taken | undefined) => taken?.records.map(({ timeMs }) => timeMs)

/** Lets everything run that waits for nothing but its turn. */
const settle = () => new Promise((resolve) => setImmediate(resolve))

describe('RecordQueue', () => {
  test('gives what is there at once, oldest first, at most as many as asked', async () => {
    const queue = new RecordQueue(100)
    await queue.offer(batch(0, 3))
    await queue.offer(batch(3, 3))
    expect(times(await queue.take(4))).toEqual([0, 1, 2, 3])
    expect(times(await queue.take(4))).toEqual([4, 5])
  })

  test('who offers to a full queue waits until there is room, and nothing is lost', async () => {
    const queue = new RecordQueue(4)
    let offered = false
    void queue.offer(batch(0, 5)).then(() => {
      offered = true
    })
    await settle()
    expect(offered).toBe(false)
    expect(times(await queue.take(1))).toEqual([0])
    await settle()
    expect(offered).toBe(false)
    expect(times(await queue.take(1))).toEqual([1])
    await settle()
    expect(offered).toBe(true)
    expect(times(await queue.take(10))).toEqual([2, 3, 4])
    expect(queue.lost).toBe(0)
  })

  test('an end lets what is there be taken, and counts what comes later', async () => {
    const queue = new RecordQueue(4)
    void queue.offer(batch(0, 9))
    queue.close()
    await queue.offer(batch(9, 2))
    expect(times(await queue.take(20))).toHaveLength(9)
    expect(await queue.take(20)).toBeUndefined()
    expect(queue.lost).toBe(2)
  })

  test('who waits for a record is told of the end', async () => {
    const queue = new RecordQueue(4)
    const waiting = queue.take(1)
    queue.close()
    expect(await waiting).toBeUndefined()
  })

  test('who takes the last record of a batch gets its mark', async () => {
    const queue = new RecordQueue(100)
    const source = { kept: () => undefined }
    await queue.offer(batch(0, 3), { source, number: 1 })
    await queue.offer(batch(3, 1), { source, number: 2 })
    expect((await queue.take(2))?.marks).toEqual([])
    expect((await queue.take(2))?.marks.map(({ number }) => number)).toEqual([1, 2])
  })

  test('what is abandoned is counted', async () => {
    const queue = new RecordQueue(4)
    await queue.offer(batch(0, 3))
    queue.abandon()
    expect(await queue.take(5)).toBeUndefined()
    expect(queue.lost).toBe(3)
  })

  test('whatever the sizes, each producer keeps its order and all arrives', async () => {
    const sizes = fc.array(fc.nat(9), { maxLength: 20 })
    const settings = { capacity: fc.integer({ min: 1, max: 12 }), limit: fc.integer({ min: 1, max: 12 }) }
    await fc.assert(
      fc.asyncProperty(fc.record({ ...settings, a: sizes, b: sizes }), async ({ capacity, limit, a, b }) => {
        const queue = new RecordQueue(capacity)
        const produce = async (start: number, counts: readonly number[]) => {
          let next = start
          for (const count of counts) {
            await queue.offer(batch(next, count))
            next += count
          }
        }
        void Promise.all([produce(0, a), produce(1000, b)]).then(() => queue.close())
        const got: number[] = []
        for (let taken = await queue.take(limit); taken; taken = await queue.take(limit)) {
          expect(taken.records.length).toBeGreaterThan(0)
          expect(taken.records.length).toBeLessThanOrEqual(limit)
          // The bound: the capacity and one batch of each producer.
          expect(queue.size).toBeLessThanOrEqual(capacity + 18)
          got.push(...(times(taken) ?? []))
        }
        const total = (counts: readonly number[]) => counts.reduce((sum, count) => sum + count, 0)
        expect(got.filter((n) => n < 1000)).toEqual(Array.from({ length: total(a) }, (_, i) => i))
        expect(got.filter((n) => n >= 1000)).toEqual(Array.from({ length: total(b) }, (_, i) => 1000 + i))
        expect(queue.lost).toBe(0)
      }),
    )
  })
})
