import { afterAll, beforeAll, expect, test } from 'vitest'
import { DEFAULT_TENANT, type TenantId } from '@vedette/model'
import { sampleSeen } from '../testing/sample-seen.ts'
import { probesOf } from '../testing/probes.ts'
import { TestAgent } from '../testing/test-agent.ts'
import { AGENT, openTestServer, type TestServer } from '../testing/test-server.ts'
const OTHER = '00000000-0000-4000-8000-000000000002' as TenantId

let server: TestServer
let agent: TestAgent
let stranger: string
/** Ids of everything that the first tenant has. */
let ids: string[]

beforeAll(async () => {
  server = await openTestServer()
  agent = await TestAgent.connect(server.url, server.agentCredential)
  const event = agent.launch('attack-of-the-tests', 5000)
  await agent.store(0, [event, ...sampleSeen(agent)])
  const state = server.running.services.state.of(DEFAULT_TENANT)
  const [alert] = await state.alerts.list({})
  const incident = await state.incidents.create(
    { id: 'incident-of-one' as never, title: 'ours alone', description: '', severity: 'high' },
    'anna',
    Date.now(),
  )
  await state.responses.put({
    id: 'response-of-one' as never,
    agent: AGENT as never,
    action: 'freeze',
    outcome: 'done',
    summary: 'ours alone',
    affected: [],
    actor: 'anna',
    reason: 'ours alone',
    time: Date.now(),
  })
  ids = [
    AGENT,
    'web-1',
    event.id,
    alert?.id ?? '',
    incident.id,
    alert?.incident ?? '',
    'response-of-one',
    '0123abcd-5000-5000',
    '0123abcd-7000-7000',
    'f1',
  ]
  stranger = await server.token('admin', OTHER)
})
afterAll(async () => {
  agent[Symbol.dispose]()
  await server[Symbol.asyncDispose]()
})

async function ask(query: string, token: string): Promise<string> {
  const response = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query }),
  })
  return response.text()
}

const leaks =
  /web-1|agent-1|attack-of-the-tests|mallory|shop.example|etc.passwd|ours alone|0123abcd|response-of-one|no-kprobes/

test.each([
  ['network_activity', '{ network_activity { detail process { uid } } network_counts { activity count } }'],
  ['login_sessions', '{ login_sessions { sessions { user } count } }'],
  ['integrity_changes', '{ integrity_changes { path } }'],
])('%s is of the tenant of the credential alone, without any id', async (_name, query) => {
  const own = await ask(query, server.cliToken)
  expect(own).toMatch(leaks)
  const strange = await ask(query, stranger)
  expect(strange).toMatch(/\[\]/)
  expect(strange).not.toMatch(leaks)
})

test('the probes find what there is, asked by its owner', async () => {
  const answers = await Promise.all(probesOf('query', ids).map(({ text }) => ask(text, server.cliToken)))
  expect(answers.filter((answer) => leaks.test(answer)).length).toBeGreaterThan(20)
})

test('another tenant’s ids lead to nothing, through any query', async () => {
  const all = probesOf('query', ids).map(({ text }) => text)
  expect(all.length).toBeGreaterThan(150)
  for (const probe of all) {
    const answer = await ask(probe, stranger)
    expect(leaks.test(answer), `${probe} gave ${answer}`).toBe(false)
  }
})

test('another tenant’s ids can be changed by no mutation', async () => {
  const state = server.running.services.state.of(DEFAULT_TENANT)
  const picture = async () =>
    JSON.stringify([
      await state.alerts.list({}),
      await state.incidents.list({}),
      await state.responses.list({}),
    ])
  const before = await picture()
  agent.messages.length = 0
  for (const probe of probesOf('mutation', ids).map(({ text }) => text)) {
    const answer = await ask(probe, stranger)
    expect(leaks.test(answer), `${probe} gave ${answer}`).toBe(false)
  }
  expect(await picture()).toBe(before)
  expect(agent.messages).toEqual([])
})
