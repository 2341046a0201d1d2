import { systemClock } from '@vedette/base'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { runProgram } from './program.ts'

let home: string

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'vedette-cli-'))
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

/** Runs one command line as a person without a terminal would. */
async function run(...args: string[]) {
  let out = ''
  let err = ''
  const terminal = {
    out: (text: string) => void (out += text),
    err: (text: string) => void (err += text),
    colour: false,
    interactive: false,
    columns: 100,
    env: { VEDETTE_HOME: home },
    uid: process.getuid?.() ?? 0,
  }
  const code = await runProgram(args, terminal, systemClock, new AbortController().signal)
  return { code, out, err }
}

test('--help names every command and every exit code', async () => {
  const { code, out } = await run('--help')
  expect(code).toBe(0)
  for (const word of ['up', 'demo', 'alerts', 'respond', 'audit', 'completion', '6  verification failed']) {
    expect(out).toContain(word)
  }
})

test('--version prints the version alone', async () => {
  expect(await run('--version')).toEqual({
    code: 0,
    out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    err: '',
  })
})

test('a slip of the fingers is usage, with a suggestion', async () => {
  const { code, err } = await run('alerts', 'lst')
  expect(code).toBe(2)
  expect(err).toContain('list')
  expect((await run('up', '--port', '99999')).code).toBe(2)
  expect((await run('events', '--kind', 'smell')).code).toBe(2)
})

test('without a running instance a command says so and exits with 3', async () => {
  const { code, err } = await run('alerts', 'list')
  expect(code).toBe(3)
  expect(err).toBe(
    `vedette: Vedette does not run in ${home}\nStart it with 'vedette up', or name its folder with --home DIR or VEDETTE_HOME\n`,
  )
})

test('with --json errors are objects on standard error, and status tells on standard output', async () => {
  const { code, out, err } = await run('alerts', 'list', '--json')
  expect([code, out]).toEqual([3, ''])
  expect(JSON.parse(err)).toMatchObject({ error: { code: 'not-running' } })
  const status = await run('status', '--json')
  expect(status.code).toBe(3)
  expect(JSON.parse(status.out)).toEqual({ running: false, home, parts: [] })
})

test('an instance that is gone without a word is unreachable: 3', async () => {
  const { mkdirSync } = await import('node:fs')
  mkdirSync(join(home, 'operator'))
  writeFileSync(join(home, 'operator', 'endpoint.json'), '{"url":"http://127.0.0.1:9","pid":1}')
  writeFileSync(join(home, 'operator', 'cli-token'), 'token')
  expect((await run('metrics')).code).toBe(3)
})

test('--home works before and after the command', async () => {
  for (const args of [
    ['--home', '/nowhere/a', 'status'],
    ['status', '--home', '/nowhere/a'],
  ]) {
    expect((await run(...args)).err).toContain('does not run in /nowhere/a')
  }
})

test('config check tells every fault with path, value and what was expected', async () => {
  const file = join(home, 'bad.yml')
  writeFileSync(file, 'api:\n  listen: 7\n  colour: red\nlog_level: loud\n')
  const { code, err } = await run('config', 'check', file)
  expect(code).toBe(2)
  expect(err).toContain('api.listen: 7 is refused')
  expect(err).toContain('api.colour: is not a known key')
  expect(err).toContain('log_level: "loud" is refused')
})

test('config schema is a JSON Schema that knows the keys', async () => {
  const { code, out } = await run('config', 'schema')
  expect(code).toBe(0)
  expect(JSON.parse(out)).toMatchObject({
    additionalProperties: false,
    properties: { api: { properties: { listen: { type: 'string' } } } },
  })
})

test('completion prints a script, and completes', async () => {
  const printed: string[] = []
  const log = console.log
  console.log = (line: string) => void printed.push(line)
  try {
    await run('completion', 'bash')
    await run('complete', '--', 'alerts', 'l')
  } finally {
    console.log = log
  }
  expect(printed.join('\n')).toContain('__vedette_complete')
  expect(printed.join('\n')).toContain('list\tnewest first')
})
