import { expect, test } from 'vitest'
import { cloneFlags, errorText, flagNames, mountFlags, uringOperation } from './flag-names.ts'

test('flagNames() names what it knows and keeps the rest as a number', () => {
  expect(flagNames(0, cloneFlags)).toBe('0')
  expect(flagNames(0, cloneFlags, '')).toBe('')
  expect(flagNames(0x1002_0000, cloneFlags)).toBe('CLONE_NEWNS|CLONE_NEWUSER')
  expect(flagNames(0x8000_0001, mountFlags)).toBe('MS_RDONLY|0x80000000')
})

test('numbers without a name stay numbers', () => {
  expect(uringOperation(18)).toBe('IORING_OP_OPENAT')
  expect(uringOperation(62)).toBe('IORING_OP_PIPE')
  expect(uringOperation(200)).toBe('IORING_OP_200')
  expect(errorText(1)).toBe('EPERM')
  expect(errorText(4000)).toBe('errno 4000')
})
