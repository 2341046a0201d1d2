import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { tiersPage } from './tiers.ts'

test('the page on sensors is current: else run `node scripts/write-tiers.ts`', () => {
  expect(readFileSync(new URL('./tiers.md', import.meta.url), 'utf8')).toBe(tiersPage())
})
