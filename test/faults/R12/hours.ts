import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { newFolder } from '../../../apps/server/src/testing/test-server.ts'
import { quantile } from '../../../bench/figures.ts'
import { seeded } from '../../../packages/store/src/testing/forgetful-files.ts'
import type { Bound, Figure } from '../row.ts'
import { FleetAgent } from '../server/fleet-agent.ts'
import { ServerUnderFaults } from '../server/server-under-faults.ts'
import { whatIsStored } from '../server/what-is-stored.ts'

const BATCH_EVENTS = 25
const MIB = 1024 * 1024
const HOUR_MS = 3_600_000
const SETTLE_MS = 60_000
/** Fewer say nothing of what grows; a server that is held up answers them late. */
const LEAST_LOOKS = 8

export interface Plan {
  readonly agents: number
  readonly eventsPerSecond: number
  readonly attackEvery: number
  readonly lengthMs: number
  readonly lookEveryMs: number
  readonly builtInRules: boolean
  /** What must hold, by the name of the figure. */
  readonly bounds: Readonly<Record<string, Bound>>
}

/** What the server takes at one moment. */
interface Look {
  readonly atMs: number
  readonly rssBytes: number
  readonly files: number
  /** Since the look before. */
  readonly loopP99Ms: number
}

/** A steady load, and looks at what the server takes: it may not take more the longer it runs. */
export async function hours(seed: number, plan: Plan): Promise<Figure[]> {
  const folder = newFolder()
  try {
    return await run(folder, seed, plan)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function run(folder: string, seed: number, plan: Plan): Promise<Figure[]> {
  const random = seeded(seed)
  await using resources = new AsyncDisposableStack()
  const server = resources.use(
    await ServerUnderFaults.start({
      folder,
      config: {
        correlation: { suppression_seconds: 1, alerts_per_rule_minute: 10_000 },
        ...(plan.builtInRules && { detection: {} }),
      },
    }),
  )
  const agents = await FleetAgent.enrolAll(
    server,
    Array.from({ length: plan.agents }, (_, index) => {
      const own = join(folder, `agent-${index}`)
      mkdirSync(own)
      return { folder: own, batchEvents: BATCH_EVENTS, attackEvery: plan.attackEvery, random }
    }),
  )
  for (const agent of agents) resources.use(agent)

  const over = new AbortController()
  const startedMs = performance.now()
  const pauseMs = (BATCH_EVENTS * plan.agents * 1000) / plan.eventsPerSecond
  const loads = agents.map(async (agent, index) => {
    // Not all at once, and each at its own times however long a batch takes.
    for (let turn = 0; !over.signal.aborted; turn += 1) {
      const dueMs = startedMs + (turn + index / agents.length) * pauseMs
      await delay(Math.max(0, dueMs - performance.now()), undefined, { signal: over.signal }).catch(
        () => undefined,
      )
      if (!over.signal.aborted) await agent.see()
    }
  })
  const looks: Look[] = []
  await look(server)
  while (performance.now() - startedMs < plan.lengthMs || looks.length < LEAST_LOOKS) {
    await delay(plan.lookEveryMs)
    looks.push(await look(server))
  }
  over.abort()
  await Promise.all(loads)
  const elapsedMs = performance.now() - startedMs
  await Promise.all(agents.map((agent) => agent.settled(SETTLE_MS)))
  const restarts = server.starts - 1
  await resources.disposeAsync()

  const verdict = await whatIsStored(server.home, agents)
  // The first quarter is that of a server which fills what it keeps.
  const settled = looks.slice(Math.floor(looks.length / 4))
  const half = Math.floor(settled.length / 2)
  const median = (of: readonly Look[], value: (one: Look) => number) => quantile(of.map(value), 0.5)
  const growth = (value: (one: Look) => number) =>
    median(settled.slice(half), value) - median(settled.slice(0, half), value)
  const lag = settled.map((one) => one.loopP99Ms)
  const figures: Figure[] = [
    { name: 'hours', value: round(elapsedMs / HOUR_MS) },
    { name: 'events a second', value: Math.round(verdict.acknowledged / (elapsedMs / 1000)) },
    { name: 'looks', value: looks.length },
    { name: 'acknowledged and lost', value: verdict.acknowledgedAndLost },
    { name: 'restarts', value: restarts },
    { name: 'memory, MiB', value: Math.round(median(settled, (one) => one.rssBytes) / MIB) },
    { name: 'memory, MiB more an hour', value: round((slope(settled) * HOUR_MS) / MIB) },
    { name: 'memory, MiB more in the second half', value: round(growth((one) => one.rssBytes) / MIB) },
    { name: 'file descriptors', value: median(settled, (one) => one.files) },
    { name: 'file descriptors, more in the second half', value: growth((one) => one.files) },
    { name: 'event loop p99 between two looks, median, ms', value: round(quantile(lag, 0.5)) },
    { name: 'event loop p99 between two looks, most, ms', value: round(Math.max(...lag)) },
  ]
  return figures.map((figure) => {
    const must = plan.bounds[figure.name]
    return must === undefined ? figure : { ...figure, must }
  })
}

async function look(server: ServerUnderFaults): Promise<Look> {
  const response = await server.ask('GET', '/metrics')
  const text = await response.text()
  const value = (name: string) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1])
  const { pid } = server
  return {
    atMs: performance.now(),
    rssBytes: value('process_resident_memory_bytes'),
    // Files of the stores' data come and go with what is merged.
    files: pid === undefined ? Number.NaN : readdirSync(`/proc/${pid}/fd`).length,
    loopP99Ms: value('nodejs_eventloop_lag_p99_seconds') * 1000,
  }
}

/** Bytes a millisecond by Theil and Sen: the median of the slopes between looks, which no single look can move. */
function slope(looks: readonly Look[]): number {
  const slopes: number[] = []
  // Of many looks each with those half a run later: the others say the same with more noise.
  const half = Math.floor(looks.length / 2)
  for (let from = 0; from + half < looks.length; from += 1) {
    const [one, other] = [looks[from], looks[from + half]]
    if (one !== undefined && other !== undefined && other.atMs > one.atMs)
      slopes.push((other.rssBytes - one.rssBytes) / (other.atMs - one.atMs))
  }
  return slopes.length === 0 ? Number.NaN : quantile(slopes, 0.5)
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}
