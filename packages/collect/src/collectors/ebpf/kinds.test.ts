import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { KINDS, kinds } from './kinds.ts'

test('kinds have the numbers that they have in the kernel', () => {
  const header = readFileSync(new URL('bpf/kinds.bpf.h', import.meta.url), 'utf8')
  const constants = /enum \{([^}]+)\}/.exec(header)?.[1]?.matchAll(/(\w+)(?: = (\d+))?/g) ?? []
  const numbers: Record<string, number> = {}
  let last = -1
  for (const [, name = '', value] of constants) {
    last = value === undefined ? last + 1 : Number(value)
    numbers[name.toLowerCase()] = last
  }
  expect(numbers).toEqual({ ...kinds, kinds: KINDS })
})
