import { DEFAULT_TENANT } from '@vedette/model'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Answer, Caller, codesOf } from '../testing/caller.ts'
import { TestAgent } from '../testing/test-agent.ts'
import { AGENT, openTestServer, type TestServer } from '../testing/test-server.ts'

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

describe('mutations', () => {
  test('the example of the founding document, and its incident’s life', async () => {
    const { data, errors } = await caller.ask(`mutation CreateIncident {
      createIncident(title: "Suspicious Network Activity", description: "Multiple connection attempts detected", severity: "high") {
        id title status created_at
      }
    }`)
    expect(errors).toBeUndefined()
    const { createIncident: made } = data as unknown as { createIncident: { id: string; status: string } }
    expect(made.status).toBe('open')
    expect(
      codesOf(await caller.ask(`mutation { assignIncident(id: "${made.id}", user: "nobody-here") { id } }`)),
    ).toEqual(['bad-input'])
    const closed = await caller.ask(
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
      codesOf(await caller.ask(`mutation { closeIncident(id: "${made.id}", resolution: "again") { id } }`)),
    ).toEqual(['not-open'])
  })

  test('an alert is acknowledged and resolved, and both are on record before', async () => {
    const id = await caller.newAlert()
    expect((await caller.ask(`mutation { acknowledgeAlert(id: "${id}") { status assignee } }`)).data).toEqual(
      {
        acknowledgeAlert: { status: 'acknowledged', assignee: 'cli' },
      },
    )
    expect(
      (await caller.ask(`mutation { resolveAlert(id: "${id}", verdict: "benign") { status verdict } }`)).data,
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
    expect(codesOf(await caller.ask('mutation { acknowledgeAlert(id: "none") { id } }'))).toEqual([
      'not-found',
    ])
  })

  test('nothing is done that cannot be written down', async () => {
    const id = await caller.newAlert()
    const { auditLog } = server.running.services
    const append = auditLog.append.bind(auditLog)
    auditLog.append = async () => {
      throw new Error('no space')
    }
    try {
      expect(codesOf(await caller.ask(`mutation { acknowledgeAlert(id: "${id}") { id } }`))).toEqual([
        'audit-failed',
      ])
      const { data } = await caller.ask('{ system_health { status checks { name status } } }')
      expect(data).toMatchObject({ system_health: { status: 'unhealthy' } })
      expect((await fetch(`${server.url}/health/audit_log`)).status).toBe(503)
    } finally {
      auditLog.append = append
    }
    expect((await caller.ask(`{ alert(id: "${id}") { status } }`)).data).toEqual({
      alert: { status: 'open' },
    })
    await caller.ask(`mutation { acknowledgeAlert(id: "${id}") { id } }`)
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
    expect(codesOf(await caller.ask(query, {}, await server.token(role)))).toEqual(['forbidden'])
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
      caller.ask(
        'mutation ($input: ResponseInput!) { previewResponse(input: $input) { outcome affected { pid } } }',
        { input },
      ),
    )
    expect(asked).toMatchObject({ execute: false, target: { pid: 4001 }, leaseMs: 60_000, actor: 'cli' })
    expect(answer.data).toEqual({ previewResponse: { outcome: 'preview', affected: [{ pid: 4001 }] } })
    expect((await caller.ask('{ responses { id } }')).data).toEqual({ responses: [] })
  })

  test('an action is on record before it is asked for, and kept', async () => {
    const { asked, answer } = await answering('done', () =>
      caller.ask(query, { input: { ...input, host: 'web-1' } }),
    )
    expect(asked.execute).toBe(true)
    expect(answer.data).toMatchObject({
      executeResponse: { outcome: 'done', undo: 'thaw', host: 'web-1', reason: 'a test' },
    })
    expect((await caller.ask('{ responses { id outcome } }')).data).toEqual({
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
      .poll(async () => (await caller.ask('{ responses { outcome reason } }')).data)
      .toEqual({
        responses: [{ outcome: 'undone', reason: 'a test' }],
      })
  })

  test('policy in dry run keeps what it would have done, once', async () => {
    const { state } = server.running.services
    agent.messages.length = 0
    await caller.attack('worst-of-the-tests', 7001, [7000, 1])
    await caller.attack('attack-of-the-tests-too', 7001, [7000, 1])
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
    expect(codesOf(await caller.ask(query, { input: { ...input, ...change } }))).toEqual([code])
  })

  test('watchPath() tells the agent', async () => {
    agent.messages.length = 0
    const { data } = await caller.ask(
      `mutation { watchPath(host: "${AGENT}", path: "/tmp/x", lease_seconds: 5) }`,
    )
    expect(data).toEqual({ watchPath: true })
    expect(await agent.until(({ type }) => type === 'watch')).toEqual({
      type: 'watch',
      path: '/tmp/x',
      leaseMs: 5000,
      actor: 'cli',
    })
    for (const path of ['relative', '/x\u0000y']) {
      expect(
        codesOf(
          await caller.ask('mutation ($p: String!) { watchPath(host: "agent-1", path: $p) }', { p: path }),
        ),
      ).toEqual(['bad-input'])
    }
  })
})
