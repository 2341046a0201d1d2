import { expect, test } from 'vitest'
import { hasAuditKey, writeAuditRule } from './audit-rule.ts'

test('a rule is written as the kernel takes it, and found again by its key', () => {
  const rule = writeAuditRule({ arch: 0xc000_003e, calls: [31, 59, 322], firstArgument: 16, key: 'mine' })
  expect(rule).toHaveLength(1044)
  const words = (from: number, count: number) =>
    Array.from({ length: count }, (_, index) => rule.readUInt32LE(from + index * 4))
  expect(words(0, 3)).toEqual([4, 2, 3])
  expect(words(12, 3)).toEqual([0x8000_0000, 1 << 27, 0])
  expect(words(12 + 40, 1)).toEqual([4])
  expect(words(268, 4)).toEqual([11, 200, 210, 0])
  expect(words(524, 4)).toEqual([0xc000_003e, 16, 4, 0])
  expect(words(780, 4)).toEqual([0x4000_0000, 0x4000_0000, 0x4000_0000, 0])
  expect(rule.toString('utf8', 1036)).toBe('\u0004\0\0\0mine')
  expect(hasAuditKey(rule, 'mine')).toBe(true)
  expect(hasAuditKey(rule, 'min')).toBe(false)
  expect(hasAuditKey(rule.subarray(0, 1000), 'mine')).toBe(false)
})
