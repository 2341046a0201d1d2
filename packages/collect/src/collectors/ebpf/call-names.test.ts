import { expect, test } from 'vitest'
import { callNameOf } from './call-names.ts'

test('a call is named by the table of its machine and program', () => {
  expect(callNameOf(59, 'x64')).toBe('execve')
  expect(callNameOf(59 | 0x10000, 'x64')).toBe('oldolduname')
  expect(callNameOf(221, 'arm64')).toBe('execve')
  expect(callNameOf(511, 'x64')).toBe('call 511')
})
