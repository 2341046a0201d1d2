import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { EventBatch, Gap } from '@vedette/model'
import { seeded } from '../../../packages/store/src/testing/forgetful-files.ts'
import { agentA } from '../../../packages/store/src/testing/sample-events.ts'
import { Receiver } from '../line/receiver.ts'
import type { Figure } from '../row.ts'
import { settle, type Story, type Toll } from './toll.ts'

const carrier = fileURLToPath(new URL('carrier.ts', import.meta.url))
/** Of the batches, how many the server cannot store when they come: the line ends and they come again. */
const STORE_FAILS = 0.05
/** Of the faults, how many come while the server can store nothing and the spool is full. */
const OUTAGES = 0.3
const LEAST_BATCH_BYTES = 2048
/** A server that is back makes room before so many more were dropped, or never. */
const MOST_DROPPED = 100

export interface Plan {
  /** Agents side by side, each with a spool and a server of its own; the faults are shared out among them. */
  readonly agents: number
  readonly kills: number
  readonly stops: number
  readonly stopMs: number
  /** Of each spool. */
  readonly capBytes: number
  /** Goes on until so many events were kept. */
  readonly events: number
}

/** Agents, one life after the other over one spool, killed or halted at random, and servers that now and then cannot store. */
export async function kills(seed: number, plan: Plan): Promise<Figure[]> {
  const share = (whole: number, index: number) =>
    Math.floor((whole * (index + 1)) / plan.agents) - Math.floor((whole * index) / plan.agents)
  const tolls = await Promise.all(
    Array.from({ length: plan.agents }, (_, index) =>
      fates(seeded(seed * 31 + index), {
        kills: share(plan.kills, index),
        stops: share(plan.stops, index),
        stopMs: plan.stopMs,
        capBytes: plan.capBytes,
        events: share(plan.events, index),
      }),
    ),
  )
  const sum = (of: (toll: Toll) => number) => tolls.reduce((total, toll) => total + of(toll), 0)
  return [
    { name: 'kill -9', value: plan.kills },
    { name: `halts of ${plan.stopMs} ms`, value: plan.stops },
    { name: 'events kept', value: sum((toll) => toll.events), must: { beAtLeast: plan.events } },
    { name: 'batches kept', value: sum((toll) => toll.kept), must: { beAtLeast: plan.kills } },
    { name: 'batches that came again', value: sum((toll) => toll.again) },
    { name: 'batches dropped and declared', value: sum((toll) => toll.declared), must: { beAtLeast: 3 } },
    { name: 'kept and lost', value: sum((toll) => toll.lost), must: { be: 0 } },
    { name: 'gaps that were not declared', value: sum((toll) => toll.undeclared), must: { be: 0 } },
    {
      name: 'events of gaps, and not of the declared ones, or the other way round',
      value: sum((toll) => toll.difference),
      must: { be: 0 },
    },
    { name: 'declared, and not told in the last report', value: sum((toll) => toll.untold), must: { be: 0 } },
    { name: 'the same number with other events', value: sum((toll) => toll.contradicted), must: { be: 0 } },
    { name: 'last agents that did not settle', value: sum((toll) => toll.unsettled), must: { be: 0 } },
  ]
}

async function fates(random: () => number, plan: Omit<Plan, 'agents'>): Promise<Toll> {
  const folder = mkdtempSync(join(tmpdir(), 'vedette-kills-'))
  const story: Story = {
    kept: new Map(),
    dropped: new Set(),
    gaps: new Map(),
    highest: new Map(),
    events: 0,
    lost: 0,
    settled: false,
  }
  await using receiver = await Receiver.open(agentA)
  const args = [folder, receiver.url, String(plan.capBytes)]
  let away = false
  receiver.storeFails = () => away || random() < STORE_FAILS
  receiver.onBatch = ({ run, events }: EventBatch) => {
    const number = Number(events.at(-1)?.id.split('-').at(-1))
    story.highest.set(run, Math.max(story.highest.get(run) ?? -1, number))
  }
  const faults = [
    ...Array.from({ length: plan.kills }, () => 'kill' as const),
    ...Array.from({ length: plan.stops }, () => 'stop' as const),
  ].sort(() => random() - 0.5)
  // However few there are, the first comes after an outage.
  const outages = faults.map((_, index) => random() < OUTAGES || index === 0)
  try {
    let next = 0
    while (next < faults.length) {
      // A life has some halts, and then an end.
      await live(args, story, async (agent) => {
        for (let killed = false; !killed && next < faults.length; next += 1) {
          if (outages[next] === true) {
            away = true
            const isFull = after(() => story.dropped.size, 2)
            // One that forgets what it has to keep is never full.
            const isTooMuch = after(() => story.kept.size, plan.capBytes / LEAST_BATCH_BYTES)
            await until(agent, () => isFull() || isTooMuch())
            // Half of them last, so that the end comes while the spool is full; the first one never.
            if (next === 0 || random() < 0.5) away = false
          }
          // Where there is room again something is kept behind the gap, and so it is seen.
          const more = 1 + Math.floor(random() * 20)
          const isKept = after(() => story.kept.size, more)
          const isDropped = after(() => story.dropped.size, away ? more : MOST_DROPPED)
          await until(agent, () => isKept() || isDropped())
          if (faults[next] === 'stop') {
            agent.kill('SIGSTOP')
            await delay(plan.stopMs)
            agent.kill('SIGCONT')
          } else {
            agent.kill('SIGKILL')
            killed = true
          }
          away = false
        }
        if (faults[next - 1] === 'stop') agent.kill('SIGKILL')
      })
    }
    receiver.storeFails = () => false
    await live(args, story, async (agent) => {
      await until(agent, () => story.events >= plan.events)
      agent.stdin.write('finish\n')
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  return settle(story, receiver)
}

type Agent = ChildProcessByStdio<Writable, Readable, null>

async function live(
  args: readonly string[],
  story: Story,
  fate: (agent: Agent) => Promise<void>,
): Promise<void> {
  const agent = spawn(process.execPath, [carrier, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const ended = once(agent, 'close')
  createInterface({ input: agent.stdout }).on('line', (line) => hear(line, story))
  try {
    await fate(agent)
    await ended
  } finally {
    agent.kill('SIGKILL')
  }
}

function hear(line: string, story: Story): void {
  const [word = '', ...rest] = line.split(' ')
  const [run = '', from = '', to = '', batches = '', events = ''] = rest
  if (word === 'settled') story.settled = run === '0'
  if (word === 'lost') story.lost = Number(run)
  if (word === 'gap' && events !== '') {
    const gap: Gap = {
      run,
      from: Number(from),
      to: Number(to),
      batches: Number(batches),
      events: Number(events),
    }
    story.gaps.set(`${run} ${from}`, gap)
  }
  // The last line of one that was killed may be cut.
  if (to === '') return
  if (word === 'dropped') story.dropped.add(`${run} ${from}`)
  if (word === 'kept') {
    story.events += Number(to)
    story.kept.set(`${run} ${from}`, Number(to))
  }
}

function after(count: () => number, more: number): () => boolean {
  const goal = count() + more
  return () => count() >= goal
}

/** Waits until it is so, or that agent is gone. */
async function until(agent: Agent, isSo: () => boolean): Promise<void> {
  while (!isSo() && agent.exitCode === null && agent.signalCode === null) await delay(10)
}
