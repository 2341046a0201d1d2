import { ApiError, createClient, graphql } from '@vedette/client'
import { DEFAULT_TENANT } from '@vedette/model'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Caller, codesOf } from '../testing/caller.ts'
import { report, TestAgent } from '../testing/test-agent.ts'
import { MovedClock } from '../testing/test-clock.ts'
import { AGENT, openTestServer, type TestServer } from '../testing/test-server.ts'

let server: TestServer
let agent: TestAgent
let caller: Caller
const clock = new MovedClock()

beforeAll(async () => {
  server = await openTestServer({ clock })
  agent = await TestAgent.connect(server.url, server.agentCredential)
  caller = new Caller(server, agent)
})
afterAll(async () => {
  agent[Symbol.dispose]()
  await server[Symbol.asyncDispose]()
})

const client = (token = server.cliToken) => createClient({ url: server.url, token })

describe('queries', () => {
  test('the example of the founding document', async () => {
    await caller.attack('ls -l')
    const answer = await caller.ask(`query GetEvents {
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
    const { data, errors } = await caller.ask(`{
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
      'indicators healthy',
      'agents healthy',
      'host_resources healthy',
      'losses healthy',
      'books healthy',
      expect.stringMatching(/^disk /),
    ])
  })

  test('how the hosts are doing, in full and of all of them', async () => {
    const { data, errors } = await caller.ask(`{
      hosts { usage { time cpu_percent load_1m memory_total_bytes memory_available_bytes disk_total_bytes disk_free_bytes } }
      analytics_metrics { cpu_percent memory_percent disk_percent }
    }`)
    expect(errors).toBeUndefined()
    expect(data).toEqual({
      hosts: [
        {
          usage: {
            time: '2023-11-14T22:13:20.000Z',
            cpu_percent: 12.5,
            load_1m: 0.25,
            memory_total_bytes: 8_000_000_000,
            memory_available_bytes: 2_000_000_000,
            disk_total_bytes: 100_000_000_000,
            disk_free_bytes: 60_000_000_000,
          },
        },
      ],
      analytics_metrics: { cpu_percent: 12.5, memory_percent: 75, disk_percent: 40 },
    })
    const headers = { authorization: `Bearer ${server.cliToken}` }
    const figures = await (await fetch(`${server.url}/metrics`, { headers })).text()
    expect(figures).toContain(`vedette_host_cpu_percent{agent="${AGENT}"} 12.5`)
    expect(figures).toContain(`vedette_host_disk_free_bytes{agent="${AGENT}"} 60000000000`)
  })

  test('a host that is nearly out of memory or disk is said', async () => {
    const told = async (usage: Record<string, number>) => {
      agent.send({ type: 'report', report: { ...report, usage: { ...report.usage, ...usage } } })
      const hosts = async () =>
        JSON.stringify(await caller.ask('{ hosts { usage { memory_available_bytes disk_free_bytes } } }'))
      await expect.poll(hosts).toContain(String(Object.values(usage)[0]))
      return (await fetch(`${server.url}/health/host_resources`)).json()
    }
    const short = { status: 'degraded', value: '0/1' }
    expect(await told({ memoryAvailableBytes: 424_242 })).toMatchObject(short)
    expect(await told({ diskFreeBytes: 535_353 })).toMatchObject(short)
    expect(await told({ diskFreeBytes: 6_000_000_000 })).toMatchObject({ status: 'healthy' })
    agent.send({ type: 'report', report })
  })

  test('everything that the alert’s page asks for, in one operation', async () => {
    const shell = 4000
    await caller.store(agent.launch('bash', shell, [1]))
    const subject = agent.launch('attack-of-the-tests --page', 4001, [shell, 1])
    const child = agent.launch('id', 4002, [4001, shell, 1])
    await caller.store(subject, child, agent.launch('ls', 4003, [shell, 1]))
    const id = (await server.running.services.state.of(DEFAULT_TENANT).alerts.list({ search: '--page' }))[0]
      ?.id
    const { data, errors } = await caller.ask(
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
    const { data, errors } = await caller.ask(`{ overview {
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
    const { data } = await caller.ask(
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
    expect(codesOf(await caller.ask(query))).toEqual(['bad-input'])
  })

  test('what is not there is null', async () => {
    const { data } = await caller.ask(
      '{ alert(id: "x") { id } incident(id: "x") { id } host(id: "x") { id } event(event_id: "x") { event_id } }',
    )
    expect(data).toEqual({ alert: null, incident: null, host: null, event: null })
  })
})

test('a host that tells nothing any more is silent', async () => {
  using late = await TestAgent.connect(server.url, server.agentCredential)
  const state = async () => (await caller.ask('{ hosts { state } overview { sentence } }')).data
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
