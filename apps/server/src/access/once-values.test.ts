import { expect, test } from 'vitest'
import { MovedClock } from '../testing/test-clock.ts'
import { OnceValues } from './once-values.ts'

test('a value is taken once, and not after its time', () => {
  const clock = new MovedClock()
  const values = new OnceValues<string>(clock, 60_000)
  values.put('a', 'first')
  values.put('b', 'second')
  expect(values.take('a')).toBe('first')
  expect(values.take('a')).toBeUndefined()
  clock.forward(60_000)
  expect(values.take('b')).toBeUndefined()
  expect(values.take('never')).toBeUndefined()
})

test('many askers push out the oldest', () => {
  const values = new OnceValues<number>(new MovedClock(), 60_000)
  for (let i = 0; i <= 10_000; i += 1) values.put(String(i), i)
  expect(values.take('0')).toBeUndefined()
  expect(values.take('1')).toBe(1)
  expect(values.take('10000')).toBe(10_000)
})
