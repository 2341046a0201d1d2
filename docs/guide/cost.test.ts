import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { costPage } from './cost.ts'

test('the page on what the sensor costs has the figures of the baseline: else run `node scripts/write-cost.ts`', () => {
  expect(readFileSync(new URL('./cost.md', import.meta.url), 'utf8')).toBe(costPage())
})
