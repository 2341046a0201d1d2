import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { seeded } from '../../../packages/store/src/testing/forgetful-files.ts'
import { agentA } from '../../../packages/store/src/testing/sample-events.ts'
import { Receiver } from '../line/receiver.ts'
import type { Figure } from '../row.ts'

const carrier = fileURLToPath(new URL('carrier.ts', import.meta.url))
/** Of the batches, how many the server cannot store when they come: the line ends and they come again. */
const STORE_FAILS = 0.25

export interface Plan {
  readonly kills: number
  readonly stops: number
  readonly stopMs: number
  /** Goes on until so many events were kept. */
  readonly events: number
}

/** What an agent said of its batches: by run and number, the events of those it kept and of those it dropped. */
interface Said {
  readonly kept: Map<string, number>
  readonly dropped: Map<string, number>
  events: number
  settled: boolean
}

/** One agent after the other over one spool, killed or halted at random, and a server that now and then cannot store. */
export async function kills(seed: number, plan: Plan): Promise<Figure[]> {
  const random = seeded(seed)
  const folder = mkdtempSync(join(tmpdir(), 'vedette-kills-'))
  const said: Said = { kept: new Map(), dropped: new Map(), events: 0, settled: false }
  await using receiver = await Receiver.open(agentA)
  receiver.storeFails = () => random() < STORE_FAILS
  const faults = [
    ...Array.from({ length: plan.kills }, () => 'kill' as const),
    ...Array.from({ length: plan.stops }, () => 'stop' as const),
  ].sort(() => random() - 0.5)
  try {
    let left = faults
    while (left.length > 0) {
      // A life has some halts, and then an end.
      const end = left.indexOf('kill')
      const stops = end === -1 ? left.length : end
      await live(folder, receiver.url, said, async (agent) => {
        for (let i = 0; i < stops; i += 1) {
          await moreKept(said, agent, 1 + Math.floor(random() * 5))
          agent.kill('SIGSTOP')
          await delay(plan.stopMs)
          agent.kill('SIGCONT')
        }
        await moreKept(said, agent, 1 + Math.floor(random() * 20))
        agent.kill('SIGKILL')
      })
      left = left.slice(stops + 1)
    }
    receiver.storeFails = () => false
    await live(folder, receiver.url, said, async (agent) => {
      while (said.events < plan.events && agent.exitCode === null) await moreKept(said, agent, 1)
      agent.stdin.write('finish\n')
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  const came = new Set<string>()
  for (const [run, numbers] of receiver.runs)
    for (const number of numbers.keys()) came.add(`${run} ${number}`)
  const lost = [...said.kept.keys()].filter((name) => !came.has(name))
  return [
    { name: 'kill -9', value: plan.kills },
    { name: `halts of ${plan.stopMs} ms`, value: plan.stops },
    { name: 'events kept', value: said.events, must: { beAtLeast: plan.events } },
    { name: 'batches kept', value: said.kept.size, must: { beAtLeast: plan.kills } },
    { name: 'batches that came again', value: receiver.again },
    { name: 'kept and lost', value: lost.length, must: { be: 0 } },
    { name: 'gaps that were not declared', value: undeclaredGaps(receiver, said), must: { be: 0 } },
    { name: 'the same number with other events', value: receiver.contradicted, must: { be: 0 } },
    { name: 'the last agent did not settle', value: said.settled ? 0 : 1, must: { be: 0 } },
  ]
}

/** Numbers below the last that came of a run, that did not come and were not said to be dropped; and the other way round. */
function undeclaredGaps(receiver: Receiver, { dropped }: Said): number {
  let gaps = 0
  for (const [run, numbers] of receiver.runs) {
    const last = Math.max(...numbers.keys())
    for (let number = 0; number <= last; number += 1)
      if (numbers.has(number) === dropped.has(`${run} ${number}`)) gaps += 1
  }
  return gaps
}

type Agent = ChildProcessByStdio<Writable, Readable, null>

async function live(
  folder: string,
  url: string,
  said: Said,
  fate: (agent: Agent) => Promise<void>,
): Promise<void> {
  const agent = spawn(process.execPath, [carrier, folder, url], { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = once(agent, 'close')
  createInterface({ input: agent.stdout }).on('line', (line) => {
    const [word = '', run = '', number = '', events = ''] = line.split(' ')
    if (word === 'settled') said.settled = run === '0'
    // The last line of one that was killed may be cut.
    if (events === '') return
    if (word === 'kept') said.events += Number(events)
    if (word === 'kept' || word === 'dropped') said[word].set(`${run} ${number}`, Number(events))
  })
  try {
    await fate(agent)
    await ended
  } finally {
    agent.kill('SIGKILL')
  }
}

/** Waits until that agent has kept some more batches, or is gone. */
async function moreKept(said: Said, agent: Agent, batches: number): Promise<void> {
  const goal = said.kept.size + batches
  while (said.kept.size < goal && agent.exitCode === null && agent.signalCode === null) await delay(10)
}
