import { expect, test } from 'vitest'
import { auditRules } from './rules.ts'

test('rules name the calls by the numbers of the machine, those of 32-bit programs too', () => {
  const execs = (machine: string) =>
    auditRules(machine).flatMap(({ arch, calls, successful }) =>
      successful === true ? [[arch, ...calls]] : [],
    )
  expect(execs('x64')).toEqual([
    [0xc000_003e, 59, 322],
    [0x4000_0003, 11, 358],
  ])
  expect(execs('arm64')).toEqual([[0xc000_00b7, 221, 281]])
  const attach = { arch: 0xc000_003e, calls: [101], firstArgument: 16, key: 'vedette' }
  expect(auditRules('x64')).toContainEqual(attach)
  // A rule without a call would be one for nothing.
  for (const machine of ['x64', 'arm64'])
    expect(auditRules(machine).every(({ calls }) => calls.length > 0)).toBe(true)
  expect(auditRules('riscv64')).toEqual([])
})
