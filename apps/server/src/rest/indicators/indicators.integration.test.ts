import { silentLogger, systemClock } from '@vedette/base'
import { IndicatorDesk } from '@vedette/manager'
import { DEFAULT_TENANT, type TenantId } from '@vedette/model'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Caller, codesOf } from '../../testing/caller.ts'
import { TestAgent } from '../../testing/test-agent.ts'
import { openTestServer, type TestServer } from '../../testing/test-server.ts'

const OTHER = '00000000-0000-4000-8000-00000000000b' as TenantId
let server: TestServer
let agent: TestAgent
let caller: Caller

beforeAll(async () => {
  server = await openTestServer()
  agent = await TestAgent.connect(server.url, server.agentCredential)
  caller = new Caller(server, agent)
})
afterAll(async () => {
  agent[Symbol.dispose]()
  await server[Symbol.asyncDispose]()
})

async function importFile(body: object, token = server.cliToken) {
  const response = await fetch(`${server.url}/api/ioc/import`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify(body),
  })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

async function exportAs(format: string, token = server.cliToken): Promise<Response> {
  return fetch(`${server.url}/api/ioc/export?format=${format}`, {
    headers: { authorization: `Bearer ${token}` },
  })
}

interface Listed {
  readonly id: string
  readonly value: string
  readonly sightings: number
}

async function listed(variables: object = {}, token = server.cliToken): Promise<Listed[]> {
  const { data } = await caller.ask(
    'query ($search: String, $sighted: Boolean) { indicators(search: $search, sighted: $sighted) { id value sightings } }',
    variables,
    token,
  )
  return (data as unknown as { indicators: Listed[] }).indicators
}

/** Titles of the alerts that name a text. */
async function alertsOf(search: string): Promise<string[]> {
  const { data } = await caller.ask(
    'query ($s: String) { analytics_alerts(search: $s) { title severity } }',
    { s: search },
  )
  return (data as unknown as { analytics_alerts: { title: string }[] }).analytics_alerts.map(
    ({ title }) => title,
  )
}

describe('POST /api/ioc/import', () => {
  test('a dry run tells what would be, and changes nothing', async () => {
    const { status, body } = await importFile({
      content: 'dry.test\n10.0.0.1\nnonsense\ndry.test\n',
      source: 'dry',
      dry_run: true,
    })
    expect(status).toBe(200)
    expect(body).toMatchObject({
      dry_run: true,
      format: 'txt',
      read: 4,
      valid: 2,
      added: 2,
      malformed: [{ place: 3, reason: 'unknown-type' }],
      duplicates: [{ place: 4, value: 'dry.test' }],
      suspects: [{ place: 2, value: '10.0.0.1', reason: 'private' }],
    })
    expect(await listed({ search: 'dry.test' })).toEqual([])
  })

  test('what is imported is in force when it answers, raises an alert and counts its sighting', async () => {
    const { body } = await importFile({
      content: 'force.test\n',
      source: 'list',
      defaults: { severity: 'critical', confidence: 90 },
    })
    expect(body).toMatchObject({ added: 1, removed: 0 })
    await caller.store(agent.launch('curl https://force.test/x'))
    expect(await alertsOf('force.test')).toEqual(['curl: domain force.test, which list lists'])
    await server.running.services.indicators.flush()
    expect(await listed({ search: 'force.test', sighted: true })).toMatchObject([
      { value: 'force.test', sightings: 1 },
    ])
  })

  test('replace takes away what is said no more', async () => {
    await importFile({ content: 'one.test\ntwo.test\n', source: 'turn', mode: 'replace' })
    const { body } = await importFile({ content: 'two.test\nthree.test\n', source: 'turn', mode: 'replace' })
    expect(body).toMatchObject({
      added: 1,
      unchanged: 1,
      removed: 1,
      examples: { removed: [{ type: 'domain', value: 'one.test' }] },
    })
    await caller.store(agent.launch('curl https://one.test/x'), agent.launch('curl https://three.test/x'))
    expect(await alertsOf('one.test')).toEqual([])
    expect(await alertsOf('three.test')).toHaveLength(1)
  })

  test.each([
    [{ content: '{', format: 'json' }, 'json document'],
    [{ content: 'a.test', source: 'feed:x' }, 'source'],
    [{ content: 'a.test', format: 'xml' }, 'format'],
    [{ content: 'a.test', more: 1 }, 'more'],
    [{ content: 'a.test', defaults: { confidence: 101 } }, 'confidence'],
  ])('%j is refused', async (body, word) => {
    const answer = await importFile(body)
    expect(answer.status).toBe(400)
    expect(JSON.stringify(answer.body)).toContain(word)
  })

  test('a viewer may not, and reads all the same', async () => {
    const token = await server.token('viewer')
    expect((await importFile({ content: 'a.test' }, token)).status).toBe(403)
    expect((await exportAs('txt', token)).status).toBe(200)
    const { status } = await fetch(`${server.url}/api/ioc/export`)
    expect(status).toBe(401)
  })

  test('another tenant sees and changes its own', async () => {
    const token = await server.token('admin', OTHER)
    await importFile({ content: 'theirs.test', source: 'list' }, token)
    expect((await listed({}, token)).map(({ value }) => value)).toEqual(['theirs.test'])
    expect(await listed({ search: 'theirs.test' })).toEqual([])
    const [mine] = await listed({ search: 'force.test' })
    const { data } = await caller.ask(
      'mutation ($id: ID!) { removeIndicators(ids: [$id]) }',
      { id: mine?.id },
      token,
    )
    expect(data).toEqual({ removeIndicators: 0 })
    await caller.store(agent.launch('curl https://theirs.test/x'))
    expect(await alertsOf('theirs.test')).toEqual([])
  })
})

test.each(['json', 'csv', 'stix', 'misp', 'txt'])(
  'GET /api/ioc/export as %s is read again',
  async (format) => {
    await importFile({ content: 'export.test\n', source: 'list' })
    const response = await exportAs(format)
    const { body } = await importFile({
      content: await response.text(),
      source: `again-${format}`,
      dry_run: true,
    })
    expect(body).toMatchObject({ malformed_count: 0, format })
    expect(body['valid']).toBeGreaterThan(2)
  },
)

describe('GraphQL', () => {
  test('indicators come and go by hand, at once', async () => {
    const { data } = await caller.ask(
      'mutation ($v: String!) { addIndicators(indicators: [{ value: $v, severity: "high", tags: ["miner"], techniques: ["t1496"] }]) { added } }',
      { v: 'hand[.]test' },
    )
    expect(data).toEqual({ addIndicators: { added: 1 } })
    await caller.store(agent.launch('ping hand.test'))
    expect(await alertsOf('hand.test')).toHaveLength(1)
    const [one] = await listed({ search: 'hand.test' })
    await caller.ask('mutation ($id: ID!) { removeIndicators(ids: [$id]) }', { id: one?.id })
    await caller.store(agent.launch('wget hand.test'))
    expect(await alertsOf('wget hand.test')).toEqual([])
  })

  test.each([
    ['addIndicators(indicators: [{ value: "nothing" }]) { added }'],
    ['addIndicators(indicators: [{ value: "0.0.0.0/0" }]) { added }'],
    ['addIndicators(indicators: [{ value: "a.test", confidence: 101 }]) { added }'],
    ['addIndicators(indicators: [{ value: "a.test", techniques: ["x"] }]) { added }'],
    ['addIndicators(indicators: [{ value: "a.test" }], source: "feed:x") { added }'],
    ['addAllowEntry(value: "a.test", reason: " ") { id }'],
    ['addAllowEntry(value: "a.test", reason: "x", expires_at: "2020-01-01") { id }'],
    ['removeIndicators(ids: ["x"])'],
  ])('%s is refused', async (mutation) => {
    expect(codesOf(await caller.ask(`mutation { ${mutation} }`))).toEqual(['bad-input'])
  })

  test('an allow entry wins, counts what it kept silent, and is taken away again', async () => {
    await importFile({ content: 'both.test\n', source: 'list' })
    const { data } = await caller.ask(
      'mutation { addAllowEntry(type: "domain_suffix", value: "both.test", reason: "ours") { id owner } }',
    )
    const { id, owner } = (data as unknown as { addAllowEntry: { id: string; owner: string } }).addAllowEntry
    expect(owner).toBe('cli')
    await caller.store(agent.launch('curl https://both.test/x'))
    expect(await alertsOf('both.test')).toEqual([])
    await server.running.services.indicators.flush()
    const { data: entries } = await caller.ask('{ allow_entries { id hits last_hit } }')
    expect(entries).toMatchObject({ allow_entries: [{ id, hits: 1 }] })
    await caller.ask('mutation ($id: ID!) { removeAllowEntry(id: $id) { id } }', { id })
    await caller.store(agent.launch('curl https://both.test/y'))
    expect(await alertsOf('both.test')).toHaveLength(1)
    expect(
      codesOf(await caller.ask('mutation ($id: ID!) { removeAllowEntry(id: $id) { id } }', { id })),
    ).toEqual(['not-found'])
  })
})

test('what was kept is in force after a start', async () => {
  await importFile({ content: 'kept.test\n', source: 'list' })
  const { state } = server.running.services
  await using desk = new IndicatorDesk({ state, clock: systemClock, log: silentLogger })
  const event = agent.launch('curl kept.test')
  expect(desk.evaluate(DEFAULT_TENANT, [event])).toEqual([])
  await desk.ready(DEFAULT_TENANT)
  expect(desk.ready(DEFAULT_TENANT)).toBeUndefined()
  expect(desk.evaluate(DEFAULT_TENANT, [event])).toHaveLength(1)
})

test('what people do is in the audit log', async () => {
  await importFile({ content: 'audited.test\n', source: 'audited' })
  const actions: string[] = []
  for await (const record of server.running.services.auditLog.records())
    actions.push(`${record.action} ${record.outcome}`)
  expect(actions).toContain('indicators.import done')
  expect(actions).toContain('allow.remove done')
  expect(actions).toContain('indicators.export done')
})
