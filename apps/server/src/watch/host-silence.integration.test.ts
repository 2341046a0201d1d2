import { DEFAULT_TENANT } from '@vedette/model'
import { expect, test } from 'vitest'
import { report, TestAgent } from '../testing/test-agent.ts'
import { MovedClock } from '../testing/test-clock.ts'
import { openTestServer, type TestServer } from '../testing/test-server.ts'

const rules = ['defense-evasion/host-silent']

const titles = async (server: TestServer) =>
  (await server.running.services.state.of(DEFAULT_TENANT).alerts.list({}))
    .map(({ title }) => title)
    .toReversed()

const messages = async (server: TestServer) =>
  (await server.running.services.events.of(DEFAULT_TENANT).list({}, { limit: 10, offset: 0 }))
    .map(({ message }) => message)
    .toReversed()

const patience = { timeout: 30_000, interval: 100 }

test('a host that tells nothing any more is an alert within a minute, one for its silence, and so is its return', async () => {
  const clock = new MovedClock()
  await using server = await openTestServer({ clock, rules })
  using agent = await TestAgent.connect(server.url, server.agentCredential)
  // The grace after the start is over; the agent is heard, then halted: its socket stays open.
  clock.forward(45_000)
  agent.send({ type: 'report', report })
  await expect
    .poll(() => server.running.services.fleet.isReporting(DEFAULT_TENANT, 'agent-1' as never))
    .toBe(true)
  agent.socket.pause()
  clock.forward(26_000)
  await expect.poll(() => titles(server), patience).toEqual(['web-1 tells nothing any more'])
  clock.forward(120_000)
  using back = await TestAgent.connect(server.url, server.agentCredential)
  await expect
    .poll(() => messages(server), patience)
    .toEqual([
      'agent tells nothing any more',
      expect.stringMatching(/^agent is heard again after 1[2-5]\d s$/),
    ])
  expect(back.messages).toContainEqual(expect.objectContaining({ type: 'welcome' }))
  expect(await titles(server)).toEqual(['web-1 tells nothing any more'])
})
