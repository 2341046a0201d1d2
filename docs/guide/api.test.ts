import { afterAll, beforeAll, expect, test } from 'vitest'
import { type House, startHouse } from '../../test/house.ts'
import { makeAccount, PRINTED, ReadersFolder, stepsOf } from './api-page.ts'

/** The page on the API is worked through from its first line to its last, in a whole house. */
let house: House
let reader: ReadersFolder

beforeAll(async () => {
  house = await startHouse()
  reader = new ReadersFolder(house.ready.url)
  await makeAccount(house.ready)
})
afterAll(async () => {
  reader[Symbol.dispose]()
  await house[Symbol.asyncDispose]()
})

test('each line does what it says', async () => {
  const processes = async () => {
    const { events } = (await house.ask('{ events(event_type: "process", limit: 5) { event_id } }')) as {
      events: object[]
    }
    return events.length
  }
  await expect.poll(processes).toBe(5)
  let answer: unknown
  let lines = 0
  for (const step of stepsOf()) {
    if ('name' in step) {
      reader.keep(step.name, step.path, answer)
      continue
    }
    lines += 1
    const { status, stdout, stderr } = await reader.run(step.line)
    expect({ line: step.line, status, stderr }).toEqual({ line: step.line, status: 0, stderr: '' })
    answer = stdout === '' ? undefined : JSON.parse(stdout)
    expect(answer ?? {}, step.line).not.toHaveProperty('error')
  }
  expect(lines).toBeGreaterThan(12)
  const { access_token: _, ...kept } = reader.kept
  expect(Object.keys(kept).toSorted()).toEqual(['CURSOR', 'HOST', 'INDICATOR', 'KEY', 'TOKEN', 'URL'])
})

test('the five tasks are done by a client that a public generator made of the served document', async () => {
  reader.write('tasks.ts')
  const { status, stdout, stderr } = await reader.start(process.execPath, ['tasks.ts'])
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  expect(stdout).toMatch(PRINTED)
})
