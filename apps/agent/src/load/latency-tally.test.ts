import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LatencyTally } from './latency-tally.ts'

const times = fc.array(fc.double({ min: 0.1, max: 1_000_000, noNaN: true }), { minLength: 1, maxLength: 300 })

test('LatencyTally: a quantile is that of the values, to 2 %', () => {
  fc.assert(
    fc.property(times, fc.double({ min: 0, max: 1, noNaN: true }), (values, q) => {
      const tally = new LatencyTally()
      for (const value of values) tally.add(value)
      const sorted = values.toSorted((a, b) => a - b)
      const exact = sorted[Math.max(1, Math.ceil(q * values.length)) - 1] ?? 0
      const found = tally.quantile(q) ?? 0
      expect(found).toBeGreaterThanOrEqual(exact * 0.999)
      expect(found).toBeLessThanOrEqual(exact * 1.021)
    }),
  )
})

test('LatencyTally: what several counted adds up to what one would have', () => {
  fc.assert(
    fc.property(times, times, (one, other) => {
      const [first, second, both, sum] = [1, 2, 3, 4].map(() => new LatencyTally()) as [
        LatencyTally,
        LatencyTally,
        LatencyTally,
        LatencyTally,
      ]
      for (const value of one) first.add(value)
      for (const value of other) second.add(value)
      for (const value of [...one, ...other]) both.add(value)
      sum.addAll(first.buckets())
      sum.addAll(second.buckets())
      expect(sum.buckets()).toEqual(both.buckets())
    }),
  )
})

test('LatencyTally: nothing has no quantile', () => {
  expect(new LatencyTally().quantile(0.5)).toBeUndefined()
})
