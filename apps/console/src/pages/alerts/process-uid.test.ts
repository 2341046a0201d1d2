import { expect, test } from 'vitest'
import { startTicksOf } from './process-uid.ts'

test.each([
  ['0a1b2c3d-30515-81734421', 81_734_421],
  ['0a1b2c3d-30515-', undefined],
  ['process:4', undefined],
  ['', undefined],
])('startTicksOf(%o) is %o', (uid, ticks) => {
  expect(startTicksOf(uid)).toBe(ticks)
})
