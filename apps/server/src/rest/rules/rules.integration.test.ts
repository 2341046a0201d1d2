import type { TenantId } from '@vedette/model'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Caller, codesOf } from '../../testing/caller.ts'
import { TestAgent } from '../../testing/test-agent.ts'
import { openTestServer, type TestServer } from '../../testing/test-server.ts'

const OTHER = '00000000-0000-4000-8000-000000000002' as TenantId
const rule = (word: string, id: string, level = 'high') => `title: The word ${word}
id: ${id}
logsource: { category: process_creation, product: linux }
detection:
  selection: { CommandLine|contains: ${word} }
  condition: selection
level: ${level}
`
const FIRST = '11111111-0000-4000-8000-000000000001'
const SECOND = '11111111-0000-4000-8000-000000000002'

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

async function post(
  path: string,
  body: object,
  token = server.cliToken,
): Promise<{ status: number; body: Body }> {
  const response = await fetch(`${server.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify(body),
  })
  return { status: response.status, body: (await response.json()) as Body }
}

interface Body {
  readonly error?: { readonly code: string; readonly message: string }
  readonly [key: string]: unknown
}

/** Titles of the rules whose alerts name a command line. */
async function alertsOf(command: string): Promise<string[]> {
  const { data } = await caller.ask(
    'query ($s: String) { analytics_alerts(search: $s) { rule { title } } }',
    {
      s: command,
    },
  )
  const { analytics_alerts: alerts } = data as unknown as { analytics_alerts: { rule: { title: string } }[] }
  return alerts.map(({ rule: { title } }) => title)
}

/** Detections of a rule so far: alerts and their repeats. */
async function detectionsOf(id: string): Promise<number> {
  const { data } = await caller.ask('query ($s: String) { analytics_alerts(search: $s) { count } }', {
    s: id,
  })
  const { analytics_alerts: alerts } = data as unknown as { analytics_alerts: { count: number }[] }
  return alerts.reduce((sum, { count }) => sum + count, 0)
}

async function launch(command: string): Promise<void> {
  await caller.store(agent.launch(command))
}

const pack = (...texts: string[]) => ({
  name: 'mine',
  source: '/somewhere/mine',
  files: texts.map((text, index) => ({ file: `rules/${index}.yml`, text })),
})

describe('installed rules', () => {
  test('are tried on what is stored before they are used', async () => {
    await launch('wombat --first')
    await launch('wombat --second')
    const since = new Date(Date.now() - 3_600_000).toISOString()
    const { status, body } = await post('/api/rules/plan', {
      ...pack(rule('wombat', FIRST), 'title: broken'),
      since,
    })
    expect(status).toBe(200)
    expect(body).toMatchObject({
      rules: 1,
      replaces: null,
      added_count: 2,
      problem_count: 1,
      backtest: {
        hits: 2,
        cut: false,
        rules: [
          {
            id: FIRST,
            hits: 2,
            hosts: [{ name: 'web-1', hits: 2 }],
            programs: [{ name: '/usr/bin/wombat', hits: 2 }],
          },
        ],
      },
    })
    await launch('wombat --third')
    expect(await alertsOf('wombat')).toEqual([])
  })

  test('are in force when the answer comes, in the audit log, and gone again after undo', async () => {
    expect((await post('/api/rules/install', pack(rule('wombat', FIRST)))).status).toBe(200)
    await launch('wombat --fourth')
    expect(await alertsOf('--fourth')).toEqual(['The word wombat'])

    const { body } = await post('/api/rules/plan', pack(rule('wombat', FIRST, 'low'), rule('quokka', SECOND)))
    expect(body).toMatchObject({
      replaces: { name: 'mine', number: 1 },
      added: [{ id: SECOND }],
      changed: [{ id: FIRST, changes: [{ field: 'level', before: '"high"', after: '"low"' }] }],
    })
    await post('/api/rules/install', pack(rule('quokka', SECOND)))
    await launch('wombat with a quokka --fifth')
    expect(await alertsOf('--fifth')).toEqual(['The word quokka'])

    expect((await caller.ask('mutation { undoRules { action } }')).data).toEqual({
      undoRules: { action: 'install mine' },
    })
    await launch('wombat with a quokka --sixth')
    expect([await detectionsOf(FIRST), await detectionsOf(SECOND)]).toEqual([2, 1])
    await caller.ask('mutation { undoRules { action } }')
    await launch('wombat with a quokka --seventh')
    expect([await detectionsOf(FIRST), await detectionsOf(SECOND)]).toEqual([2, 1])
    expect(codesOf(await caller.ask('mutation { undoRules { action } }'))).toEqual(['not-found'])
    const acts: string[] = []
    for await (const { action, outcome } of server.running.services.auditLog.records())
      acts.push(`${action} ${outcome}`)
    expect(acts).toContain('rules.install intended')
    expect(acts).toContain('rules.undo done')
  })

  test('without one that loads are refused, and nothing changes', async () => {
    const { status, body } = await post('/api/rules/install', pack('title: nothing in it'))
    expect([status, body.error?.code]).toEqual([400, 'bad-input'])
    expect(body.error?.message).toContain('Not one of these rules')
    expect((await caller.ask('{ rule_packs { number } }')).data).toEqual({ rule_packs: [] })
    for (const wrong of [
      { name: '../x', source: 'x', files: [] },
      { ...pack('title: x'), name: '../../etc' },
    ]) {
      expect((await post('/api/rules/install', wrong)).status).toBe(400)
    }
  })

  test("are an engineer's matter, and of the house's own tenant", async () => {
    const analyst = await server.token('analyst')
    expect((await post('/api/rules/install', pack(rule('wombat', FIRST)), analyst)).status).toBe(403)
    expect((await post('/api/rules/plan', pack(rule('wombat', FIRST)), analyst)).status).toBe(200)
    const stranger = await server.token('admin', OTHER)
    expect((await post('/api/rules/install', pack(rule('wombat', FIRST)), stranger)).status).toBe(403)
    expect(
      (
        await post(
          '/api/rules/backtest',
          { files: pack('x').files, since: new Date().toISOString() },
          stranger,
        )
      ).status,
    ).toBe(403)
    for (const query of ['{ rules { id } }', '{ exceptions { id } }', '{ rule_packs { number } }']) {
      expect(codesOf(await caller.ask(query, {}, stranger))).toEqual(['forbidden'])
    }
  })
})

test('an exception lasts through a restart of the rules, and what is not like it is told', async () => {
  const id = await caller.newAlert()
  const preview =
    '{ exception_preview(alert_id: "' + id + '") { fields { name value chosen } effect { hidden alerts } } }'
  const { data } = await caller.ask(preview)
  expect(data).toMatchObject({ exception_preview: { effect: { hidden: 1 } } })
  const make = `mutation ($id: ID!) { createException(alert_id: $id, reason: "a test", fields: ["CommandLine=attack-of-the-tests*"]) { exception { id fields { name value } filter } } }`
  const made = await caller.ask(make, { id })
  expect(made.data).toMatchObject({
    createException: { exception: { fields: [{ name: 'CommandLine', value: 'attack-of-the-tests*' }] } },
  })
  const attacks = () => detectionsOf('8c7e1b5e-0000-4000-8000-000000000001')
  const before = await attacks()
  await launch('attack-of-the-tests --hidden')
  expect(await attacks()).toBe(before)
  await launch('sudo attack-of-the-tests --told')
  expect(await attacks()).toBe(before + 1)
  // Installing rules loads all of them again.
  await post('/api/rules/install', pack(rule('wombat', FIRST)))
  await launch('attack-of-the-tests --hidden-still')
  expect(await attacks()).toBe(before + 1)
  const told = await caller.ask('{ exceptions { hits last_hit fields { value } } }')
  expect(told.data).toMatchObject({
    exceptions: [{ hits: 2, last_hit: expect.any(String), fields: [{ value: 'attack-of-the-tests*' }] }],
  })
})

describe('exceptions from rules that count', () => {
  const COUNTS = '11111111-0000-4000-8000-000000000003'
  const PART = '11111111-0000-4000-8000-000000000004'
  const WHOLE = '11111111-0000-4000-8000-000000000005'
  const counting = `title: A tool is started again and again
id: ${COUNTS}
type: threshold
logsource: { category: process_creation, product: linux }
detection: { selection: { CommandLine|contains: probe }, condition: selection }
threshold: { count: 3, group_by: [process.path], window: 5m }
level: high
`
  const correlated = `title: A scan is begun
id: ${PART}
name: scan_begun
logsource: { category: process_creation, product: linux }
detection: { selection: { CommandLine|contains: scan }, condition: selection }
level: low
---
title: Scans are begun again and again
id: ${WHOLE}
correlation: { type: event_count, rules: [scan_begun], group-by: [Image], timespan: 5m, condition: { gte: 2 } }
level: high
`
  const except = (id: string) =>
    caller.ask(
      'mutation ($id: ID!) { createException(alert_id: $id, reason: "ours") { exception { rule_id fields { name value } } } }',
      { id },
    )
  const alertOf = async (ruleId: string): Promise<string> => {
    const { data } = await caller.ask('query ($s: String) { analytics_alerts(search: $s) { id } }', {
      s: ruleId,
    })
    return (data as unknown as { analytics_alerts: { id: string }[] }).analytics_alerts[0]?.id ?? ''
  }

  test('take out what is counted, by what the groups are told apart by', async () => {
    await post('/api/rules/install', { ...pack(counting, correlated), name: 'counting' })
    for (let time = 0; time < 3; time += 1) await launch('prober probe')
    expect(await detectionsOf(COUNTS)).toBe(1)
    expect((await except(await alertOf(COUNTS))).data).toMatchObject({
      createException: {
        exception: { rule_id: COUNTS, fields: [{ name: 'Image', value: '/usr/bin/prober' }] },
      },
    })
    for (let time = 0; time < 20; time += 1) await launch('prober probe')
    expect(await detectionsOf(COUNTS)).toBe(1)
    for (let time = 0; time < 3; time += 1) await launch('other probe')
    expect(await detectionsOf(COUNTS)).toBe(2)
  })

  test('what was counted stays when other rules are installed, and nothing is counted twice', async () => {
    const before = [await detectionsOf(COUNTS), await detectionsOf(WHOLE)]
    for (let time = 0; time < 2; time += 1) await launch('steady probe')
    await launch('steadier scan')
    await post('/api/rules/install', pack(rule('wombat', FIRST, 'low')))
    expect([await detectionsOf(COUNTS), await detectionsOf(WHOLE)]).toEqual(before)
    await launch('steady probe')
    await launch('steadier scan')
    expect([await detectionsOf(COUNTS), await detectionsOf(WHOLE)]).toEqual(before.map((count) => count + 1))
  })

  test('of a correlation are for the rule that it counts', async () => {
    const before = await detectionsOf(WHOLE)
    for (let time = 0; time < 2; time += 1) await launch('scanner scan')
    expect(await detectionsOf(WHOLE)).toBe(before + 1)
    expect((await except(await alertOf(WHOLE))).data).toMatchObject({
      createException: {
        exception: { rule_id: PART, fields: [{ name: 'Image', value: '/usr/bin/scanner' }] },
      },
    })
    for (let time = 0; time < 10; time += 1) await launch('scanner scan')
    expect(await detectionsOf(WHOLE)).toBe(before + 1)
  })
})

test('an explanation names the line that did not hold', async () => {
  const event = agent.launch('harmless')
  await caller.store(event)
  const { data } = await caller.ask(
    `{ explain_rule(rule_id: "8c7e1b5e-0000-4000-8000-000000000001", event_id: "${event.id}") }`,
  )
  expect(data).toMatchObject({
    explain_rule: {
      holds: false,
      condition: {
        type: 'item',
        name: 'selection',
        key: 'CommandLine|contains',
        values: [{ value: 'attack-of-the-tests', holds: false }],
        seen: [{ path: 'process.cmd_line', value: 'harmless' }],
      },
    },
  })
})
