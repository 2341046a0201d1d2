import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { rejectedRules } from './rejected-rules.ts'

test('faults of one document are one rejected rule; files and documents are told apart', () => {
  const folder = mkdtempSync(join(tmpdir(), 'vedette-rules-'))
  try {
    const file = join(folder, 'a.yml')
    writeFileSync(file, 'title: one\nx: 1\n---\ntitle: two\ny: 2\n--- \ntitle: three\n')
    const fault = (line: number, code: string, of = file) => ({
      file: of,
      line,
      column: 1,
      code,
      message: code,
    })
    const gone = join(folder, 'gone.yml')
    const rejected = rejectedRules([
      fault(1, 'a'),
      fault(2, 'b'),
      fault(5, 'c'),
      fault(7, 'd'),
      fault(0, 'too-large', gone),
      fault(0, 'unreadable', gone),
      fault(9, 'e', gone),
    ])
    expect(rejected.map((faults) => faults.map(({ code }) => code))).toEqual([
      ['a', 'b'],
      ['c'],
      ['d'],
      ['too-large'],
      ['unreadable'],
      ['e'],
    ])
  } finally {
    rmSync(folder, { recursive: true })
  }
})
