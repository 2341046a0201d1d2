import { ApiError, createClient, graphql } from '@vedette/client'
import { DEFAULT_TENANT } from '@vedette/model'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Caller, codesOf } from '../testing/caller.ts'
import { report, TestAgent } from '../testing/test-agent.ts'
import { sampleSeen } from '../testing/sample-seen.ts'
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

  test('a host tells its pressure, its agent’s budget, its sensor, and the books of each kind', async () => {
    const [part] = report.parts
    const averages = { avg10: 1.5, avg60: 2, avg300: 3 }
    const busy = {
      ...report,
      parts: [{ ...part, kinds: { ...part?.kinds, send: { emitted: 2, delivered: 1, lost: 1 } } }],
      usage: { ...report.usage, openFiles: 4321, pressure: { io: { some: averages } } },
      books: [{ name: 'records', emitted: 12, delivered: 11, lost: 1, waiting: 0, difference: 0 }],
      ownUse: {
        time: 1,
        keptBy: 'kernel',
        cpuPercent: 20,
        cpuLimitPercent: 50,
        memoryBytes: 100,
        memoryLimitBytes: 200,
        diskReadBytesPerS: 0,
        diskWriteBytesPerS: 5,
        openFiles: 40,
        heldBackPercent: 30,
        memoryReclaims: 0,
      },
    }
    agent.send({ type: 'report', report: busy })
    const hosts = async () =>
      (
        await caller.ask(`{ hosts {
          usage { open_files open_files_limit pressure { resource some { avg10 avg60 avg300 } full { avg10 } } }
          own_use { kept_by cpu_percent cpu_limit_percent memory_limit_bytes held_back }
          sensor { tier each by_looking unseen }
          books { name emitted difference }
          parts { kinds { kind emitted lost } }
          given_up { kind lost }
        } }`)
      ).data
    await expect.poll(async () => JSON.stringify(await hosts())).toContain('4321')
    expect(await hosts()).toEqual({
      hosts: [
        {
          usage: {
            open_files: 4321,
            open_files_limit: null,
            pressure: [{ resource: 'io', some: averages, full: null }],
          },
          own_use: {
            kept_by: 'kernel',
            cpu_percent: 20,
            cpu_limit_percent: 50,
            memory_limit_bytes: 200,
            held_back: expect.stringMatching(/^Held back: the kernel stopped it for 30 %/),
          },
          sensor: { tier: 'ebpf', each: ['exec', 'file'], by_looking: [], unseen: [] },
          books: [{ name: 'records', emitted: 12, difference: 0 }],
          parts: [
            {
              kinds: [
                { kind: 'file', emitted: 7, lost: 0 },
                { kind: 'exec', emitted: 3, lost: 0 },
                { kind: 'send', emitted: 2, lost: 1 },
              ],
            },
          ],
          given_up: [{ kind: 'send', lost: 1 }],
        },
      ],
    })
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

describe('what was seen of a host', () => {
  const ask = async (query: string) => {
    const { data, errors } = await caller.ask(query)
    expect(errors).toBeUndefined()
    return data as unknown as Record<string, Record<string, unknown>[]>
  }

  beforeAll(() => caller.store(...sampleSeen(agent)))

  test.each([
    ['', ['said', 'traffic', 'listen']],
    ['(protocol: "flow")', ['traffic']],
    ['(protocol: "connection")', ['listen']],
    ['(protocol: "tls")', ['said']],
    ['(protocol: "udp")', []],
    ['(address: "203.0.113.0/24")', ['said', 'traffic']],
    ['(address: "10.0.0.2")', []],
    ['(port: 4444)', ['listen']],
    ['(process: "CURL")', ['said', 'traffic']],
    ['(process_uid: "0123abcd-7000-7000")', ['said', 'traffic']],
    ['(flow_uid: "f1")', ['said', 'traffic']],
    ['(search: "8daaf6152771")', ['said']],
    ['(until: "2001-01-01")', []],
    ['(host: "another")', []],
  ])('network_activity%s', async (args, expected) => {
    const { network_activity: found } = await ask(`{ network_activity${args} { activity } }`)
    expect(found?.map(({ activity }) => activity).toSorted()).toEqual(expected.toSorted())
    const { network_counts: counts } = await ask(`{ network_counts${args} { activity count } }`)
    expect(counts?.reduce((sum, { count }) => sum + Number(count), 0)).toBe(expected.length)
  })

  test('a flow and what was said in it tell who, where and how much', async () => {
    const { network_activity: found } = await ask(`{ network_activity(flow_uid: "f1") {
      protocol transport direction source { ip port } destination { ip port } process { pid name } detail state
      duration_ms bytes_out bytes_in
    } }`)
    expect(found).toContainEqual({
      protocol: 'tls',
      transport: 'tcp',
      direction: 'outbound',
      source: { ip: '10.0.0.1', port: 40_001 },
      destination: { ip: '203.0.113.7', port: 443 },
      process: { pid: 7000, name: 'curl' },
      detail: 'flow: closed',
      state: 'closed',
      duration_ms: 1500,
      bytes_out: 700,
      bytes_in: 5000,
    })
    expect(found).toContainEqual(
      expect.objectContaining({
        detail: `shop.example · TLS 1.3 · JA4 t13d1516h2_8daaf6152771_02713d6af862 · JA3 ${'b'.repeat(32)}`,
      }),
    )
  })

  test.each([
    ['an address that is none', '{ network_activity(address: "web-1") { event_id } }'],
    ['a port that is none', '{ network_activity(port: 65536) { event_id } }'],
    ['a protocol that is none', '{ network_counts(protocol: "telex") { count } }'],
    ['a span backwards', '{ login_sessions(since: "2026-01-02", until: "2026-01-01") { count } }'],
  ])('%s is bad input', async (_name, query) => {
    expect(codesOf(await caller.ask(query))).toEqual(['bad-input'])
  })

  test('sessions tell who, from where, how long, and what was refused before', async () => {
    const fields = 'sessions { user from service method duration_ms failed_before } count'
    const session = {
      user: 'mallory-of-the-tests',
      from: '192.0.2.9',
      service: 'sshd',
      method: 'password',
      duration_ms: 60_000,
      failed_before: 3,
    }
    expect(await ask(`{ login_sessions { ${fields} } }`)).toEqual({
      login_sessions: { sessions: [session], count: 1 },
    })
    expect(await ask(`{ login_sessions(search: "MALLORY") { count } }`)).toEqual({
      login_sessions: { count: 1 },
    })
    expect(await ask(`{ login_sessions(search: "anna") { count } }`)).toEqual({
      login_sessions: { count: 0 },
    })
    expect(await ask(`{ login_sessions(until: "2001-01-01") { count } }`)).toEqual({
      login_sessions: { count: 0 },
    })
  })

  test('files that are not what they were tell what differs, and who did it', async () => {
    const change = {
      path: '/etc/passwd',
      change: 'changed',
      facts: [{ fact: 'mode', before: '0644', after: '4755' }],
      process: { pid: 7000 },
      package: 'base-files 12',
    }
    const fields = 'path change facts { fact before after } process { pid } package'
    expect(await ask(`{ integrity_changes { ${fields} } }`)).toEqual({ integrity_changes: [change] })
    expect(await ask(`{ integrity_changes(search: "passwd", by_package_manager: false) { path } }`)).toEqual({
      integrity_changes: [{ path: '/etc/passwd' }],
    })
    expect(await ask(`{ integrity_changes(by_package_manager: true) { path } }`)).toEqual({
      integrity_changes: [],
    })
  })

  test('alerts of one process', async () => {
    const process = '0123abcd-7777-7777'
    await caller.attack('attack-of-the-tests --one', 7777)
    const { analytics_alerts: found } = await ask(
      `{ analytics_alerts(process_uid: "${process}") { process { uid cmd_line } } }`,
    )
    expect(found).toEqual([{ process: { uid: process, cmd_line: 'attack-of-the-tests --one' } }])
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
