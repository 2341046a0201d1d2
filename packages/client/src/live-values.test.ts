import { describe, expect, test } from 'vitest'
import { LiveValues } from './live-values.ts'

const never = () => {
  throw new Error('nothing should be lost')
}

async function all<T>(values: AsyncIterable<T>): Promise<T[]> {
  const read: T[] = []
  for await (const value of values) read.push(value)
  return read
}

describe('LiveValues', () => {
  test('gives values in order, also those that come while it waits, and ends', async () => {
    const values = new LiveValues<number>(never)
    let stopped = 0
    values.push(1)
    const read = all(values.read(() => (stopped += 1)))
    values.push(2)
    await new Promise((resolve) => setImmediate(resolve))
    values.push(3)
    values.end()
    values.push(4)
    expect(await read).toEqual([1, 2, 3])
    expect(stopped).toBe(1)
  })

  test('gives what is left before it throws', async () => {
    const values = new LiveValues<number>(never)
    values.push(1)
    values.end(new Error('gone'))
    const read = values.read(() => undefined)
    expect(await read.next()).toEqual({ done: false, value: 1 })
    await expect(read.next()).rejects.toThrow('gone')
  })

  test('drops the newest beyond a thousand and counts them', async () => {
    const losses: number[] = []
    const values = new LiveValues<number>((lost) => losses.push(lost))
    for (let i = 0; i < 1003; i += 1) values.push(i)
    values.end()
    const read = await all(values.read(() => undefined))
    expect([read.length, read.at(-1), losses]).toEqual([1000, 999, [1, 2, 3]])
  })

  test('stops when its reader leaves', async () => {
    const values = new LiveValues<number>(never)
    let stopped = false
    values.push(1)
    for await (const _ of values.read(() => (stopped = true))) break
    expect(stopped).toBe(true)
  })
})
