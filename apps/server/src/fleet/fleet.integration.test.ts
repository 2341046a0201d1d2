import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { silentLogger, systemClock } from '@vedette/base'
import { packBundle } from '@vedette/manager/fleet'
import { DEFAULT_TENANT, type TenantId } from '@vedette/model'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { newToken, tokenHash } from '../access/token.ts'
import type { Viewer } from '../access/viewer.ts'
import { type RunningServer, startServer } from '../start.ts'
import { serverSettingsSchema } from '../settings.ts'
import { RealAgent } from '../testing/real-agent.ts'
import { TestHost } from '../testing/test-host.ts'
import { newFolder, newSecrets, nobody, settingsLine } from '../testing/test-server.ts'
import {
  type AgentView,
  labelAgent,
  listAgents,
  listGroups,
  listRollOuts,
  planGroup,
  publishContent,
  putGroup,
  rollBackGroup,
  rollOutGroup,
  type Steward,
} from './manager.ts'

/** Many programs start on a machine that has other things to do. */
const START = { timeout: 60_000 }
const OTHER = 'tenant-b' as TenantId
const folder = newFolder()
let server: RunningServer
let current = new AsyncDisposableStack()

beforeAll(async () => {
  const settings = serverSettingsSchema.parse(
    settingsLine(folder, newSecrets(), { agents_listen: '127.0.0.1:0' }),
  )
  const stateUser = nobody()
  server = await startServer(settings, {
    clock: systemClock,
    log: silentLogger,
    ...(stateUser && { stateUser }),
  })
})
afterEach(async () => {
  await current.disposeAsync()
  current = new AsyncDisposableStack()
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})

function steward(tenant: TenantId): Steward {
  const viewer = { tenant, organisation: tenant, id: 'u1', name: 'ann', role: 'admin' } as Viewer
  return { services: server.services, viewer }
}

/** A real agent of a tenant, enrolled as any other. */
async function start(tenant: TenantId, config: object = {}, more: object = {}) {
  const secret = newToken()
  const { enrolments } = server.services.state.of(tenant)
  const now = Date.now()
  const id = secret.slice(0, 8)
  await enrolments.addSecret(
    tokenHash(secret),
    { id, createdBy: 'ann', expiresAt: now + 60_000, uses: 1 },
    now,
  )
  const authority = server.services.authority?.certificate ?? ''
  const host = await TestHost.make(server.agentsUrl ?? '', authority)
  host.machineId = ''
  expect((await host.enrol(secret)).status).toBe(200)
  const agent = current.use(
    RealAgent.start(folder, { host, server: server.agentsUrl ?? '', authority, tenant }, config, more),
  )
  const id16 = host.agent
  const seen = async (): Promise<AgentView | undefined> =>
    (await listAgents(steward(tenant))).find((one) => one.id === id16)
  await expect.poll(async () => (await seen())?.standing?.state, START).toBe('own')
  return { agent, id: host.agent, seen }
}

const bundle = (text: string) => {
  const { bytes, sha256 } = packBundle([{ path: 'own/marks.yar', text }])
  return { bundle: bytes.toString('base64'), sha256 }
}

test('settings of a group come in force, are shown with where they come from, and go back', async () => {
  const who = steward(DEFAULT_TENANT)
  const { id, seen, agent } = await start(
    DEFAULT_TENANT,
    { agent: { central: { keep: ['yara.timeout_ms'] } } },
    { origins: { 'collect.kernel': '/etc/vedette.yml' } },
  )
  await putGroup(who, { name: 'web', labels: { env: 'prod' } })
  await labelAgent(who, id, { env: 'prod' })
  expect((await listGroups(who)).map(({ group, agents }) => [group.name, agents])).toEqual([['web', 1]])

  const change = { set: { 'yara.workers': 3, 'yara.timeout_ms': 5000 } }
  const plan = await planGroup(who, 'web', change)
  expect(plan).toMatchObject({ problems: [], agentCount: 1, agents: ['web-2'] })
  expect(plan.changes).toEqual([
    { path: 'yara.timeout_ms', after: 5000 },
    { path: 'yara.workers', after: 3 },
  ])
  expect((await listRollOuts(who, 'web')).length).toBe(0)
  const foreign = await planGroup(who, 'web', { set: { 'response.enable_kill': true } })
  expect(foreign.problems[0]).toContain('is for the host alone to say')
  await expect(rollOutGroup(who, 'web', { set: { 'yara.workers': 'many' } }, 0)).rejects.toThrow(
    'yara.workers',
  )

  await rollOutGroup(who, 'web', change, 0)
  await expect.poll(async () => (await seen())?.standing?.state).toBe('in_force')
  const settings = (await seen())?.standing?.settings ?? []
  const shown = (path: string) => settings.find((one) => one.path === path)
  expect(shown('yara.workers')).toMatchObject({ value: 3, origin: 'group web, revision 2' })
  expect(shown('yara.timeout_ms')).toMatchObject({ value: 10_000, origin: 'default' })
  expect(shown('collect.kernel')).toMatchObject({ value: 'proc-poll', origin: '/etc/vedette.yml' })
  await expect.poll(async () => (await listRollOuts(who, 'web'))[0]?.rollOut.state).toBe('done')
  expect(agent.starts).toBe(2)

  await rollBackGroup(who, 'web', 1)
  await expect
    .poll(async () => (await seen())?.standing)
    .toMatchObject({ state: 'in_force', revision: 3, settings: expect.anything() })
  expect((await seen())?.standing?.settings.find(({ path }) => path === 'yara.workers')).toMatchObject({
    value: 1,
  })
})

test('rules reach an agent that runs, and find; those that are no good are taken back, and the roll-out stops', async () => {
  const who = steward(OTHER)
  const watched = join(folder, 'watched')
  mkdirSync(watched)
  const { seen, agent } = await start(OTHER, {
    yara: { watch_paths: [watched], on_exec: false, engine: 'wasm', built_in_rules: false },
    collect: { kernel: 'auto', file: { paths: [] }, inventory: { enabled: false } },
  })
  await putGroup(who, { name: 'all', hosts: ['*'] })
  const good = await publishContent(
    who,
    bundle('rule marked { strings: $a = "mark-of-the-tests" condition: $a }'),
    false,
  )
  expect(good).toMatchObject({ version: 1, files: ['own/marks.yar'] })
  await rollOutGroup(who, 'all', { content: 1 }, 0)
  await expect
    .poll(async () => (await seen())?.standing)
    .toMatchObject({ state: 'in_force', content: { version: 1, rules: 1 } })
  await expect.poll(async () => (await listRollOuts(who, 'all'))[0]?.rollOut.state).toBe('done')

  const harmful = await publishContent(who, bundle('rule everything { condition: filesize > 0 }'), false)
  await rollOutGroup(who, 'all', { content: harmful.version }, 0)
  await expect
    .poll(async () => (await listRollOuts(who, 'all'))[0]?.rollOut)
    .toMatchObject({
      state: 'stopped',
      reason: expect.stringContaining('matches what is harmless'),
    })
  await expect
    .poll(async () => (await seen())?.standing)
    .toMatchObject({ state: 'in_force', content: { version: 1 } })
  // All of it while it ran.
  expect(agent.starts).toBe(1)
  writeFileSync(join(watched, 'file'), 'mark-of-the-tests')
  await expect
    .poll(async () => {
      const page = await server.services.events
        .of(OTHER)
        .list({ kinds: ['finding'] }, { limit: 10, offset: 0 })
      return JSON.stringify(page)
    })
    .toContain('marked')
})

test('what ends the agent again and again is given up within three starts', async () => {
  const who = steward(DEFAULT_TENANT)
  const { id, seen, agent } = await start(DEFAULT_TENANT)
  await putGroup(who, { name: 'fragile', rank: 1, members: [id] })
  agent.onWatching = () => agent.kill()
  await rollOutGroup(who, 'fragile', { set: { 'yara.workers': 2 } }, 0)
  // The start with it, and the one after; the third is without.
  await expect.poll(() => agent.starts).toBe(3)
  await expect.poll(() => agent.starts).toBe(4)
  agent.onWatching = () => undefined
  await expect
    .poll(async () => (await seen())?.standing)
    .toMatchObject({ state: 'own', failed: { reason: 'The agent ended 2 times with it' } })
  await expect.poll(async () => (await listRollOuts(who, 'fragile'))[0]?.rollOut.state).toBe('stopped')
})

test('a version that is wanted is told to the host, and reconciled when it comes back with it', async () => {
  const who = steward(DEFAULT_TENANT)
  const { id, seen, agent } = await start(DEFAULT_TENANT)
  await putGroup(who, { name: 'newer', rank: 1, members: [id] })
  expect(await seen()).toMatchObject({ version: '1.0.0', upgrade: 'as_it_is' })
  await rollOutGroup(who, 'newer', { agentVersion: '1.1.0' }, 0)
  await expect.poll(() => agent.messages).toContainEqual({ type: 'upgrade', version: '1.1.0' })
  await expect
    .poll(seen)
    .toMatchObject({ wantedVersion: '1.1.0', upgrade: 'waiting_for_upgrade', version: '1.0.0' })
  agent.become({ version: '1.1.0' })
  await expect.poll(seen, START).toMatchObject({ version: '1.1.0', upgrade: 'up_to_date' })
})
