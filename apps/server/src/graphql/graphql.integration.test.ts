import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ApiError, createClient, createSignIn, graphql } from '@vedette/client'
import { DEFAULT_TENANT, type TenantId } from '@vedette/model'
import { WebSocket } from 'ws'
import { MovedClock } from '../testing/test-clock.ts'
import { report, TestAgent } from '../testing/test-agent.ts'
import { AGENT, openTestServer, PASSWORD, type TestServer } from '../testing/test-server.ts'

let server: TestServer
let agent: TestAgent
const clock = new MovedClock()

beforeAll(async () => {
  server = await openTestServer({ clock })
  agent = await TestAgent.connect(server.url, server.agentCredential)
})
afterAll(async () => {
  agent[Symbol.dispose]()
  await server[Symbol.asyncDispose]()
})

type Answer = {
  readonly data?: Record<string, never> | null
  readonly errors?: { extensions: { code: string }; message: string }[]
}

async function ask(query: unknown, variables: object = {}, token = server.cliToken): Promise<Answer> {
  const response = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify(Array.isArray(query) ? query : { query, variables }),
  })
  return (await response.json()) as Answer
}

const codesOf = ({ errors }: Answer) => errors?.map(({ extensions }) => extensions.code)
const client = (token = server.cliToken) => createClient({ url: server.url, token })

let sequence = 0
async function attack(word = `attack-of-the-tests-${sequence}`, pid?: number, ancestors?: number[]) {
  const event = agent.launch(word, pid, ancestors)
  await agent.store((sequence += 1) - 1, [event])
  return event
}

async function newAlert() {
  const event = await attack()
  const { data } = await ask('query ($s: String) { analytics_alerts(search: $s) { id } }', {
    s: (event as { process: { cmd_line: string } }).process.cmd_line,
  })
  return (data as unknown as { analytics_alerts: { id: string }[] }).analytics_alerts[0]?.id ?? ''
}

describe('queries', () => {
  test('the example of the founding document', async () => {
    await attack('ls -l')
    const answer = await ask(`query GetEvents {
      events(limit: 10, offset: 0) { event_id event_type timestamp data }
    }`)
    expect(answer.errors).toBeUndefined()
    expect(answer.data).toMatchObject({
      events: [
        {
          event_id: expect.stringContaining(AGENT),
          event_type: 'process',
          timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*\.\d{3}Z$/),
          data: { process: { cmd_line: 'ls -l' } },
        },
      ],
    })
  })

  test('what is written in two ways works in both', async () => {
    const { data, errors } = await ask(`{
      system_health { status checks { name status value message } }
      systemHealth { status }
      analytics_metrics { events_total rules_loaded memory_bytes }
      analyticsMetrics { events_total }
      analytics_alerts(limit: 1) { id }
      analyticsAlerts(limit: 1) { id }
    }`)
    expect(errors).toBeUndefined()
    expect(data).toMatchObject({ analytics_metrics: { rules_loaded: 2 } })
    const { system_health: health } = data as unknown as {
      system_health: { checks: { name: string; status: string }[] }
    }
    expect(health.checks.map(({ name, status }) => `${name} ${status}`)).toEqual([
      'event_store healthy',
      'state_store healthy',
      'audit_log healthy',
      'rules healthy',
      'agents healthy',
      'losses healthy',
      expect.stringMatching(/^disk /),
    ])
  })

  test('everything that the alert’s page asks for, in one operation', async () => {
    const shell = 4000
    await agent.store((sequence += 1) - 1, [agent.launch('bash', shell, [1])])
    const subject = agent.launch('attack-of-the-tests --page', 4001, [shell, 1])
    const child = agent.launch('id', 4002, [4001, shell, 1])
    await agent.store((sequence += 1) - 1, [subject, child, agent.launch('ls', 4003, [shell, 1])])
    const id = (await server.running.services.state.of(DEFAULT_TENANT).alerts.list({ search: '--page' }))[0]
      ?.id
    const { data, errors } = await ask(
      `query AlertPage($id: ID!) {
        alert(id: $id) {
          id title severity status verdict assignee time last_seen count host host_id entity risk event_count aggregate
          techniques { id name tactics }
          rule { id title type severity explanation false_positives risk_points file }
          process { uid pid name path cmd_line user created }
          ancestry { uid pid name cmd_line user }
          matches { event_id field value start length }
          events { event_id event_type timestamp summary data }
          risk_ledger { time points reason alert_id }
          incident { id title severity status alert_count timeline { time actor action text } }
          process_tree {
            kind depth time text is_subject ended alert_id event_id
            process { uid pid name path cmd_line user created }
            marks { start length }
          }
          similar { id title severity status time host rule { title } }
          responses { id action outcome summary time actor undo lease_ends affected { pid name } }
          surroundings { time events alerts }
        }
      }`,
      { id },
    )
    expect(errors).toBeUndefined()
    const { alert } = data as unknown as { alert: Record<string, never[]> }
    const tree = alert['process_tree'] as unknown as Record<string, unknown>[]
    expect(
      tree.map(({ depth, process, is_subject: isSubject }) => [
        depth,
        (process as { cmd_line: string }).cmd_line,
        isSubject,
      ]),
    ).toEqual([
      [0, 'bash', false],
      [1, 'bash', false],
      [2, 'attack-of-the-tests --page', true],
      [3, 'id', false],
      [2, 'ls', false],
    ])
    expect(tree[2]?.['marks']).toEqual([{ start: 0, length: 'attack-of-the-tests'.length }])
    expect(alert['surroundings']).toHaveLength(120)
    const alertsAround = (alert['surroundings'] as unknown as { alerts: number }[]).reduce(
      (sum, slot) => sum + slot.alerts,
      0,
    )
    expect(alertsAround).toBeGreaterThan(0)
    expect(alert['risk_ledger']).not.toEqual([])
  })

  test('the overview says how things stand', async () => {
    const { data, errors } = await ask(`{ overview {
      sentence open_alerts open_incidents hosts hosts_reporting events_lost
      event_rate { time events alerts } alerts_by_severity { severity count }
      recent_alerts { title } recent_incidents { title }
    } }`)
    expect(errors).toBeUndefined()
    expect(data).toMatchObject({
      overview: {
        hosts: 1,
        hosts_reporting: 1,
        sentence: expect.stringContaining('the one host reports; nothing lost'),
      },
    })
    const { overview } = data as unknown as { overview: { event_rate: { events: number }[] } }
    expect(overview.event_rate.length).toBeGreaterThanOrEqual(60)
    expect(overview.event_rate.reduce((sum, { events }) => sum + events, 0)).toBeGreaterThan(0)
  })

  test('hosts tell what they cannot see', async () => {
    const { data } = await ask(
      '{ hosts { id hostname state parts { name lost } blind_spots { code } open_alerts } }',
    )
    expect(data).toMatchObject({
      hosts: [{ id: AGENT, hostname: 'web-1', state: 'reporting', blind_spots: [{ code: 'no-kprobes' }] }],
    })
  })

  test.each([
    ['limit 0', '{ events(limit: 0) { event_id } }'],
    ['limit 1001', '{ events(limit: 1001) { event_id } }'],
    ['an offset below 0', '{ analytics_alerts(offset: -1) { id } }'],
    ['a kind that is none', '{ events(event_type: "shell") { event_id } }'],
    ['a severity that is none', '{ incidents(severity: "worst") { id } }'],
    ['a date that is none', '{ events(since: "yesterday") { event_id } }'],
    ['a field that is none', '{ events { password } }'],
    ['a search that is too long', `{ events(search: "${'x'.repeat(1001)}") { event_id } }`],
    ['what is no GraphQL', '{ events('],
  ])('%s is bad input', async (_name, query) => {
    expect(codesOf(await ask(query))).toEqual(['bad-input'])
  })

  test('what is not there is null', async () => {
    const { data } = await ask(
      '{ alert(id: "x") { id } incident(id: "x") { id } host(id: "x") { id } event(event_id: "x") { event_id } }',
    )
    expect(data).toEqual({ alert: null, incident: null, host: null, event: null })
  })
})

describe('mutations', () => {
  test('the example of the founding document, and its incident’s life', async () => {
    const { data, errors } = await ask(`mutation CreateIncident {
      createIncident(title: "Suspicious Network Activity", description: "Multiple connection attempts detected", severity: "high") {
        id title status created_at
      }
    }`)
    expect(errors).toBeUndefined()
    const { createIncident: made } = data as unknown as { createIncident: { id: string; status: string } }
    expect(made.status).toBe('open')
    expect(
      codesOf(await ask(`mutation { assignIncident(id: "${made.id}", user: "nobody-here") { id } }`)),
    ).toEqual(['bad-input'])
    const closed = await ask(
      `mutation { closeIncident(id: "${made.id}", resolution: "A test") { status resolution timeline { actor action } } }`,
    )
    expect(closed.data).toMatchObject({
      closeIncident: {
        status: 'closed',
        resolution: 'A test',
        timeline: [{ actor: 'cli', action: 'created' }, { action: 'closed' }],
      },
    })
    expect(
      codesOf(await ask(`mutation { closeIncident(id: "${made.id}", resolution: "again") { id } }`)),
    ).toEqual(['not-open'])
  })

  test('an alert is acknowledged and resolved, and both are on record before', async () => {
    const id = await newAlert()
    expect((await ask(`mutation { acknowledgeAlert(id: "${id}") { status assignee } }`)).data).toEqual({
      acknowledgeAlert: { status: 'acknowledged', assignee: 'cli' },
    })
    expect(
      (await ask(`mutation { resolveAlert(id: "${id}", verdict: "benign") { status verdict } }`)).data,
    ).toEqual({
      resolveAlert: { status: 'resolved', verdict: 'benign' },
    })
    const records = []
    for await (const { actor, action, target, outcome } of server.running.services.auditLog.records()) {
      if (target === `alert ${id}`) records.push(`${actor} ${action} ${outcome}`)
    }
    expect(records).toEqual([
      'cli alert.acknowledge intended',
      'cli alert.acknowledge done',
      'cli alert.resolve intended',
      'cli alert.resolve done',
    ])
    expect(codesOf(await ask('mutation { acknowledgeAlert(id: "none") { id } }'))).toEqual(['not-found'])
  })

  test('nothing is done that cannot be written down', async () => {
    const id = await newAlert()
    const { auditLog } = server.running.services
    const append = auditLog.append.bind(auditLog)
    auditLog.append = async () => {
      throw new Error('no space')
    }
    try {
      expect(codesOf(await ask(`mutation { acknowledgeAlert(id: "${id}") { id } }`))).toEqual([
        'audit-failed',
      ])
      const { data } = await ask('{ system_health { status checks { name status } } }')
      expect(data).toMatchObject({ system_health: { status: 'unhealthy' } })
      expect((await fetch(`${server.url}/health/audit_log`)).status).toBe(503)
    } finally {
      auditLog.append = append
    }
    expect((await ask(`{ alert(id: "${id}") { status } }`)).data).toEqual({ alert: { status: 'open' } })
    await ask(`mutation { acknowledgeAlert(id: "${id}") { id } }`)
    expect((await fetch(`${server.url}/health/audit_log`)).status).toBe(200)
  })

  test.each([
    ['viewer', 'mutation { createIncident(title: "x", severity: "low") { id } }'],
    ['viewer', 'mutation { acknowledgeAlert(id: "x") { id } }'],
    [
      'viewer',
      'mutation { executeResponse(input: { action: "kill", host: "x", pid: 2, reason: "x" }, execute: true) { id } }',
    ],
  ] as const)('a %s may not %s', async (role, query) => {
    expect(codesOf(await ask(query, {}, await server.token(role)))).toEqual(['forbidden'])
  })
})

describe('responses', () => {
  const input = { action: 'freeze', host: AGENT, pid: 4001, reason: 'a test', lease_seconds: 60 }
  const query = `mutation ($input: ResponseInput!) { executeResponse(input: $input, execute: true) {
    id action host outcome summary actor reason undo lease_ends affected { pid name cmd_line protected_because }
  } }`

  async function answering(outcome: string, work: () => Promise<Answer>) {
    agent.messages.length = 0
    const answer = work()
    const asked = await agent.until(({ type }) => type === 'respond')
    if (asked.type !== 'respond') throw new TypeError('not a request')
    agent.send({
      type: 'response',
      result: {
        id: asked.request.id,
        agent: AGENT,
        action: asked.request.action,
        outcome,
        summary: 'curl was frozen',
        affected: [{ uid: 'x', pid: 4001, name: 'curl', cmdLine: 'curl', user: 'root' }],
        undo: 'thaw',
        leaseEnds: Date.now() + 60_000,
        time: Date.now(),
      },
    })
    return { asked: asked.request, answer: await answer }
  }

  test('a preview asks the agent and changes nothing', async () => {
    const { asked, answer } = await answering('preview', () =>
      ask(
        'mutation ($input: ResponseInput!) { previewResponse(input: $input) { outcome affected { pid } } }',
        { input },
      ),
    )
    expect(asked).toMatchObject({ execute: false, target: { pid: 4001 }, leaseMs: 60_000, actor: 'cli' })
    expect(answer.data).toEqual({ previewResponse: { outcome: 'preview', affected: [{ pid: 4001 }] } })
    expect((await ask('{ responses { id } }')).data).toEqual({ responses: [] })
  })

  test('an action is on record before it is asked for, and kept', async () => {
    const { asked, answer } = await answering('done', () =>
      ask(query, { input: { ...input, host: 'web-1' } }),
    )
    expect(asked.execute).toBe(true)
    expect(answer.data).toMatchObject({
      executeResponse: { outcome: 'done', undo: 'thaw', host: 'web-1', reason: 'a test' },
    })
    expect((await ask('{ responses { id outcome } }')).data).toEqual({
      responses: [{ id: asked.id, outcome: 'done' }],
    })
    agent.send({
      type: 'response',
      result: {
        id: asked.id,
        agent: AGENT,
        action: 'freeze',
        outcome: 'undone',
        summary: 'The lease ended',
        affected: [],
        time: Date.now(),
      },
    })
    await expect
      .poll(async () => (await ask('{ responses { outcome reason } }')).data)
      .toEqual({
        responses: [{ outcome: 'undone', reason: 'a test' }],
      })
  })

  test('policy in dry run keeps what it would have done, once', async () => {
    const { state } = server.running.services
    agent.messages.length = 0
    await attack('worst-of-the-tests', 7001, [7000, 1])
    await attack('attack-of-the-tests-too', 7001, [7000, 1])
    const asked = await agent.until(({ type }) => type === 'respond')
    if (asked.type !== 'respond') throw new TypeError('not a request')
    expect(asked.request).toMatchObject({
      action: 'freeze',
      execute: false,
      actor: 'vedette',
      target: { pid: 7001, startTicks: 7001 },
    })
    agent.send({
      type: 'response',
      result: {
        id: asked.request.id,
        agent: AGENT,
        action: 'freeze',
        outcome: 'preview',
        summary: 'Would freeze 1 process',
        affected: [],
        time: Date.now(),
      },
    })
    const kept = async () =>
      (await state.of(DEFAULT_TENANT).responses.list({})).filter(({ actor }) => actor === 'vedette')
    await expect.poll(kept).toMatchObject([{ outcome: 'would_have', alert: asked.request.alert }])
    expect(agent.messages.filter(({ type }) => type === 'respond')).toHaveLength(1)
  })

  test.each([
    [{ action: 'rm' }, 'bad-input'],
    [{ pid: 0 }, 'bad-input'],
    [{ pid: -1 }, 'bad-input'],
    [{ start_ticks: 1.5 }, 'bad-input'],
    [{ lease_seconds: 0 }, 'bad-input'],
    [{ lease_seconds: 86_401 }, 'bad-input'],
    [{ reason: ' ' }, 'bad-input'],
    [{ host: 'other' }, 'not-found'],
    [{ alert_id: 'none' }, 'not-found'],
  ])('%j is refused with %s', async (change, code) => {
    expect(codesOf(await ask(query, { input: { ...input, ...change } }))).toEqual([code])
  })

  test('watchPath() tells the agent', async () => {
    agent.messages.length = 0
    const { data } = await ask(`mutation { watchPath(host: "${AGENT}", path: "/tmp/x", lease_seconds: 5) }`)
    expect(data).toEqual({ watchPath: true })
    expect(await agent.until(({ type }) => type === 'watch')).toEqual({
      type: 'watch',
      path: '/tmp/x',
      leaseMs: 5000,
      actor: 'cli',
    })
    for (const path of ['relative', '/x\u0000y']) {
      expect(
        codesOf(await ask('mutation ($p: String!) { watchPath(host: "agent-1", path: $p) }', { p: path })),
      ).toEqual(['bad-input'])
    }
  })
})

describe('what is refused before any resolver', () => {
  const nest = (depth: number) =>
    `{ incidents { ${'alerts { incident { '.repeat(depth)} id ${'} } '.repeat(depth)} } }`

  test.each([
    ['too deep', nest(6), 'bad-input'],
    [
      'too many aliases',
      `{ ${Array.from({ length: 51 }, (_, i) => `a${i}: me { id }`).join(' ')} }`,
      'bad-input',
    ],
    ['too costly', '{ analytics_alerts(limit: 1000) { process_tree { depth } } }', 'too-expensive'],
    ['too long', `{ ${'me { id } '.repeat(1000)} }`, 'bad-input'],
    [
      'fragments in a circle',
      'query { me { ...a } } fragment a on User { ...b } fragment b on User { ...a }',
      'bad-input',
    ],
  ])('%s', async (_name, query, code) => {
    const answer = await ask(query)
    expect(codesOf(answer)).toContain(code)
    expect(answer.data ?? undefined).toBeUndefined()
  })

  test('a batch of more than ten, while ten are answered', async () => {
    const ten = Array.from({ length: 10 }, () => ({ query: '{ me { name } }' }))
    expect(await ask(ten)).toHaveLength(10)
    expect(codesOf(await ask([...ten, ...ten]))).toEqual(['bad-input'])
  })

  test('reading the schema is for admins', async () => {
    const query = '{ __schema { types { name } } }'
    expect((await ask(query)).errors).toBeUndefined()
    for (const role of ['analyst', 'viewer'] as const) {
      expect(codesOf(await ask(query, {}, await server.token(role)))).toContain('bad-input')
    }
    // One’s permission does not serve another: the same text again.
    expect((await ask(query)).errors).toBeUndefined()
  })

  test.each(['text/event-stream', 'multipart/mixed'])('a subscription over HTTP as %s', async (accept) => {
    const response = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept, authorization: `Bearer ${server.cliToken}` },
      body: JSON.stringify({ query: 'subscription { newAlerts { id } }' }),
    })
    expect(response.headers.get('content-type')).toContain('application/json')
    expect(codesOf((await response.json()) as Answer)).toEqual(['bad-input'])
  })

  test('what fails inside is not told, but can be found in the log', async () => {
    const { events } = server.running.services
    const of = events.of.bind(events)
    events.of = () => {
      throw new Error('password=hunter2 at /var/lib/secret')
    }
    const answer = await ask('{ me { name } }').finally(() => {
      events.of = of
    })
    expect(JSON.stringify(answer)).not.toMatch(/hunter2|secret/)
    expect(codesOf(answer)).toEqual(['internal'])
  })
})

describe('subscriptions', () => {
  const newAlerts = graphql(`
    subscription {
      newAlerts {
        id
        title
        severity
      }
    }
  `)

  test('tell a new alert once it is stored', async () => {
    using api = client()
    const stop = new AbortController()
    const seen = api.subscribe(newAlerts, {}, stop.signal)[Symbol.asyncIterator]()
    const first = seen.next()
    await expect.poll(() => server.running.services.openSockets.size).toBeGreaterThan(0)
    await new Promise((resolve) => setTimeout(resolve, 100))
    await attack('attack-of-the-tests-live')
    const { value } = await first
    expect(value).toMatchObject({ newAlerts: { severity: 'high' } })
    stop.abort()
    expect(await seen.next()).toEqual({ done: true, value: undefined })
  })

  test('tell the changes of one incident and not of others', async () => {
    const created = await client().mutate(
      graphql(`
        mutation ($title: String!) {
          createIncident(title: $title, severity: "low") {
            id
          }
        }
      `),
      { title: 'one' },
    )
    using api = client()
    const stop = new AbortController()
    const incidentUpdates = graphql(`
      subscription ($id: ID) {
        incidentUpdates(incident_id: $id) {
          title
          status
        }
      }
    `)
    const live = api.subscribe(incidentUpdates, { id: created.createIncident.id }, stop.signal)
    const updates = live[Symbol.asyncIterator]()
    const first = updates.next()
    await new Promise((resolve) => setTimeout(resolve, 200))
    await ask('mutation { createIncident(title: "two", severity: "low") { id } }')
    await ask(`mutation { closeIncident(id: "${created.createIncident.id}", resolution: "done") { id } }`)
    expect((await first).value).toEqual({ incidentUpdates: { title: 'one', status: 'closed' } })
    stop.abort()
  })

  test('a tenant hears of its own alone', async () => {
    const other = '00000000-0000-4000-8000-000000000002' as TenantId
    using stranger = client(await server.token('admin', other))
    const stop = new AbortController()
    const seen = stranger.subscribe(newAlerts, {}, stop.signal)[Symbol.asyncIterator]()
    const first = seen.next()
    await expect.poll(() => server.running.services.openSockets.size).toBeGreaterThan(0)
    await new Promise((resolve) => setTimeout(resolve, 100))
    await attack('attack-of-the-tests-secret')
    stop.abort()
    expect(await first).toEqual({ done: true, value: undefined })
  })

  test('leave nothing behind when they end, though nothing happens', async () => {
    const { bus } = server.running.services
    const subscribe = bus.subscribe.bind(bus)
    let ended: AbortSignal | undefined
    bus.subscribe = (topic, options, signal) => {
      ended = signal
      return subscribe(topic, options, signal)
    }
    using api = client()
    const stop = new AbortController()
    const seen = api.subscribe(newAlerts, {}, stop.signal)[Symbol.asyncIterator]()
    const first = seen.next()
    await expect.poll(() => ended?.aborted).toBe(false)
    stop.abort()
    await first
    await expect.poll(() => ended?.aborted).toBe(true)
    bus.subscribe = subscribe
  })

  test('one who is too slow is told what was lost', async () => {
    const { bus } = server.running.services
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws')
    const messages: { type: string; payload?: Answer }[] = []
    socket.on('message', (data) => messages.push(JSON.parse((data as Buffer).toString()) as never))
    await new Promise((resolve) => socket.once('open', resolve))
    socket.send(
      JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${server.cliToken}` } }),
    )
    await expect.poll(() => messages.length).toBe(1)
    socket.send(
      JSON.stringify({ type: 'subscribe', id: '1', payload: { query: 'subscription { newAlerts { id } }' } }),
    )
    await new Promise((resolve) => setTimeout(resolve, 100))
    const [alert] = await server.running.services.state.of(DEFAULT_TENANT).alerts.list({})
    if (!alert) throw new TypeError('no alert')
    for (let i = 0; i < 3000; i += 1) bus.publish('alert', { ...alert, id: `flood-${i}` as never })
    await expect
      .poll(() => messages.find(({ payload }) => payload?.errors)?.payload?.errors?.[0]?.extensions)
      .toEqual({
        code: 'subscription-lagging',
        lost: expect.any(Number),
      })
    socket.terminate()
  })

  async function closeCode(init: object, headers: Record<string, string> = {}): Promise<number> {
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', {
      headers,
    })
    socket.on('error', () => undefined)
    socket.on('open', () => socket.send(JSON.stringify({ type: 'connection_init', payload: init })))
    return new Promise((resolve) => {
      socket.on('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0))
      socket.on('close', (code) => resolve(code))
    })
  }

  test('need somebody', async () => {
    expect(await closeCode({})).toBe(4401)
    expect(await closeCode({ authorization: 'Bearer nonsense-nonsense-nonsense' })).toBe(4401)
    expect(await closeCode({ authorization: { toString: 'x' } })).toBe(4401)
  })

  test('are not for pages of other origins', async () => {
    expect(await closeCode({}, { origin: 'http://evil.example' })).toBe(403)
    expect(await closeCode({}, { cookie: 'vedette=x' })).toBe(403)
  })

  test('end when the session does: signed out here, revoked elsewhere, expired', async () => {
    const signIn = createSignIn(server.url)
    await signIn.setUp({ token: server.setupToken, name: 'anna', password: PASSWORD })
    const { sessions, state, openSockets } = server.running.services
    const account = await state.of(DEFAULT_TENANT).accounts.byName('anna')
    if (!account) throw new TypeError('no account')

    const openOne = async () => {
      const { viewer, cookie } = await sessions.open(account)
      const socket = new WebSocket(`${server.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', {
        headers: { cookie: cookie.split(';')[0] ?? '', origin: server.url },
      })
      const closed = new Promise<number>((resolve) => socket.once('close', resolve))
      await new Promise((resolve) => socket.once('open', resolve))
      socket.send(JSON.stringify({ type: 'connection_init' }))
      await new Promise((resolve) => socket.once('message', resolve))
      return { viewer, cookie: cookie.split(';')[0] ?? '', closed }
    }

    const here = await openOne()
    await fetch(`${server.url}/auth/sign-out`, {
      method: 'POST',
      headers: { cookie: here.cookie, origin: server.url, 'content-type': 'application/json' },
      body: '{}',
    })
    expect(await here.closed).toBe(4401)

    const elsewhere = await openOne()
    const start = Date.now()
    await state.of(DEFAULT_TENANT).sessions.revoke(elsewhere.viewer.credential.hash)
    expect(await elsewhere.closed).toBe(4401)
    expect(Date.now() - start).toBeLessThan(5000)

    const old = await openOne()
    clock.forward(13 * 3_600_000)
    await openSockets.check()
    expect(await old.closed).toBe(4401)
  })
})

test('a session that is used lives on', async () => {
  const { sessions, state } = server.running.services
  const account = await state.of(DEFAULT_TENANT).accounts.byName('anna')
  if (!account) throw new TypeError('no account')
  const { cookie } = await sessions.open(account)
  const use = () => fetch(`${server.url}/auth/state`, { headers: { cookie: cookie.split(';')[0] ?? '' } })
  expect((await use()).headers.getSetCookie()).toEqual([])
  clock.forward(7 * 3_600_000)
  expect((await use()).headers.getSetCookie()[0]).toContain('Max-Age=43200')
  clock.forward(7 * 3_600_000)
  expect(await (await use()).json()).toMatchObject({ user: { name: 'anna' } })
})

test('a host that tells nothing any more is silent', async () => {
  using late = await TestAgent.connect(server.url, server.agentCredential)
  const state = async () => (await ask('{ hosts { state } overview { sentence } }')).data
  expect(await state()).toMatchObject({ hosts: [{ state: 'reporting' }] })
  clock.forward(26_000)
  expect(await state()).toMatchObject({
    hosts: [{ state: 'silent' }],
    overview: { sentence: expect.stringContaining('the one host is silent') },
  })
  late.send({ type: 'report', report })
  await expect.poll(async () => JSON.stringify(await state())).toContain('reporting')
})

test('the client tells faults with their codes', async () => {
  const query = graphql(`
    {
      me {
        name
        role
      }
    }
  `)
  expect(await client().query(query)).toEqual({ me: { name: 'cli', role: 'admin' } })
  await expect(client('x'.repeat(43)).query(query)).rejects.toMatchObject({
    code: 'unauthenticated',
    status: 401,
  })
  const away = createClient({ url: 'http://127.0.0.1:9', token: 'x' })
  await expect(away.query(query)).rejects.toSatisfy(
    (error) => error instanceof ApiError && error.code === 'unreachable',
  )
})
