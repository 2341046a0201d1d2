import { DEFAULT_TENANT, type Event, type TenantId } from '@vedette/model'
import { createRest, operations, type RestCall } from '@vedette/client/rest'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Caller } from '../testing/caller.ts'
import { TestAgent } from '../testing/test-agent.ts'
import { restRoutes } from './index.ts'
import { AGENT, openTestServer, PASSWORD, type TestServer } from '../testing/test-server.ts'

/** The API as the generated client sees it. */
const OTHER = '00000000-0000-4000-8000-00000000000c' as TenantId
let server: TestServer
let agent: TestAgent
let caller: Caller
let call: RestCall

beforeAll(async () => {
  server = await openTestServer()
  agent = await TestAgent.connect(server.url, server.agentCredential)
  caller = new Caller(server, agent)
  call = as(server.cliToken)
})
afterAll(async () => {
  agent[Symbol.dispose]()
  await server[Symbol.asyncDispose]()
})

const as = (token: string) => createRest({ url: server.url, token })

/** What an operation is refused with. */
async function refusal(work: Promise<unknown>): Promise<unknown> {
  const { code, status } = await work.then(
    () => ({ code: 'none', status: 200 }),
    (error: { code: string; status: number }) => error,
  )
  return [status, code]
}

describe('events', () => {
  const at = Date.UTC(2026, 10, 20, 8)
  const seen = (count: number, timeMs: (index: number) => number, word: string): Event[] =>
    Array.from({ length: count }, (_, index) => ({
      ...agent.launch(`${word} ${index}`),
      time: timeMs(index),
    }))

  test('are searched in a range of time, page by page, each once', async () => {
    // Many of one moment, so that pages end within it.
    await caller.store(...seen(25, (index) => at + Math.floor(index / 10), 'paged-of-the-tests'))
    const range = {
      search: 'paged-of-the-tests',
      since: new Date(at).toISOString(),
      until: new Date(at + 2).toISOString(),
    }
    const found: operations.Event[] = []
    let pages = 0
    for (let cursor: string | null | undefined; cursor !== null && pages < 20; pages += 1) {
      const from = cursor
      const page = await call((to) =>
        operations.searchEvents({ ...range, limit: 3, ...(from !== undefined && { cursor: from }) }, to),
      )
      found.push(...page.events)
      cursor = page.next_cursor
    }
    // Its end is exclusive: the last five are of the moment after it.
    expect(found).toHaveLength(20)
    expect(new Set(found.map(({ event_id: id }) => id)).size).toBe(20)
    expect(found.map(({ timestamp }) => timestamp)).toEqual(
      found
        .map(({ timestamp }) => timestamp)
        .toSorted()
        .toReversed(),
    )
    expect(pages).toBe(7)
    const [first] = found
    const one = await call((to) => operations.getEvent({ id: first?.event_id ?? '' }, to))
    expect(one).toEqual(first)
    expect(one).toMatchObject({ event_type: 'process', host: 'web-1', host_id: AGENT })
  })

  test('of another tenant are not there', async () => {
    const there = as(await server.token('admin', OTHER))
    expect(await there((to) => operations.searchEvents({}, to))).toEqual({ events: [], next_cursor: null })
    const { events } = await call((to) => operations.searchEvents({ limit: 1 }, to))
    const id = events[0]?.event_id ?? ''
    expect(await refusal(there((to) => operations.getEvent({ id }, to)))).toEqual([404, 'not-found'])
  })

  test('are taken from a program’s key, judged, under its own name, and once', async () => {
    const { token, key } = await call((to) =>
      operations.createApiKey(
        { body: { name: 'feeder', role: 'engineer', operations: ['POST /api/events'] } },
        to,
      ),
    )
    const feeder = as(token)
    const event = agent.launch('attack-of-the-tests-by-key')
    const body = { run: 'aa00aa00aa00aa00', sequence: 0, events: [event] } as never
    const host = `key-${key.id}`
    for (let time = 0; time < 2; time += 1) {
      expect(await feeder((to) => operations.sendEvents({ body }, to))).toEqual({ stored: 1, host_id: host })
    }
    const stored = await call((to) => operations.searchEvents({ host }, to))
    expect(stored.events).toMatchObject([{ event_id: event.id, host_id: host }])
    const { alerts } = await call((to) => operations.listAlerts({ host }, to))
    expect(alerts).toMatchObject([{ title: expect.stringContaining('attack'), host_id: host }])
    expect(await refusal(feeder((to) => operations.searchEvents({}, to)))).toEqual([403, 'forbidden'])
    const half = { sequence: 1, events: [event] } as never
    expect(await refusal(feeder((to) => operations.sendEvents({ body: half }, to)))).toEqual([
      400,
      'bad-input',
    ])
    await call((to) => operations.revokeApiKey({ id: 'feeder' }, to))
    expect(await refusal(feeder((to) => operations.sendEvents({ body }, to)))).toEqual([
      401,
      'unauthenticated',
    ])
  })
})

describe('what is not of the form', () => {
  const get = async (path: string, init: RequestInit = {}) => {
    const headers = { authorization: `Bearer ${server.cliToken}`, ...(init.headers as object) }
    const response = await fetch(server.url + path, { ...init, headers })
    return [response.status, ((await response.json()) as { error?: { code: string } }).error?.code]
  }

  test.each([
    ['/api/events?limit=0', 400, 'bad-input'],
    ['/api/events?limit=1001', 400, 'bad-input'],
    ['/api/events?since=yesterday', 400, 'bad-input'],
    ['/api/events?cursor=nonsense', 400, 'bad-input'],
    ['/api/events?cursor=WzEsLTFd', 400, 'bad-input'],
    ['/api/events?colour=red', 400, 'bad-input'],
    ['/api/ioc?type=colour', 400, 'bad-input'],
    ['/api/ioc/none', 404, 'not-found'],
    ['/api/ioc/999999', 404, 'not-found'],
    ['/api/agents/..', 404, 'not-found'],
    ['/api/agents/zz', 404, 'not-found'],
    ['/api/users/nobody', 404, 'not-found'],
    ['/api/none', 404, 'not-found'],
  ])('%s answers %d %s', async (path, status, code) => {
    expect(await get(path)).toEqual([status, code])
  })

  test('a body is JSON, with known keys alone', async () => {
    const post = (body: string, type = 'application/json') =>
      get('/api/ioc', { method: 'POST', body, headers: { 'content-type': type } })
    expect(await post('{"indicators":[{"value":"a.test"}],"colour":1}')).toEqual([400, 'bad-input'])
    expect(await post('{"indicators":[]}')).toEqual([400, 'bad-input'])
    expect(await post('{')).toEqual([400, 'bad-input'])
    expect(await post('value=a.test', 'application/x-www-form-urlencoded')).toEqual([415, 'wrong-media-type'])
    expect(await post(JSON.stringify({ indicators: [{ value: 'x'.repeat(5e6) }] }))).toEqual([
      413,
      'too-large',
    ])
  })

  test('a page elsewhere may change nothing, with or without a body', async () => {
    const setup = await fetch(`${server.url}/auth/setup`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: server.url },
      body: JSON.stringify({ token: server.setupToken, name: 'anna', password: PASSWORD }),
    })
    const cookie = setup.headers.getSetCookie()[0]?.split(';')[0] ?? ''
    const remove = async (origin?: string) => {
      const response = await fetch(`${server.url}/api/ioc/999999`, {
        method: 'DELETE',
        headers: { cookie, ...(origin !== undefined && { origin }) },
      })
      return response.status
    }
    expect([await remove('https://evil.example'), await remove(), await remove(server.url)]).toEqual([
      403, 403, 404,
    ])
  })

  test('what a handler leaves out of an answer is an error, and not a gap', async () => {
    const { events } = server.running.services
    const of = events.of.bind(events)
    const { hostname: _, ...device } = agent.launch('x').device
    Object.assign(events, {
      of: (tenant: TenantId) => ({ ...of(tenant), list: async () => [{ ...agent.launch('x'), device }] }),
    })
    try {
      expect(await get('/api/events')).toEqual([500, 'internal'])
    } finally {
      Object.assign(events, { of })
    }
    expect(await get('/api/events')).toEqual([200, undefined])
  })
})

describe('indicators', () => {
  test('are added, listed, in force, and taken away', async () => {
    const body = {
      indicators: [{ value: 'rest.evil.test', severity: 'high' }, { value: '203.0.113.99' }],
      source: 'rest',
    }
    const added = await call((to) => operations.addIndicators({ body: body as never }, to))
    expect(added).toEqual({ added: 2, changed: 0, unchanged: 0, removed: 0 })
    const first = await call((to) => operations.listIndicators({ source: 'rest', limit: 1 }, to))
    const second = await call((to) =>
      operations.listIndicators({ source: 'rest', limit: 1, cursor: first.next_cursor ?? '' }, to),
    )
    const both = [...second.indicators, ...first.indicators]
    expect(both).toMatchObject([
      { type: 'domain', value: 'rest.evil.test', severity: 'high', sightings: 0 },
      { type: 'ipv4', value: '203.0.113.99', severity: 'medium' },
    ])
    await caller.store(agent.launch('curl https://rest.evil.test/x'))
    const { alerts } = await call((to) => operations.listAlerts({ search: 'rest.evil.test' }, to))
    expect(alerts).toHaveLength(1)
    const id = Number(both[0]?.id)
    expect((await call((to) => operations.removeIndicator({ id }, to))).value).toBe('rest.evil.test')
    expect(await refusal(call((to) => operations.getIndicator({ id }, to)))).toEqual([404, 'not-found'])
    const viewer = as(await server.token('viewer'))
    expect(await refusal(viewer((to) => operations.addIndicators({ body: body as never }, to)))).toEqual([
      403,
      'forbidden',
    ])
  })
})

describe('alerts', () => {
  test('are listed page by page, acknowledged and resolved, and written down', async () => {
    const id = await caller.newAlert()
    await caller.newAlert()
    const first = await call((to) => operations.listAlerts({ limit: 1, severity: 'high' }, to))
    const cursor = first.next_cursor ?? ''
    const second = await call((to) => operations.listAlerts({ limit: 1, severity: 'high', cursor }, to))
    expect(first.alerts[0]?.id).not.toBe(second.alerts[0]?.id)
    expect(await call((to) => operations.getAlert({ id }, to))).toMatchObject({
      id,
      status: 'open',
      host: 'web-1',
    })
    const taken = await call((to) => operations.acknowledgeAlert({ id }, to))
    expect(taken).toMatchObject({ status: 'acknowledged' })
    const body = { verdict: 'benign' } as const
    const done = await call((to) => operations.resolveAlert({ id, body }, to))
    expect(done).toMatchObject({ status: 'resolved', verdict: 'benign' })
    const records = []
    for await (const { action } of server.running.services.auditLog.records()) records.push(action)
    expect(records.slice(-2)).toEqual(['alert.resolve', 'alert.resolve'])
    const incidents = await call((to) => operations.listIncidents({ limit: 1 }, to))
    const [incident] = incidents.incidents
    expect(await call((to) => operations.getIncident({ id: incident?.id ?? '' }, to))).toEqual(incident)
  })
})

describe('people', () => {
  test('users, tenants and keys are looked after', async () => {
    const made = await call((to) => operations.addUser({ body: { name: 'bea', role: 'viewer' } }, to))
    expect(made).toMatchObject({ user: { name: 'bea', must_change: true }, password: expect.any(String) })
    const tenant = await call((to) => operations.addTenant({ body: { name: 'Quay' } }, to))
    const promoted = await call((to) =>
      operations.setUserRole({ name: 'bea', body: { role: 'analyst', tenant: 'quay' } }, to),
    )
    expect(promoted.roles).toContainEqual({ tenant: tenant.id, role: 'analyst' })
    const { tenant_id: own, tenants } = await call((to) => operations.listTenants(to))
    expect([own, tenants.map(({ name }) => name)]).toEqual([DEFAULT_TENANT, ['first', 'Quay']])
    const renamed = await call((to) => operations.renameTenant({ id: tenant.id, body: { name: 'Pier' } }, to))
    expect(renamed.name).toBe('Pier')
    const { organizations } = await call((to) => operations.listOrganizations(to))
    expect(organizations).toMatchObject([
      { organization_id: DEFAULT_TENANT, tenants: [{}, { name: 'Pier' }] },
    ])
    expect((await call((to) => operations.disableUser({ name: 'bea' }, to))).disabled).toBe(true)
    expect((await call((to) => operations.enableUser({ name: 'bea' }, to))).disabled).toBe(false)
    await call((to) => operations.removeUser({ name: 'bea' }, to))
    expect(await refusal(call((to) => operations.getUser({ name: 'bea' }, to)))).toEqual([404, 'not-found'])
  })

  test('a key makes a JWT, which does what the key may', async () => {
    const body = { name: 'jwt', role: 'viewer', expires_at: new Date(Date.now() + 3_600_000).toISOString() }
    const { token } = await call((to) => operations.createApiKey({ body }, to))
    const { access_token: jwt } = await as(token)((to) => operations.issueServiceToken(to))
    const { hosts } = await as(jwt)((to) => operations.listHosts({}, to))
    expect(hosts).toMatchObject([{ id: AGENT, hostname: 'web-1', state: 'reporting' }])
    expect(await as(jwt)((to) => operations.getHost({ id: AGENT }, to))).toMatchObject({ sensor: 'ebpf' })
    expect(await refusal(as(jwt)((to) => operations.listUsers({}, to)))).toEqual([403, 'forbidden'])
    const { keys } = await call((to) => operations.listApiKeys(to))
    expect(keys.find(({ name }) => name === 'jwt')).toMatchObject({ role: 'viewer', made_by: 'cli' })
  })
})

test('another tenant gets nothing of ours, by no route and no id', async () => {
  await caller.newAlert()
  const body = { indicators: [{ value: 'ours.evil.test' }], source: 'ours-alone' }
  await call((to) => operations.addIndicators({ body }, to))
  await call((to) => operations.addUser({ body: { name: 'ottilie', role: 'viewer' } }, to))
  const { indicators } = await call((to) => operations.listIndicators({ search: 'ours.evil.test' }, to))
  const { alerts } = await call((to) => operations.listAlerts({ limit: 1 }, to))
  const { incidents } = await call((to) => operations.listIncidents({ limit: 1 }, to))
  const { events } = await call((to) => operations.searchEvents({ limit: 1 }, to))
  const { keys } = await call((to) => operations.listApiKeys(to))
  const known = {
    id: [events[0]?.event_id, alerts[0]?.id, incidents[0]?.id, keys[0]?.id, indicators[0]?.id, AGENT],
    name: ['ottilie'],
  }
  const secret = [
    events[0]?.event_id,
    alerts[0]?.id,
    incidents[0]?.id,
    keys[0]?.id,
    'ours.evil.test',
    'ottilie',
    'web-1',
  ]
  expect([...known.id, ...secret].every((each) => each !== undefined)).toBe(true)
  const token = await server.token('admin', OTHER)
  let asked = 0
  for (const { method, url, schema } of restRoutes) {
    if (!/^\/(?:api|auth\/api-keys)/.test(url) || method === 'PUT' || schema?.body !== undefined) continue
    const [, parameter] = /:(id|name)\b/.exec(url) ?? []
    const ids = parameter === undefined ? [''] : known[parameter as 'id' | 'name']
    for (const id of ids) {
      const path = url.replace(/:(?:id|name)\b/, encodeURIComponent(id ?? '')).replace(':run', '0'.repeat(16))
      const response = await fetch(server.url + path, {
        method,
        headers: { authorization: `Bearer ${token}` },
      })
      const text = await response.text()
      asked += 1
      // A run of an agent that is none of theirs has no batches.
      const isEmpty = /:run/.test(url) && text === '{"batches":[]}'
      if (parameter !== undefined && !isEmpty) expect([path, response.status]).toEqual([path, 404])
      expect(secret.filter((word) => text.includes(word ?? ''))).toEqual([])
    }
  }
  expect(asked).toBeGreaterThan(40)
})

test('the document is served to whoever signed in', async () => {
  const document = await as(await server.token('viewer'))((to) => operations.getDocument(to))
  expect(document).toMatchObject({ openapi: '3.1.0', info: { title: 'Vedette', version: '0.0.0-test' } })
  expect((await fetch(`${server.url}/api/openapi.json`)).status).toBe(401)
})
