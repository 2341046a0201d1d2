import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { rawPathsOf, walkFiles } from './walk-files.ts'

let folder: string
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'vedette-walk-')))
})
afterEach(() => rmSync(folder, { recursive: true }))

const raw = (...parts: readonly string[]): Buffer =>
  Buffer.concat([Buffer.from(folder), ...parts.map((part) => Buffer.from(`/${part}`, 'latin1'))])

test('every plain file is found, whatever bytes its name or its folders have', async () => {
  mkdirSync(raw('a\xff', 'b'), { recursive: true })
  mkdirSync(raw('plain'))
  writeFileSync(raw('a\xff', 'b', 'one'), '1')
  writeFileSync(raw('a\xff', 'b', 'tw\xc3'), '2')
  writeFileSync(raw('plain', 'three\xfe'), '3')
  writeFileSync(raw('plain', 'four'), '4')
  symlinkSync(raw('plain', 'four'), raw('link\xff'))
  const found: string[] = []
  for await (const walked of walkFiles([folder])) {
    if (walked.type !== 'file') throw new Error(`${walked.path}: ${walked.reason}`)
    expect(walked.within).toBe(folder)
    found.push(readFileSync(Buffer.from(walked.rawPath ?? walked.path), 'utf8'))
  }
  expect(found.sort()).toEqual(['1', '2', '3', '4'])
})

test('rawPathsOf() finds all that are read alike', async () => {
  mkdirSync(raw('a\xff'))
  mkdirSync(raw('a\xfe'))
  writeFileSync(raw('a\xff', 'x\xff'), '')
  writeFileSync(raw('a\xff', 'x\xfd'), '')
  const found = await rawPathsOf(join(folder, 'a\ufffd', 'x\ufffd'))
  expect(found.map((path) => path.toString('latin1').slice(-5)).sort()).toEqual(
    ['a\xff/x\xfd', 'a\xff/x\xff'].sort(),
  )
  expect(await rawPathsOf(join(folder, 'a', 'x'))).toEqual([])
})
