import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { reliabilityPage } from './reliability.ts'

test('the page on reliability is current: else run `npm run test:faults -- --page`', async () => {
  expect(readFileSync(new URL('./reliability.md', import.meta.url), 'utf8')).toBe(await reliabilityPage())
})
