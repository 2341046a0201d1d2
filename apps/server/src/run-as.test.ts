import { expect, test } from 'vitest'
import { refuseRoot } from './run-as.ts'

test('refuseRoot() refuses root and nobody else', () => {
  expect(() => refuseRoot(0)).toThrow('does not run as root')
  expect(() => refuseRoot(1000)).not.toThrow()
})
