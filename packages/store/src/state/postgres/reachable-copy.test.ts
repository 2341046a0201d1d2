import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { reachableCopy } from './reachable-copy.ts'

const SOMEBODY = { uid: 54_321, gid: 54_321 }
let home: string
let programs: string
let beside: string

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'vedette-reachable-'))
  programs = join(home, 'private', 'programs')
  beside = join(home, 'data')
  mkdirSync(programs, { recursive: true })
  mkdirSync(beside)
  writeFileSync(join(programs, 'tool'), 'one', { mode: 0o755 })
  symlinkSync('tool', join(programs, 'link'))
  for (const folder of [home, programs]) chmodSync(folder, 0o755)
  chmodSync(join(home, 'private'), 0o700)
})
afterEach(() => rmSync(home, { recursive: true }))

test('what a user may reach is used where it is', () => {
  chmodSync(join(home, 'private'), 0o711)
  expect(reachableCopy(programs, beside, '1', SOMEBODY)).toBe(programs)
})

test('nobody else than who asks: nothing is copied', () => {
  expect(reachableCopy(programs, beside, '1', {})).toBe(programs)
})

test('what lies out of reach is copied once, and again for another version', () => {
  const first = reachableCopy(programs, beside, '1', SOMEBODY)
  expect(first).toBe(join(beside, 'program-1'))
  expect(readFileSync(join(first, 'link'), 'utf8')).toBe('one')
  writeFileSync(join(programs, 'tool'), 'two')
  expect(readFileSync(join(reachableCopy(programs, beside, '1', SOMEBODY), 'tool'), 'utf8')).toBe('one')
  const second = reachableCopy(programs, beside, '2', SOMEBODY)
  expect(readFileSync(join(second, 'tool'), 'utf8')).toBe('two')
  expect(() => readFileSync(join(first, 'tool'))).toThrow('ENOENT')
})
