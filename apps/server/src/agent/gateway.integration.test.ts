import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { DEFAULT_TENANT } from '@vedette/model'
import { report, TestAgent } from '../testing/test-agent.ts'
import { AGENT, openTestServer, type TestServer } from '../testing/test-server.ts'

let server: TestServer
const agents: TestAgent[] = []

beforeAll(async () => {
  server = await openTestServer()
})
afterAll(async () => {
  for (const agent of agents) agent[Symbol.dispose]()
  await server[Symbol.asyncDispose]()
})

async function connect(): Promise<TestAgent> {
  const agent = await TestAgent.connect(server.url, server.agentCredential)
  agents.push(agent)
  return agent
}

function open(credential: string): TestAgent {
  const agent = new TestAgent(server.url, credential)
  agents.push(agent)
  return agent
}

const eventsOf = () => server.running.services.events.of(DEFAULT_TENANT)

describe('the agents’ stream', () => {
  test('stores a batch before it says so, once however often it is sent', async () => {
    const agent = await connect()
    const events = [agent.launch('true'), agent.launch('false')]
    await agent.store(0, events)
    expect(await eventsOf().get(events[0]?.id as never)).toMatchObject({ process: { cmd_line: 'true' } })
    const before = await eventsOf().count({})
    agent.messages.length = 0
    await agent.store(0, events)
    expect(await eventsOf().count({})).toBe(before)
  })

  test('makes an alert of what a rule finds', async () => {
    const agent = await connect()
    await agent.store(0, [agent.launch('attack-of-the-tests --now')])
    const [alert] = await server.running.services.state
      .of(DEFAULT_TENANT)
      .alerts.list({ search: 'attack-of-the-tests' })
    expect(alert).toMatchObject({ status: 'open', device: { uid: AGENT } })
  })

  test('keeps what the agent tells of itself', async () => {
    const agent = await connect()
    agent.send({ type: 'report', report: { ...report, spooled: 7 } })
    const hosts = server.running.services.state.of(DEFAULT_TENANT).hosts
    await expect.poll(async () => (await hosts.get(AGENT as never))?.report.spooled).toBe(7)
  })

  test('of several reports the last is kept, and none comes after it', async () => {
    const agent = await connect()
    const hosts = server.running.services.state.of(DEFAULT_TENANT).hosts
    const spooled = async () => (await hosts.get(AGENT as never))?.report.spooled
    for (let round = 1; round <= 20; round += 1) {
      for (let number = 0; number < 5; number += 1) {
        agent.send({ type: 'report', report: { ...report, spooled: round * 100 + number } })
      }
      await expect.poll(spooled).toBe(round * 100 + 4)
      await agent.store(round, [agent.launch(`report-${round}`)])
      expect(await spooled()).toBe(round * 100 + 4)
    }
  })

  test.each(['', 'wrong-wrong-wrong-wrong-wrong-wrong-wrong-w', 'cli'])(
    'turns away the credential %j',
    async (credential) => {
      const token = credential === 'cli' ? server.cliToken : credential
      const socket = new WebSocket(`${server.url.replace('http', 'ws')}/agent/v1/stream`, {
        headers: { authorization: `Bearer ${token}` },
      })
      const status = await new Promise((resolve) => {
        socket.once('unexpected-response', (_request, response) => resolve(response.statusCode))
        socket.once('open', () => resolve('open'))
      })
      socket.on('error', () => undefined)
      socket.terminate()
      expect(status).toBe(401)
    },
  )

  test('takes one connection an agent: a second ends the first, and that is on record', async () => {
    const first = await connect()
    const second = await connect()
    expect(await first.closed).toBe(4409)
    await second.store(0, [second.launch('true')])
    let last: unknown
    for await (const record of server.running.services.auditLog.records()) last = record
    expect(last).toMatchObject({ action: 'agent.connect', detail: { replaced: true } })
  })

  test('refuses events of another host, and goes on', async () => {
    const agent = await connect()
    const event = agent.launch('true')
    agent.batch(0, [{ ...event, device: { ...event.device, uid: 'agent-2' as never } }])
    agent.batch(1, [{ ...event, id: `agent-2-${agent.run}-1` as never }])
    const refused = await agent.until((message) => message.type === 'refused' && message.sequence === 1)
    expect(agent.messages.filter(({ type }) => type === 'refused')).toHaveLength(2)
    expect(refused).toMatchObject({ reason: expect.stringContaining('another agent') })
    await agent.store(2, [agent.launch('true')])
  })

  test('refuses a batch that is not what the schema says, naming it and why', async () => {
    const agent = await connect()
    agent.batch(3, [{ ...agent.launch('true'), time: 'yesterday' } as never])
    const refused = await agent.until(({ type }) => type === 'refused')
    expect(refused).toMatchObject({ sequence: 3, reason: expect.stringContaining('batch.events.0.time') })
    expect(await eventsOf().count({ search: 'yesterday' })).toBe(0)
  })

  test.each([
    ['no JSON', 'hello'],
    ['nothing', ''],
    ['a batch without a name', '{"type":"batch","batch":{}}'],
    [
      'a batch that comes before hello',
      `{"type":"batch","batch":{"run":"${'a'.repeat(16)}","sequence":0,"events":[]}}`,
    ],
    ['another protocol', JSON.stringify({ type: 'hello', protocol: 99, run: 'a'.repeat(16), report })],
    ['an unknown type', '{"type":"shell","command":"id"}'],
    ['__proto__', '{"type":"batch","__proto__":{"batch":1}}'],
  ])('closes on %s', async (_name, text) => {
    const agent = open(server.agentCredential)
    agent.socket.once('open', () => agent.socket.send(text))
    expect([1002, 1007]).toContain(await agent.closed)
  })

  test('reads no further when too much waits for the disk', async () => {
    const { services } = server.running
    const agent = await connect()
    const waiting: (() => void)[] = []
    const receive = services.intake.receive.bind(services.intake)
    let most = 0
    let now = 0
    services.intake.receive = async (delivery) => {
      most = Math.max(most, (now += 1))
      await new Promise<void>((resolve) => waiting.push(resolve))
      now -= 1
      await receive(delivery)
    }
    try {
      // Each frame is larger than what a socket hands over at once, so that a pause takes hold between two.
      const filler = 'x'.repeat(60_000)
      for (let i = 0; i < 100; i += 1)
        agent.batch(i, [agent.launch(`true ${filler}`), agent.launch(`true ${filler}`)])
      await expect.poll(() => waiting.length).toBeGreaterThanOrEqual(64)
      // The rest would be here by now, were it read.
      await new Promise((resolve) => setTimeout(resolve, 1000))
      expect(most).toBeLessThan(80)
    } finally {
      services.intake.receive = receive
      for (const go of waiting) go()
    }
    await agent.until((message) => message.type === 'stored' && message.sequence === 99)
  })

  test('acknowledges nothing that was not stored, and has the agent come again', async () => {
    const { services } = server.running
    const agent = await connect()
    const receive = services.intake.receive.bind(services.intake)
    services.intake.receive = async () => {
      throw new Error('no space')
    }
    agent.batch(0, [agent.launch('true')])
    const code = await agent.closed
    services.intake.receive = receive
    expect(code).toBe(1013)
    expect(agent.messages.filter(({ type }) => type === 'stored')).toEqual([])
  })
})
