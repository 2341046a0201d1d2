import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { newFolder } from '../../../apps/server/src/testing/test-server.ts'
import { quantile } from '../../../bench/figures.ts'
import { seeded } from '../../../packages/store/src/testing/forgetful-files.ts'
import type { Figure } from '../row.ts'
import { FleetAgent } from '../server/fleet-agent.ts'
import { ServerUnderFaults } from '../server/server-under-faults.ts'
import { whatIsStored } from '../server/what-is-stored.ts'

/** Of the kills of the server's parts, how many hit the server itself; the others any process that it has started. */
const OF_THE_SERVER = 0.7
/** What is not back after so long does not come back. */
const BACK_WITHIN_MS = 60_000
const PAUSE_MS = { least: 50, most: 1500 }

export interface Plan {
  readonly agents: number
  readonly events: number
  readonly batchEvents: number
  readonly attackEvery: number
  /** Of the server's parts. */
  readonly kills: number
  /** Of PostgreSQL. */
  readonly stateKills: number
  readonly settleMs: number
  /** Bound of the time until it is ready again; left out where the machine may be busy with other things. */
  readonly readyWithinMs?: number
}

/** A fleet, a server with its own stores, and kill -9 of its processes; at the end the stores are asked for every event. */
export async function kills(seed: number, plan: Plan): Promise<Figure[]> {
  const folder = newFolder()
  try {
    return await endure(folder, seed, plan)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function endure(folder: string, seed: number, plan: Plan): Promise<Figure[]> {
  const random = seeded(seed)
  await using resources = new AsyncDisposableStack()
  const server = resources.use(
    await ServerUnderFaults.start({
      folder,
      config: { correlation: { suppression_seconds: 1, alerts_per_rule_minute: 10_000 } },
    }),
  )
  const agents = await FleetAgent.enrolAll(
    server,
    Array.from({ length: plan.agents }, (_, index) => {
      const own = join(folder, `agent-${index}`)
      mkdirSync(own)
      return { folder: own, batchEvents: plan.batchEvents, attackEvery: plan.attackEvery, random }
    }),
  )
  for (const agent of agents) resources.use(agent)

  const ofTheServer = Math.round(plan.kills * OF_THE_SERVER)
  const victims = [
    ...Array.from({ length: ofTheServer }, () => 'server' as const),
    ...Array.from({ length: plan.kills - ofTheServer }, () => 'part' as const),
    ...Array.from({ length: plan.stateKills }, () => 'postgres' as const),
  ].sort(() => random() - 0.5)
  const share = plan.events / plan.agents
  const load = agents.map((agent) => new Load(agent))
  const readyMs: number[] = []
  for (const [index, victim] of victims.entries()) {
    const seeUpTo = (part: number) => {
      for (const one of load) one.seeUpTo((share * (index + part)) / victims.length)
    }
    // The rest meets the kill somewhere on its way.
    seeUpTo(0.5)
    await delay(PAUSE_MS.least + random() * (PAUSE_MS.most - PAUSE_MS.least))
    await server.storesAnswer(AbortSignal.timeout(BACK_WITHIN_MS))
    seeUpTo(1)
    readyMs.push(await killed(server, victim, random))
  }
  for (const one of load) one.seeUpTo(share)
  await Promise.all(load.map((one) => one.done()))
  const timeout = AbortSignal.timeout(plan.settleMs)
  await Promise.all(agents.map((agent) => agent.settled(plan.settleMs)))
  const waiting = agents.reduce((sum, agent) => sum + agent.spool.waiting, 0)
  const refused = agents.reduce((sum, agent) => sum + agent.refused, 0)
  const late = timeout.aborted
  await resources.disposeAsync()

  const verdict = await whatIsStored(server.home, agents)
  const p99 = quantile(readyMs, 0.99)
  return [
    { name: 'agents', value: plan.agents },
    { name: "kill -9 of the server's parts", value: plan.kills },
    { name: 'kill -9 of PostgreSQL', value: plan.stateKills },
    { name: 'starts of the server', value: server.starts },
    { name: 'events acknowledged', value: verdict.acknowledged, must: { beAtLeast: plan.events } },
    { name: 'acknowledged and lost', value: verdict.acknowledgedAndLost, must: { be: 0 } },
    { name: 'stored twice', value: verdict.storedTwice, must: { be: 0 } },
    { name: 'refused', value: refused, must: { be: 0 } },
    { name: 'batches that still wait', value: late ? waiting : 0, must: { be: 0 } },
    {
      name: 'attacks',
      value: verdict.attacks,
      must: { beAtLeast: Math.floor(plan.events / plan.attackEvery / 2) },
    },
    { name: 'alerts missing', value: verdict.alertsMissing, must: { be: 0 } },
    { name: 'alerts twice', value: verdict.alertsTwice, must: { be: 0 } },
    { name: 'ready again, median ms', value: Math.round(quantile(readyMs, 0.5)) },
    {
      name: 'ready again, p99 ms',
      value: Math.round(p99),
      ...(plan.readyWithinMs !== undefined && { must: { beAtMost: plan.readyWithinMs } }),
    },
    { name: 'ready again, most ms', value: Math.round(Math.max(...readyMs)) },
  ]
}

/** Sees as much as it is told to, batch after batch, whatever becomes of the server. */
class Load {
  readonly #agent: FleetAgent
  #goal = 0
  #seeing: Promise<void> = Promise.resolve()

  constructor(agent: FleetAgent) {
    this.#agent = agent
  }

  seeUpTo(events: number): void {
    this.#goal = Math.max(this.#goal, events)
    this.#seeing = this.#seeing.then(async () => {
      while (this.#agent.made < this.#goal) await this.#agent.see()
    })
  }

  done(): Promise<void> {
    return this.#seeing
  }
}

/** @returns milliseconds from the kill until both stores answer through the server */
async function killed(
  server: ServerUnderFaults,
  victim: 'server' | 'part' | 'postgres',
  random: () => number,
): Promise<number> {
  const others = server.descendants
  const { pid, postmaster } = server
  const chosen = { server: pid, postgres: postmaster, part: others[Math.floor(random() * others.length)] }[
    victim
  ]
  if (chosen === undefined) throw new Error(`nothing to kill: ${victim}`)
  const back = server.nextReady
  const startedMs = performance.now()
  try {
    process.kill(chosen, 'SIGKILL')
  } catch {
    // A process of PostgreSQL may have ended by itself.
  }
  if (victim === 'server') await Promise.race([back, delay(BACK_WITHIN_MS, undefined, { ref: false })])
  else while (isThere(chosen) && performance.now() - startedMs < BACK_WITHIN_MS) await delay(5)
  await server.storesAnswer(AbortSignal.timeout(BACK_WITHIN_MS))
  return performance.now() - startedMs
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
