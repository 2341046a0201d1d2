import { expect, test } from 'vitest'
import { HELLO_VERSION, pickVersion } from './version.ts'

test.each([
  [[1], 1],
  [[1, 2], 2],
  [[2, 1, 3], 3],
  [[2, 4], 2],
  [[4], undefined],
  [[], undefined],
])('of %j version %j is picked', (offered, picked) => {
  expect(pickVersion(offered)).toBe(picked)
})

test('hello is written so that a server of version 1 reads it', () => {
  expect(HELLO_VERSION).toBe(1)
})
