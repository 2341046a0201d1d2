import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { readAudit } from '@vedette/store/read-audit'
import { verifyOwnAudit } from '@vedette/store/verify-audit'
import { newFolder, nobody } from '../../../apps/server/src/testing/test-server.ts'
import { seeded } from '../../../packages/store/src/testing/forgetful-files.ts'
import type { Figure } from '../row.ts'
import { FleetAgent } from '../server/fleet-agent.ts'
import { ServerUnderFaults } from '../server/server-under-faults.ts'
import { whatIsStored } from '../server/what-is-stored.ts'
import { SmallDisk } from './small-disk.ts'

const BATCH_EVENTS = 100
const BATCH_PAUSE_MS = 200
const ATTACK_EVERY = 250
const ACT_PAUSE_MS = 250
const LOOK_MS = 50
/** Nothing that is kept or acknowledged for so long: all of it is refused. */
const STANDS_STILL_MS = 1500
const SETTLE_MS = 60_000
/** What does not work again after so long never will. */
const BACK_WITHIN_MS = 90_000
const PROMISED_MS = 30_000

export interface Plan {
  readonly agents: number
  /** How often each disk is filled. */
  readonly rounds: number
  readonly fullMs: number
  /** What a disk that is full has to refuse before it is emptied; else it was none. */
  readonly refusals: number
}

/** Disks of the databases, the audit log and the spools, one of them filled up after the other while everything goes on. */
export async function fullDisks(seed: number, plan: Plan): Promise<Figure[]> {
  const folder = newFolder()
  try {
    return await endure(folder, seed, plan)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Acts of the operator, each of which has to be in the audit log and in the state once it is said to be done. */
class Acts {
  readonly done: string[] = []
  refused = 0

  async goOn(server: ServerUnderFaults, over: AbortSignal): Promise<void> {
    while (!over.aborted) {
      try {
        const response = await server.ask('POST', '/api/agents/secrets', { uses: 1 })
        const { id } = (await response.json()) as { id?: string }
        if (response.ok && id !== undefined) this.done.push(id)
        else this.refused += 1
      } catch {
        // No answer: nothing was said to be done.
        this.refused += 1
      }
      await delay(ACT_PAUSE_MS, undefined, { signal: over }).catch(() => undefined)
    }
  }
}

async function endure(folder: string, seed: number, plan: Plan): Promise<Figure[]> {
  const random = seeded(seed)
  using disks = new DisposableStack()
  const owner = nobody() ?? {}
  const home = join(folder, 'server')
  const databases = disks.use(new SmallDisk(home, 400, owner))
  const audit = disks.use(new SmallDisk(join(home, 'audit'), 4, owner))
  const spools = disks.use(new SmallDisk(join(folder, 'spools'), 32))

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
      const own = join(spools.folder, String(index))
      mkdirSync(own)
      return { folder: own, batchEvents: BATCH_EVENTS, attackEvery: ATTACK_EVERY, random }
    }),
  )
  for (const agent of agents) resources.use(agent)

  const over = new AbortController()
  const acts = new Acts()
  const going = [
    acts.goOn(server, over.signal),
    ...agents.map(async (agent) => {
      while (!over.signal.aborted) {
        await agent.see()
        await delay(BATCH_PAUSE_MS, undefined, { signal: over.signal }).catch(() => undefined)
      }
    }),
  ]
  const backMs: number[] = []
  let unfilled = 0
  const order = Array.from({ length: plan.rounds }, () =>
    [databases, audit, spools].sort(() => random() - 0.5),
  ).flat()
  for (const disk of order) {
    await works(acts, agents)
    const { refused } = acts
    disk.fill()
    const startedMs = performance.now()
    await delay(plan.fullMs)
    // A database that is full goes on for a while with the space that it has.
    let felt = false
    while (!felt && performance.now() - startedMs < BACK_WITHIN_MS) {
      if (disk === audit) {
        await delay(LOOK_MS)
        felt = acts.refused - refused >= plan.refusals
      } else {
        const progress = () => (disk === spools ? kept(agents) : acknowledged(agents))
        // What is stored meanwhile leaves the spool, and makes room in it.
        disk.fill()
        const before = progress()
        await delay(STANDS_STILL_MS)
        felt = progress() === before
      }
    }
    if (!felt) unfilled += 1
    disk.empty()
    backMs.push(await works(acts, agents))
  }
  over.abort()
  await Promise.all(going)
  await Promise.all(agents.map((agent) => agent.settled(SETTLE_MS)))
  const waiting = agents.reduce((sum, agent) => sum + agent.spool.waiting, 0)
  const lostInSpools = agents.reduce((sum, agent) => sum + agent.spool.losses().events, 0)
  await resources.disposeAsync()

  const verdict = await whatIsStored(home, agents)
  const recorded = new Set<string>()
  for await (const { outcome, target } of readAudit(join(home, 'audit')))
    if (outcome === 'intended') recorded.add(target)
  const { ok } = await verifyOwnAudit(join(home, 'audit'))
  const made = agents.reduce((sum, agent) => sum + agent.made, 0)
  return [
    { name: 'disks filled', value: order.length, must: { beAtLeast: 3 } },
    { name: 'disks that were full and nobody felt it', value: unfilled, must: { be: 0 } },
    { name: 'events', value: made, must: { beAtLeast: 1000 } },
    { name: 'acknowledged and lost', value: verdict.acknowledgedAndLost, must: { be: 0 } },
    { name: 'not acknowledged in the end', value: made - verdict.acknowledged, must: { be: 0 } },
    { name: 'batches that still wait', value: waiting, must: { be: 0 } },
    { name: 'lost in the spools', value: lostInSpools, must: { be: 0 } },
    { name: 'stored twice', value: verdict.storedTwice, must: { be: 0 } },
    { name: 'alerts missing', value: verdict.alertsMissing, must: { be: 0 } },
    { name: 'alerts twice', value: verdict.alertsTwice, must: { be: 0 } },
    { name: 'acts said to be done', value: acts.done.length, must: { beAtLeast: 3 } },
    { name: 'acts refused', value: acts.refused, must: { beAtLeast: 1 } },
    {
      name: 'acts without a record',
      value: acts.done.filter((id) => !recorded.has(`secret ${id}`)).length,
      must: { be: 0 },
    },
    { name: 'the audit log does not verify', value: ok ? 0 : 1, must: { be: 0 } },
    {
      name: 'works again after there is space, most ms',
      value: Math.round(Math.max(...backMs)),
      must: { beAtMost: PROMISED_MS },
    },
  ]
}

function kept(agents: readonly FleetAgent[]): number {
  return agents.reduce((sum, agent) => sum + agent.spool.counters().emitted, 0) / BATCH_EVENTS
}

function acknowledged(agents: readonly FleetAgent[]): number {
  return agents.reduce((sum, agent) => sum + agent.acknowledged.size, 0)
}

/** @returns milliseconds until an act was done and something new of every agent is stored */
async function works(acts: Acts, agents: readonly FleetAgent[]): Promise<number> {
  const startedMs = performance.now()
  const done = acts.done.length
  const before = agents.map((agent) => agent.acknowledged.size)
  const isSo = () =>
    acts.done.length > done && agents.every((agent, index) => agent.acknowledged.size > (before[index] ?? 0))
  while (!isSo() && performance.now() - startedMs < BACK_WITHIN_MS) await delay(LOOK_MS)
  return performance.now() - startedMs
}
