import { setTimeout as delay } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import type { TenantId } from '@vedette/model'
import { openEventWriter } from '@vedette/store'
import { newToken, tokenHash } from '../../../apps/server/src/access/token.ts'
import { TestAgent } from '../../../apps/server/src/testing/test-agent.ts'
import { openTestServer, type TestServer } from '../../../apps/server/src/testing/test-server.ts'
import { agentA, launch } from '../../../packages/store/src/testing/sample-events.ts'
import { quantile } from '../../../bench/figures.ts'
import type { Figure } from '../row.ts'
import type { FloodPlan } from './flood.worker.ts'

const NOISY = '00000000-0000-4000-8000-0000000000f1' as TenantId
const QUIET = '00000000-0000-4000-8000-0000000000f2' as TenantId
const RULE = '8c7e1b5e-0000-4000-8000-000000000001'
const AGENTS = 8
const ROWS_A_MINUTE = 100
const EVERY_MS = 100
const MINUTE_MS = 60_000

export interface Flood {
  readonly attacks: number
  readonly perSecond: number
  /** How long the others are measured without it; and at least so long with it. */
  readonly measureMs: number
  /** So many times at most the flood may take what the others wait. */
  readonly slowedAtMost?: number
}

/** One tenant is flooded with attacks while an agent of another one works as always. */
export async function flood(_seed: number, plan: Flood): Promise<Figure[]> {
  await using server = await openTestServer()
  const noisy = await Promise.all(
    Array.from({ length: AGENTS }, (_, i) => enrol(server, NOISY, `noisy-${i}`)),
  )
  const quiet = await enrol(server, QUIET, 'quiet-1')
  using agent = await TestAgent.connect(server.url, quiet.credential, quiet.id)
  const others = new Others(agent)

  await others.work(1000)
  const before = await others.work(plan.measureMs)
  const startedMs = performance.now()
  const stopped = new AbortController()
  const flooding = run({
    url: server.url,
    agents: noisy,
    attacks: plan.attacks,
    perSecond: plan.perSecond,
    batchEvents: 100,
  }).finally(() => stopped.abort())
  const during = await others.work(Number.POSITIVE_INFINITY, stopped.signal)
  const { sentMs } = await flooding
  const minutes = Math.ceil((performance.now() - startedMs) / MINUTE_MS) + 1

  const { state } = server.running.services
  const rows = await state.of(NOISY).alerts.count({ rule: RULE })
  const told = await asked(server, await server.token('viewer', NOISY))
  const suppressed = (await state.of(NOISY).alerts.suppressedByRule()).get(RULE as never) ?? 0
  const slower = quantile(during, 0.5) / quantile(before, 0.5)
  return [
    {
      name: 'groups that one batch of another waits for',
      value: await groupsUntilStored(),
      must: { beAtMost: 1 },
    },
    { name: 'attacks', value: plan.attacks },
    { name: 'attacks a minute', value: Math.round((plan.attacks / sentMs) * MINUTE_MS) },
    { name: 'alerts of the rule', value: rows, must: { beAtLeast: 1 } },
    {
      name: 'alerts over 100 a minute',
      value: Math.max(0, rows - ROWS_A_MINUTE * minutes),
      must: { be: 0 },
    },
    { name: 'counted as suppressed', value: suppressed },
    { name: 'neither alert nor counted, or twice', value: plan.attacks - rows - suppressed, must: { be: 0 } },
    { name: 'suppressed as the API tells it', value: told - suppressed, must: { be: 0 } },
    { name: 'alerts of the others missing', value: await missing(server, others), must: { be: 0 } },
    { name: 'others without the flood, median ms', value: Math.round(quantile(before, 0.5)) },
    { name: 'others with it, median ms', value: Math.round(quantile(during, 0.5)) },
    { name: 'others without the flood, p95 ms', value: Math.round(quantile(before, 0.95)) },
    { name: 'others with it, p95 ms', value: Math.round(quantile(during, 0.95)) },
    {
      name: 'slower, times',
      value: Math.round(slower * 100) / 100,
      ...(plan.slowedAtMost !== undefined && { must: { beAtMost: plan.slowedAtMost } }),
    },
  ]
}

/** An agent that is not flooded: some events ten times a second, an attack among them each second. */
class Others {
  readonly #agent: TestAgent
  #sequence = 0
  attacks = 0

  constructor(agent: TestAgent) {
    this.#agent = agent
  }

  /** @returns milliseconds until each batch was stored */
  async work(forMs: number, signal?: AbortSignal): Promise<number[]> {
    const waits: Promise<number>[] = []
    const startedMs = performance.now()
    while (performance.now() - startedMs < forMs && signal?.aborted !== true) {
      const number = (this.#sequence += 1)
      const isAttack = number % 10 === 0
      if (isAttack) this.attacks += 1
      const events = Array.from({ length: 5 }, () => this.#agent.launch('ls'))
      if (isAttack) events.push(this.#agent.launch(`attack-of-the-tests-${number}`, 5000))
      const sentMs = performance.now()
      waits.push(this.#agent.store(number, events).then(() => performance.now() - sentMs))
      await delay(EVERY_MS)
    }
    return Promise.all(waits)
  }
}

async function enrol(server: TestServer, tenant: TenantId, id: string) {
  const credential = newToken()
  await server.running.services.state.of(tenant).agents.put(tokenHash(credential), id as never, Date.now())
  return { id, credential }
}

function run(plan: FloodPlan): Promise<{ sentMs: number }> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('flood.worker.ts', import.meta.url), { workerData: plan })
    worker.once('message', resolve)
    worker.once('error', reject)
  })
}

/** What the API says of all alerts of the tenant. */
async function asked(server: TestServer, token: string): Promise<number> {
  const response = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query: '{ analytics_alerts(limit: 1000) { suppressed } }' }),
  })
  const { data } = (await response.json()) as { data: { analytics_alerts: { suppressed: number }[] } }
  return data.analytics_alerts.reduce((sum, { suppressed }) => sum + suppressed, 0)
}

async function missing(server: TestServer, others: Others): Promise<number> {
  const { alerts } = server.running.services.state.of(QUIET)
  const suppressed = (await alerts.suppressedByRule()).get(RULE as never) ?? 0
  return others.attacks - (await alerts.count({ rule: RULE })) - suppressed
}

/** A hundred full groups of one tenant wait; then a batch of another comes. Groups until it is stored. */
async function groupsUntilStored(): Promise<number> {
  const groups: ReadonlySet<TenantId>[] = []
  const writer = openEventWriter(
    {
      prepare: ({ tenant, agent, batch: { run, sequence, events } }) => ({
        tenant,
        agent,
        run,
        sequence,
        events: events.length,
        rows: Buffer.alloc(0),
      }),
      append: async (batches) => {
        groups.push(new Set(batches.map(({ tenant }) => tenant)))
        await delay(1)
        return { stored: 0, repeated: 0 }
      },
    },
    { groupEvents: 10, mostEvents: 10 },
  )
  const write = (tenant: TenantId, sequence: number) => {
    const events = Array.from({ length: 5 }, (_, number) => launch(number))
    return writer.write({ tenant, agent: agentA, batch: { run: '000000000000000a', sequence, events } })
  }
  const noisy = Array.from({ length: 200 }, (_, sequence) => write(NOISY, sequence))
  const before = groups.length
  await write(QUIET, 0)
  const waited = groups.findIndex((tenants) => tenants.has(QUIET)) - before
  await Promise.all(noisy)
  await writer[Symbol.asyncDispose]()
  return waited
}
