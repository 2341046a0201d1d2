/**
 * Promise: the agent takes at most 150 MiB and 5 % of a core at 1,000 events/s, with the kinds that are on by default.
 * Published beside it: what it takes in its first 20 s, while it takes stock of the host and looks at all files; what it
 * takes when it has settled; the processes that it starts for what is seldom done, which end with it; and the whole house.
 *
 * RSS counts pages that several processes share in each of them; PSS divides them, so only PSS adds up to a whole. The
 * promise is about the RSS of the agent's own process, and about the processor time of that and of all that it starts.
 *
 *   npm run bench -- memory [--seconds 60] [--settle 180] [--save]
 */
import { readdirSync, readFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { startHouse } from '../test/house.ts'
import { report } from './figures.ts'
import { startBackground } from './load/background.ts'

const { values: flags } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    // How long to wait for the agent's processes to end, at most.
    settle: { type: 'string', default: '180' },
    save: { type: 'boolean' },
  },
})
const seconds = Number(flags.seconds)
const START_S = 20
const MOST_MIB = 150
const MOST_CPU_PERCENT = 5
const EXECS_PER_SECOND = 125
const CONNECTIONS_PER_SECOND = 188

interface Memory {
  readonly rssMiB: number
  readonly pssMiB: number
}

await using house = await startHouse()
const supervisor = house.ready.pid
const start = await observe(START_S)
const settling = performance.now()
while (measure(supervisor).helpers.rssMiB > 0 && performance.now() - settling < Number(flags.settle) * 1000) {
  await delay(1000)
}
// It gives back what it no longer needs once a minute.
await delay(61_000)
const idle = measure(supervisor)
await using background = await startBackground(EXECS_PER_SECOND, CONNECTIONS_PER_SECOND, seconds + 10)
// The first second is that of the shell that starts the programs.
await delay(1000)
const before = {
  counts: background.counts(),
  cpuMs: cpuMs(supervisor),
  ownMs: ownCpuMs(supervisor),
  atMs: performance.now(),
}
const loaded = await observe(seconds)
const elapsedMs = performance.now() - before.atMs
const execs = background.counts().execs - before.counts.execs
const connections = background.counts().connections - before.counts.connections
const cpuPercent = (cpuMs(supervisor) - before.cpuMs) / (elapsedMs / 100)
const busy = measure(supervisor)
const peakMiB = Math.max(...loaded.map(({ agent }) => agent.rssMiB))
report('memory', {
  start: peakOf(start),
  idle,
  eventsPerSecond: Math.round((execs * 2 + connections * 4) / (elapsedMs / 1000)),
  busy,
  peak: peakOf(loaded),
  agentPeakMiB: peakMiB,
  agentAndHelpersCpuPercent: Number(cpuPercent.toFixed(1)),
  agentCpuPercent: Number(((ownCpuMs(supervisor) - before.ownMs) / (elapsedMs / 100)).toFixed(1)),
  // On a machine with more to do than it can, all of this says little.
  load: loadavg().map((one) => Number(one.toFixed(1))),
  // Growth over the second half: a guest that keeps growing is no guest for long.
  agentGrowthMiB:
    (loaded.at(-1)?.agent.rssMiB ?? 0) - (loaded[Math.floor(loaded.length / 2)]?.agent.rssMiB ?? 0),
  kept: { memory: peakMiB <= MOST_MIB, cpu: cpuPercent <= MOST_CPU_PERCENT },
})
if (peakMiB > MOST_MIB || cpuPercent > MOST_CPU_PERCENT) process.exitCode = 1

/** Four looks a second. */
async function observe(forSeconds: number): Promise<ReturnType<typeof measure>[]> {
  const seen: ReturnType<typeof measure>[] = []
  const untilMs = performance.now() + forSeconds * 1000
  while (performance.now() < untilMs) {
    await delay(250)
    seen.push(measure(supervisor))
  }
  return seen
}

function peakOf(seen: readonly ReturnType<typeof measure>[]) {
  const most = (values: readonly number[]) => Math.max(0, ...values)
  return {
    agentRssMiB: most(seen.map(({ agent }) => agent.rssMiB)),
    helpersRssMiB: most(seen.map(({ helpers }) => helpers.rssMiB)),
    agentAndHelpersPssMiB: most(seen.map(({ agent, helpers }) => agent.pssMiB + helpers.pssMiB)),
  }
}

/** Processor time of the agent and of its processes, those that have ended included. */
function cpuMs(of: number): number {
  const agents = withDescendants(of).filter((pid) => isAgent(read(`/proc/${pid}/cmdline`)))
  const all = agents.flatMap((pid) => withDescendants(pid))
  // Fields 14 to 17 of proc_pid_stat(5), in hundredths of a second; the last two of children that have ended.
  return all.reduce((sum, pid) => {
    const stat = read(`/proc/${pid}/stat`)
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return sum + fields.slice(11, 15).reduce((ticks, field) => ticks + 10 * Number(field), 0)
  }, 0)
}

/** That of the agent's own process. */
function ownCpuMs(of: number): number {
  const agents = withDescendants(of).filter((pid) => isAgent(read(`/proc/${pid}/cmdline`)))
  return agents.reduce((sum, pid) => {
    const stat = read(`/proc/${pid}/stat`)
    const [user, system] = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .slice(11, 13)
    return sum + 10 * (Number(user) + Number(system))
  }, 0)
}

function isAgent(command: string): boolean {
  return command.includes('apps/agent/')
}

function measure(
  of: number,
): Record<'agent' | 'helpers' | 'server' | 'postgres' | 'supervisor' | 'whole', Memory> {
  const parts = {
    agent: [] as Memory[],
    helpers: [] as Memory[],
    server: [] as Memory[],
    postgres: [] as Memory[],
    supervisor: [] as Memory[],
  }
  for (const pid of withDescendants(of)) {
    const command = read(`/proc/${pid}/cmdline`)
    const memory = memoryOf(pid)
    if (isAgent(command)) parts.agent.push(memory)
    else if (/\/(?:side|scan)\.worker\./.test(command)) parts.helpers.push(memory)
    else if (command.includes('apps/server/')) parts.server.push(memory)
    else if (command.includes('postgres')) parts.postgres.push(memory)
    else parts.supervisor.push(memory)
  }
  const whole = Object.values(parts).flat()
  return {
    agent: sum(parts.agent),
    helpers: sum(parts.helpers),
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
