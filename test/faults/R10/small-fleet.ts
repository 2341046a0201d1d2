import { setTimeout as delay } from 'node:timers/promises'
import { generateLoad } from '@vedette/agent/load'
import { DEFAULT_TENANT } from '@vedette/model'
import { MovedClock } from '../../../apps/server/src/testing/test-clock.ts'
import { openTestServer } from '../../../apps/server/src/testing/test-server.ts'
import type { Figure } from '../row.ts'
import { makeMembers } from './identities.ts'

const HEARTBEAT_MS = 200
/** Beyond the grace that a server that starts gives its agents, and the time after which one is silent. */
const AHEAD_MS = 60_000
/** What is not back by then will not come. */
const BACK_WITHIN_MS = 15_000

/** A few agents at a server whose clock is put forward. */
export async function smallFleet(count: number): Promise<Figure[]> {
  const clock = new MovedClock()
  await using server = await openTestServer({ clock, api: { agents_listen: '127.0.0.1:0' } })
  const { services } = server.running
  const agents = await makeMembers(server.running, count)
  await using load = generateLoad(
    { agents, rate: 0, durationMs: 120_000, heartbeatMs: HEARTBEAT_MS, connecting: count, settleMs: 0 },
    2,
    new AbortController().signal,
  )
  await load.started
  const welcome = services.fleet.size
  const back = load.restart().then(
    () => true,
    () => false,
  )
  const isBack = await Promise.race([back, delay(BACK_WITHIN_MS, false, { ref: false })])
  const missing = isBack ? count - services.fleet.size : count
  clock.forward(AHEAD_MS)
  // Each has told of itself twice since.
  const before = load.counts().heartbeats
  const untilMs = performance.now() + BACK_WITHIN_MS
  while (load.counts().heartbeats < before + 2 * count && performance.now() < untilMs) await delay(20)
  await services.silence.look()
  const events = await services.events.of(DEFAULT_TENANT).list({ kind: 'sensor' }, { limit: 1000 })
  load.stop()
  const { counts } = await load.done
  return [
    { name: 'agents', value: welcome, must: { be: count } },
    { name: 'not back after all lost their connection at once', value: missing, must: { be: 0 } },
    {
      name: 'told as silent although they are there',
      value: events.filter((event) => event.kind === 'sensor' && event.cause === 'silent').length,
      must: { be: 0 },
    },
    { name: 'heartbeats answered', value: counts.answered, must: { beAtLeast: count } },
  ]
}
