import fc from 'fast-check'
import { expect, test } from 'vitest'
import { BoundedQueue } from './bounded-queue.ts'

test('a full queue refuses the newest item and counts it', () => {
  const queue = new BoundedQueue<number>(2)
  expect([queue.offer(1), queue.offer(2), queue.offer(3)]).toEqual([true, true, false])
  expect(queue.take()).toEqual([1, 2])
  expect(queue.counters).toEqual({ emitted: 3, delivered: 2, lost: 1 })
})

test('whatever is offered and taken, emitted = delivered + lost + waiting, and order is kept', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 8 }),
      fc.array(fc.oneof(fc.constant('offer'), fc.nat(5))),
      (capacity, steps) => {
        const queue = new BoundedQueue<number>(capacity)
        let next = 0
        const accepted: number[] = []
        const taken: number[] = []
        for (const step of steps) {
          if (typeof step === 'number') taken.push(...queue.take(step))
          else {
            if (queue.offer(next)) accepted.push(next)
            next += 1
          }
        }
        const { emitted, delivered, lost } = queue.counters
        expect(emitted).toBe(delivered + lost + queue.size)
        expect([...taken, ...queue.take()]).toEqual(accepted)
      },
    ),
  )
})

test('batches ends once the queue is closed and empty', async () => {
  const queue = new BoundedQueue<number>(4)
  queue.offer(1)
  const seen: number[][] = []
  const reading = (async () => {
    for await (const batch of queue.batches()) seen.push(batch)
  })()
  queue.offer(2)
  queue.close()
  expect(queue.offer(3)).toBe(false)
  await reading
  expect(seen.flat()).toEqual([1, 2])
})

test('batches ends when its signal aborts while it waits', async () => {
  const stop = new AbortController()
  const queue = new BoundedQueue<number>(1)
  const next = queue.batches(1, stop.signal).next()
  stop.abort()
  expect(await next).toEqual({ done: true, value: undefined })
})

test.each([0, -1, 1.5, Number.NaN])('a capacity of %s is refused', (capacity) => {
  expect(() => new BoundedQueue(capacity)).toThrow(RangeError)
})
