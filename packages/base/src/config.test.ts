import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { z } from 'zod'
import { ConfigError, parseConfig, readConfigFile } from './config.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'config-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function written(text: string): string {
  const file = join(folder, 'vedette.yml')
  writeFileSync(file, text)
  return file
}

function problemsOf(run: () => unknown): ConfigError['problems'] {
  try {
    run()
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
  throw new Error('nothing was refused')
}

const schema = z.strictObject({
  response: z.strictObject({ kill_threshold: z.number().max(100) }).prefault({ kill_threshold: 95 }),
})

test('YAML and JSON are read alike; an empty file is an empty configuration', () => {
  expect(readConfigFile(written('a: [1, two]\n'))).toEqual({ a: [1, 'two'] })
  expect(readConfigFile(written('{"a": [1, "two"]}'))).toEqual({ a: [1, 'two'] })
  expect(readConfigFile(written(''))).toEqual({})
})

test('a file that is not YAML is refused with line and column', () => {
  expect(problemsOf(() => readConfigFile(written('a: 1\nb: [1, 2\n')))[0]?.path).toMatch(/^line 3, column 1$/)
})

test('a file that is absent or over 1 MiB is refused', () => {
  expect(() => readConfigFile(join(folder, 'absent'))).toThrow(/cannot be read: ENOENT/)
  expect(() => readConfigFile(written(`a: ${'x'.repeat(1 << 20)}`))).toThrow(/larger than 1 MiB/)
})

test('every fault is named with path, value and what was expected', () => {
  const data = { response: { kill_threshold: 101, kil_threshold: 3 }, extra: 1 }
  const problems = problemsOf(() => parseConfig(schema, data, 'vedette.yml'))
  expect(problems.map(({ path }) => path).sort()).toEqual([
    'extra',
    'response.kil_threshold',
    'response.kill_threshold',
  ])
  expect(problems.find(({ path }) => path === 'response.kill_threshold')).toMatchObject({
    value: 101,
    expected: expect.stringContaining('<=100'),
  })
})

test('an alias bomb is refused', () => {
  const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefghi'
    .split('')
    .map((name, i) => `${name}: &${name} [${Array(9).fill(`*${'abcdefgh'[i]}`).join(',')}]`)
    .join('\n')}`
  expect(problemsOf(() => readConfigFile(written(bomb)))[0]?.expected).toMatch(/alias/i)
})
