import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeAccount, PRINTED, ReadersFolder, stepsOf } from '../../docs/guide/api-page.ts'
import { type House, startHouse } from '../house.ts'

const run = promisify(execFile)
/** Changes nothing in the machine's own Python. */
const environment = mkdtempSync(join(tmpdir(), 'vedette-python-'))
const bin = (name: string) => join(environment, 'bin', name)
let house: House
let reader: ReadersFolder

beforeAll(async () => {
  await run('python3', ['-m', 'venv', environment])
  await run(bin('pip'), [
    'install',
    '--quiet',
    '--disable-pip-version-check',
    'openapi-python-client==0.29.1',
  ])
  house = await startHouse()
  reader = new ReadersFolder(house.ready.url)
  await makeAccount(house.ready)
})
afterAll(async () => {
  reader[Symbol.dispose]()
  await house[Symbol.asyncDispose]()
  rmSync(environment, { recursive: true })
})

test('the five tasks of the page on the API are done by a Python client that a public generator made', async () => {
  // Its first task makes the key, and further down the document is fetched.
  let answer: unknown
  for (const step of stepsOf()) {
    if ('name' in step) {
      if (step.name === 'KEY') reader.keep(step.name, step.path, answer)
      continue
    }
    if (!/auth\/sign-in|auth\/keys|openapi\.json \$URL/.test(step.line)) continue
    const { stdout } = await reader.run(step.line)
    answer = stdout === '' ? undefined : JSON.parse(stdout)
  }
  const generated = await reader.start(bin('openapi-python-client'), ['generate', '--path', 'openapi.json'])
  expect(generated.status, generated.stdout + generated.stderr).toBe(0)
  // What it cannot read it leaves out, and says so.
  expect(generated.stdout + generated.stderr).not.toMatch(/unable|unsupported|cannot|invalid/i)
  await run(bin('pip'), [
    'install',
    '--quiet',
    '--disable-pip-version-check',
    join(reader.path, 'vedette-client'),
  ])
  reader.write('tasks.py')
  const { status, stdout, stderr } = await reader.start(bin('python'), ['tasks.py'])
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  expect(stdout).toMatch(PRINTED)
})
