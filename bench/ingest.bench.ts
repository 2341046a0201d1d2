/**
 * What a server takes for good: agents send over TLS as `vedette load-test` has them do, from other processes, and share the
 * machine's cores with it; its stores are its own, its rules all that come with Vedette. The promise: 30,000 events a second
 * for ten minutes on two cores, each acknowledged once it is stored, p99 of that at most a second, and memory that stays
 * where it is. Where others use the machine the CPU time of an event says more than the rate.
 *
 *   npm run bench -- ingest [--rate 32000] [--duration 10m] [--agents 10] [--save]
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { globSync, statSync } from 'node:fs'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { report } from './figures.ts'
import { type LoneServer, startLoneServer } from './load/server.ts'

const LOOK_MS = 1000
/** Caches and heaps fill for so much of the time. */
const WARM_SHARE = 0.3
const VEDETTE = fileURLToPath(new URL('../apps/cli/src/main.ts', import.meta.url))

const { values: flags } = parseArgs({
  options: {
    rate: { type: 'string', default: '32000' },
    duration: { type: 'string', default: '10m' },
    agents: { type: 'string', default: '10' },
    save: { type: 'boolean' },
  },
})

interface Look {
  readonly atMs: number
  readonly bytes: number
}

interface Result {
  readonly sent: number
  readonly acknowledged: number
  readonly stored: number
  readonly duplicates: number
  readonly lost: number
  readonly eventsPerSecond: number
  readonly ackP50Ms: number
  readonly ackP99Ms: number
}

async function measure(server: LoneServer) {
  const looks: Look[] = []
  const look = () => looks.push({ atMs: performance.now(), bytes: server.memoryBytes() })
  const cpuBefore = server.cpuSeconds()
  const child = spawn(
    process.execPath,
    [
      VEDETTE,
      'load-test',
      '--home',
      server.home,
      '--json',
      ...given('agents'),
      ...given('rate'),
      ...given('duration'),
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const timer = setInterval(look, LOOK_MS)
  const ended = once(child, 'close')
  const printed = await text(child.stdout)
  await ended
  clearInterval(timer)
  return { result: JSON.parse(printed) as Result, looks, cpuSeconds: server.cpuSeconds() - cpuBefore }
}

const given = (name: 'agents' | 'rate' | 'duration') => [`--${name}`, flags[name]]

/** By how much memory grows, least squares, MiB a minute, once it is warm. */
function slope(looks: readonly Look[]): number {
  const warm = looks.slice(Math.floor(looks.length * WARM_SHARE))
  const mean = (of: (look: Look) => number) => warm.reduce((sum, look) => sum + of(look), 0) / warm.length
  const time = mean(({ atMs }) => atMs)
  const size = mean(({ bytes }) => bytes)
  const above = warm.reduce((sum, { atMs, bytes }) => sum + (atMs - time) * (bytes - size), 0)
  const below = warm.reduce((sum, { atMs }) => sum + (atMs - time) ** 2, 0)
  return ((above / below) * 60_000) / 2 ** 20
}

function sizeOf(folder: string): number {
  return globSync('**/*', { cwd: folder, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0)
}

const round = (value: number) => Math.round(value * 10) / 10
const before = round(loadavg()[0] ?? 0)
await using server = await startLoneServer()
const { result, looks, cpuSeconds } = await measure(server)
report('ingest', {
  'load average before it began': before,
  duration: flags.duration,
  agents: Number(flags.agents),
  'events/s asked for': Number(flags.rate),
  'events/s': result.eventsPerSecond,
  events: result.acknowledged,
  'acknowledge p50, ms': result.ackP50Ms,
  'acknowledge p99, ms': result.ackP99Ms,
  lost: result.lost,
  duplicates: result.duplicates,
  'not acknowledged': result.sent - result.acknowledged,
  "server's CPU, µs/event": round((cpuSeconds * 1e6) / result.acknowledged),
  'memory, most, MiB': Math.round(Math.max(...looks.map(({ bytes }) => bytes)) / 2 ** 20),
  'memory when warm, MiB a minute': round(slope(looks)),
  'disk, bytes/event': round(sizeOf(join(server.stores, 'events')) / result.acknowledged),
})
if (result.lost + result.duplicates > 0 || result.sent !== result.acknowledged) process.exitCode = 1
