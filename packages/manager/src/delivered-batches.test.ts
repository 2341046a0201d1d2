import type { Detection } from '@vedette/model'
import { expect, test } from 'vitest'
import { DeliveredBatches } from './delivered-batches.ts'

const verdict = [{ id: 'a' } as unknown as Detection]

test('a batch is judged once, however often its delivery fails', async () => {
  const batches = new DeliveredBatches()
  let judged = 0
  const judge = () => {
    judged += 1
    return verdict
  }
  expect(batches.judge(0, judge)).toBe(verdict)
  await expect(batches.follow(0, Promise.reject(new Error('store is away')))).rejects.toThrow('store is away')
  expect(batches.isFinished(0)).toBe(false)
  expect(batches.judge(0, judge)).toBe(verdict)
  await batches.follow(0, Promise.resolve())
  expect(batches.isFinished(0)).toBe(true)
  expect(judged).toBe(1)
})

test('batches that end out of order are finished one by one', async () => {
  const batches = new DeliveredBatches()
  for (const sequence of [2, 0]) await batches.follow(sequence, Promise.resolve())
  expect([0, 1, 2, 3].map((sequence) => batches.isFinished(sequence))).toEqual([true, false, true, false])
  await batches.follow(1, Promise.resolve())
  expect([0, 1, 2, 3].map((sequence) => batches.isFinished(sequence))).toEqual([true, true, true, false])
})

test('a gap that never closes does not keep every later batch in memory, and new batches are still new', async () => {
  const batches = new DeliveredBatches()
  for (let sequence = 1; sequence < 10_000; sequence += 1) await batches.follow(sequence, Promise.resolve())
  expect(batches.isFinished(9_999)).toBe(true)
  expect(batches.isFinished(10_000)).toBe(false)
})

test('a delivery that is going on can be joined', async () => {
  const batches = new DeliveredBatches()
  const { promise, resolve } = Promise.withResolvers<void>()
  const following = batches.follow(5, promise)
  expect(batches.running(5)).toBe(promise)
  resolve()
  await following
  expect(batches.running(5)).toBeUndefined()
})
