import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { systemCallName } from './system-calls.ts'

test('system calls have the numbers that they have in the kernel', () => {
  const header = readFileSync(new URL('../bpf/system-calls.bpf.h', import.meta.url), 'utf8')
  const words = /enum \{\s*PTRACE = 32,([^}]+)\}/.exec(header)?.[1]?.match(/\w+/g) ?? []
  const other: Record<string, string> = { bpf_call: 'bpf', mount_call: 'mount', umount: 'umount2' }
  const expected = ['ptrace', ...words.map((word) => other[word.toLowerCase()] ?? word.toLowerCase())]
  expect(expected.map((_, index) => systemCallName(32 + index))).toEqual(expected)
  expect(systemCallName(32 + expected.length)).toBeUndefined()
  expect(systemCallName(31)).toBeUndefined()
})
