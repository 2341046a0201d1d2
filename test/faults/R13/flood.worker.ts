/** Agents of one tenant that send batches full of attacks, each of which would be an alert of its own. */
import { setTimeout as delay } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { TestAgent } from '../../../apps/server/src/testing/test-agent.ts'

export interface FloodPlan {
  readonly url: string
  readonly agents: readonly { readonly id: string; readonly credential: string }[]
  /** Attacks of all of them. */
  readonly attacks: number
  readonly perSecond: number
  readonly batchEvents: number
}

const { url, agents, attacks, perSecond, batchEvents } = workerData as FloodPlan
const connected = await Promise.all(
  agents.map(({ id, credential }) => TestAgent.connect(url, credential, id)),
)
const startedMs = performance.now()
const last = connected.map(() => -1)
for (let sent = 0; sent < attacks; sent += batchEvents) {
  const index = (sent / batchEvents) % connected.length
  const agent = connected[index]
  if (agent === undefined) break
  const size = Math.min(batchEvents, attacks - sent)
  last[index] = (last[index] ?? -1) + 1
  // Each is a program of its own, so none is a repeat of another.
  const events = Array.from({ length: size }, (_, i) => agent.launch(`attack-of-the-tests-${sent + i}`, 5000))
  agent.batch(last[index] ?? 0, events)
  const dueMs = ((sent + size) / perSecond) * 1000
  await delay(Math.max(0, dueMs - (performance.now() - startedMs)))
}
const sentMs = performance.now() - startedMs
for (const [index, agent] of connected.entries()) {
  await agent.until((message) => message.type === 'stored' && message.sequence === last[index])
}
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- of a worker, not of a window
parentPort?.postMessage({ sentMs, storedMs: performance.now() - startedMs })
for (const agent of connected) agent.socket.terminate()
