import { expect, test } from 'vitest'
import { RateLimit } from './rate-limit.ts'

function limited(burst: number, perMinute: number) {
  let now = 0
  const clock = { now: () => now, monotonic: () => now }
  const limit = new RateLimit(clock, { burst, perMinute })
  return { limit, forward: (ms: number) => (now += ms) }
}

test('RateLimit gives a burst, then so many a minute, for each key', () => {
  const { limit, forward } = limited(3, 6)
  const takes = (key: string, count: number) =>
    Array.from({ length: count }, () => limit.take(key)).filter(Boolean).length
  expect(takes('a', 5)).toBe(3)
  expect(takes('b', 5)).toBe(3)
  forward(10_000)
  expect(takes('a', 5)).toBe(1)
  forward(3_600_000)
  expect(takes('a', 5)).toBe(3)
})

test('RateLimit forgets the keys that were not seen for longest', () => {
  const { limit } = limited(1, 1)
  limit.take('first')
  for (let i = 0; i < 20_000; i += 1) limit.take(`key-${i}`)
  expect(limit.take('first')).toBe(true)
  expect(limit.take('key-19999')).toBe(false)
})

test('RateLimit.require() says so in words', () => {
  const { limit } = limited(1, 1)
  limit.require('a')
  expect(() => limit.require('a')).toThrow('Too many tries')
})
