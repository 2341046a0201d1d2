import { type AgentId, DEFAULT_TENANT } from '@vedette/model'
import { expect, test } from 'vitest'
import { report, TestAgent } from '../testing/test-agent.ts'
import { MovedClock } from '../testing/test-clock.ts'
import { AGENT, openTestServer, type TestServer } from '../testing/test-server.ts'

const rules = ['defense-evasion/host-silent']

const titles = async (server: TestServer) =>
  (await server.running.services.state.of(DEFAULT_TENANT).alerts.list({})).map(({ title }) => title)

const messages = async (server: TestServer) =>
  (await server.running.services.events.of(DEFAULT_TENANT).list({}, { limit: 10, offset: 0 }))
    .map(({ message }) => message)
    .toReversed()

/** A server whose grace after the start is over. */
async function openServer() {
  const clock = new MovedClock()
  const server = await openTestServer({ clock, rules })
  clock.forward(45_000)
  return { clock, server, silence: server.running.services.silence, fleet: server.running.services.fleet }
}

test('a host that tells nothing any more is an alert within a minute, one for its silence, and so is its return', async () => {
  const { clock, server, silence } = await openServer()
  await using open = server
  using agent = await TestAgent.connect(server.url, server.agentCredential)
  await silence.look()
  expect(await titles(open)).toEqual([])
  // Halted: its socket stays open.
  agent.socket.pause()
  clock.forward(26_000)
  await silence.look()
  clock.forward(5000)
  await silence.look()
  expect(await titles(server)).toEqual(['web-1 tells nothing any more'])
  clock.forward(120_000)
  using back = await TestAgent.connect(server.url, server.agentCredential)
  await silence.look()
  expect(await messages(server)).toEqual([
    'agent tells nothing any more',
    expect.stringMatching(/^agent is heard again after 1[2-9]\d s$/),
  ])
  expect(await titles(server)).toEqual(['web-1 tells nothing any more'])
  expect(back.messages).toContainEqual(expect.objectContaining({ type: 'welcome' }))
})

test('an agent that is started anew, and a connection that is lost for a moment, are no silence', async () => {
  const { clock, server, silence, fleet } = await openServer()
  await using open = server
  const isThere = () => fleet.isReporting(DEFAULT_TENANT, AGENT as AgentId)
  {
    using first = await TestAgent.connect(server.url, server.agentCredential)
    first.send({ type: 'report', report })
  }
  await expect.poll(isThere).toBe(false)
  clock.forward(15_000)
  await silence.look()
  using second = await TestAgent.connect(server.url, server.agentCredential)
  await silence.look()
  expect(await messages(open)).toEqual([])
  expect(second.messages).toHaveLength(1)
})
