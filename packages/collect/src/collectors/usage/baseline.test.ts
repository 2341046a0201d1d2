import { expect, test } from 'vitest'
import { Baseline, type BaselineOptions } from './baseline.ts'

const options: BaselineOptions = {
  learnSamples: 100,
  halfLifeMs: 3 * 86_400_000,
  driftPerDay: 0.1,
  scale: 0.8,
}
const LOOK_MS = 5000

function taught(
  value: (i: number) => number,
  samples: number,
  from = 0,
  baseline = new Baseline(),
): Baseline {
  for (let i = 0; i < samples; i += 1) baseline.learn(value(i), from + i * LOOK_MS, options)
  return baseline
}

test('mean and deviation are those of the samples while it learns', () => {
  const baseline = taught((i) => (i % 2 === 0 ? 0.1 : 0.3), 100)
  expect(baseline.mean).toBeCloseTo(0.2, 6)
  expect(baseline.deviation).toBeCloseTo(0.1, 2)
  expect(baseline.isKnown(options)).toBe(true)
  expect(taught(() => 1, 99).isKnown(options)).toBe(false)
})

test('one outlier teaches no habit', () => {
  const baseline = taught(() => 0.1, 200)
  const before = baseline.mean
  baseline.learn(1000, 200 * LOOK_MS, options)
  expect(baseline.mean).toBeLessThan(before + 0.001)
})

test('a new habit is learnt in time', () => {
  const baseline = taught(() => 0.1, 200)
  const day = 86_400_000 / LOOK_MS
  taught(() => 0.15, 5 * day, 200 * LOOK_MS, baseline)
  expect(baseline.mean).toBeGreaterThan(0.12)
})

test('who takes a little more each hour does not get far', () => {
  const baseline = taught(() => 0.1, 200)
  const day = 86_400_000 / LOOK_MS
  // Always just so much that it is not high: 3.9 deviations above what is usual.
  for (let i = 0; i < 7 * day; i += 1) {
    const most = baseline.mean + 3.9 * Math.max(baseline.deviation, 0.016)
    baseline.learn(most, 1_000_000 + i * LOOK_MS, options)
  }
  // A tenth a day of itself and of the threshold: in a week from 0.1 to at most 0.95 cores, instead of to all there are.
  expect(baseline.mean).toBeLessThan(0.1 * 1.1 ** 7 + 0.8 * (1.1 ** 7 - 1))
})

test('less than usual is learnt without a bound', () => {
  const baseline = taught(() => 4, 200)
  const day = 86_400_000 / LOOK_MS
  taught(() => 0, 10 * day, 200 * LOOK_MS, baseline)
  expect(baseline.mean).toBeLessThan(0.5)
})

test('it goes on from where it was kept', () => {
  const baseline = taught((i) => i % 7, 150)
  const again = new Baseline({ ...baseline.state })
  expect([again.mean, again.deviation, again.samples]).toEqual([
    baseline.mean,
    baseline.deviation,
    baseline.samples,
  ])
})
