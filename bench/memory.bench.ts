/**
 * Promise: the agent takes at most 150 MiB at 1,000 events/s. Published beside it: the idle memory of the agent alone and of
 * the whole house.
 *
 * RSS counts pages that several processes share in each of them; PSS divides them, so only PSS adds up to a whole. The
 * promise is about RSS, the stricter one.
 *
 *   npm run bench -- memory [--seconds 60] [--save]
 */
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { startHouse } from '../test/house.ts'
import { report } from './figures.ts'
import { startBackground } from './load/background.ts'

const { values: flags } = parseArgs({
  options: { seconds: { type: 'string', default: '60' }, save: { type: 'boolean' } },
})
const seconds = Number(flags.seconds)
const SETTLE_MS = 20_000
const EXECS_PER_SECOND = 125
const CONNECTIONS_PER_SECOND = 188

interface Memory {
  readonly rssMiB: number
  readonly pssMiB: number
}

await using house = await startHouse()
await delay(SETTLE_MS)
const idle = measure(house.ready.pid)
await using background = await startBackground(EXECS_PER_SECOND, CONNECTIONS_PER_SECOND, seconds + 10)
const agentRss: number[] = []
for (let second = 0; second < seconds; second += 1) {
  await delay(1000)
  agentRss.push(measure(house.ready.pid).agent.rssMiB)
}
const { execs, connections } = background.counts()
const busy = measure(house.ready.pid)
report('memory', {
  idle,
  eventsPerSecond: Math.round((execs * 2 + connections * 4) / seconds),
  busy,
  agentPeakMiB: Math.max(...agentRss),
  // Growth over the second half: a guest that keeps growing is no guest for long.
  agentGrowthMiB: (agentRss.at(-1) ?? 0) - (agentRss[Math.floor(agentRss.length / 2)] ?? 0),
})
if (Math.max(...agentRss) > 150) process.exitCode = 1

function measure(
  supervisor: number,
): Record<'agent' | 'server' | 'postgres' | 'supervisor' | 'whole', Memory> {
  const parts = {
    agent: [] as Memory[],
    server: [] as Memory[],
    postgres: [] as Memory[],
    supervisor: [] as Memory[],
  }
  for (const pid of withDescendants(supervisor)) {
    const command = read(`/proc/${pid}/cmdline`)
    const memory = memoryOf(pid)
    if (command.includes('apps/agent/')) parts.agent.push(memory)
    else if (command.includes('apps/server/')) parts.server.push(memory)
    else if (command.includes('postgres')) parts.postgres.push(memory)
    else parts.supervisor.push(memory)
  }
  const whole = Object.values(parts).flat()
  return {
    agent: sum(parts.agent),
    server: sum(parts.server),
    postgres: sum(parts.postgres),
    supervisor: sum(parts.supervisor),
    whole: sum(whole),
  }
}

function sum(memories: readonly Memory[]): Memory {
  return {
    rssMiB: memories.reduce((total, { rssMiB }) => total + rssMiB, 0),
    pssMiB: memories.reduce((total, { pssMiB }) => total + pssMiB, 0),
  }
}

function memoryOf(pid: number): Memory {
  const rollup = read(`/proc/${pid}/smaps_rollup`)
  const kib = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(rollup)?.[1] ?? 0)
  return { rssMiB: Math.round(kib('Rss') / 1024), pssMiB: Math.round(kib('Pss') / 1024) }
}

function withDescendants(pid: number): number[] {
  const parents = new Map<number, number>()
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const stat = read(`/proc/${name}/stat`)
    parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]))
  }
  const found = [pid]
  for (const one of found) for (const [child, parent] of parents) if (parent === one) found.push(child)
  return found
}

/** Empty for a process that has ended in the meantime. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
