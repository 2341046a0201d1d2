import { createRest, operations, type RestCall } from '@vedette/client/rest'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestServer, type TestServer } from '../../testing/test-server.ts'

let server: TestServer
let call: RestCall

beforeAll(async () => {
  server = await openTestServer({ api: { agents_listen: '127.0.0.1:0' } })
  call = createRest({ url: server.url, token: server.cliToken })
})
afterAll(() => server[Symbol.asyncDispose]())

const name = 'web'
const set = { 'yara.on_write': false }

test('a group is made, a change of its settings is tried, rolled out, stopped, and given at once', async () => {
  const made = await call((to) => operations.putConfigGroup({ name, body: { hosts: ['web-*'] } }, to))
  expect(made).toMatchObject({ name, rank: 100, hosts: ['web-*'], revision: 1, agents: 0, roll_out: null })
  const plan = await call((to) => operations.planConfig({ name, body: { set } }, to))
  expect(plan).toMatchObject({
    changes: [{ path: 'yara.on_write', after: false }],
    problems: [],
    roll_out: null,
  })
  const { groups, settings } = await call((to) => operations.listConfigGroups(to))
  expect(groups).toEqual([made])
  expect(settings).toContain('yara.on_write')

  const started = await call((to) => operations.rollOutConfig({ name, body: { set, hold_seconds: 0 } }, to))
  expect(started.roll_out).toMatchObject({ group: name, from_revision: 1, to_revision: 2 })
  // Nobody is of the group yet, so it waits for whom it comes to.
  const stopped = await call((to) => operations.stopRollOut({ name, body: { reason: 'not today' } }, to))
  expect(stopped).toMatchObject({ state: 'stopped', reason: 'not today', agents: 0 })
  const { revisions } = await call((to) => operations.getConfigGroup({ name }, to))
  expect(revisions).toMatchObject([
    { number: 2, config: set, made_by: 'cli' },
    { number: 1, config: {} },
  ])

  const back = await call((to) => operations.rollBackConfig({ name, body: { revision: 2 } }, to))
  expect(back.revision).toBe(3)
  await call((to) => operations.removeConfigGroup({ name }, to))
  expect((await call((to) => operations.listConfigGroups(to))).groups).toEqual([])
})

test('what is for the host alone to say is refused', async () => {
  await call((to) => operations.putConfigGroup({ name: 'db', body: { hosts: ['db-*'] } }, to))
  const body = { set: { 'response.mode': 'automatic' } }
  const { problems } = await call((to) => operations.planConfig({ name: 'db', body }, to))
  expect(problems).toHaveLength(1)
  const refused = call((to) => operations.rollOutConfig({ name: 'db', body }, to))
  await expect(refused).rejects.toMatchObject({ status: 400, code: 'bad-input' })
  const viewer = createRest({ url: server.url, token: await server.token('viewer') })
  expect(await viewer((to) => operations.listConfiguredAgents({}, to))).toEqual({
    agents: [],
    next_cursor: null,
  })
  const put = viewer((to) => operations.putConfigGroup({ name: 'x', body: {} }, to))
  await expect(put).rejects.toMatchObject({ status: 403, code: 'forbidden' })
})
