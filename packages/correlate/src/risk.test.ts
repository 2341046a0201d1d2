import type { RuleId } from '@vedette/model'
import { expect, test } from 'vitest'
import { riskAt } from './risk.ts'

const hour = 3_600_000
const entry = (rule: string, points: number, time = 0) => ({ rule: rule as RuleId, points, time })

test('points of different rules add up and halve with each half-life', () => {
  const entries = [entry('a', 40), entry('b', 20)]
  expect(riskAt(entries, 0, hour)).toBe(60)
  expect(riskAt(entries, hour, hour)).toBe(30)
  expect(riskAt(entries, 2 * hour, hour)).toBe(15)
})

test('a rule that repeats itself counts once, by its strongest entry', () => {
  expect(riskAt([entry('a', 40), entry('a', 40), entry('a', 10)], 0, hour)).toBe(40)
})

test('risk ends at 100', () => {
  expect(riskAt([entry('a', 90), entry('b', 90)], 0, hour)).toBe(100)
})

test('an entry that is later than the moment counts in full', () => {
  expect(riskAt([entry('a', 40, hour)], 0, hour)).toBe(40)
})
