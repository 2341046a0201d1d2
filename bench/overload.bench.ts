/**
 * Promises of the watch under overload (R8): 200,000 kernel events a second for a minute beside 1,000 exec/s, while who
 * reads them stops for five seconds. Then produced = delivered + lost, for each kind; no exec is lost; and that the watch
 * sees less raises an alert within five seconds of the first loss.
 *
 * What is measured: two programs outside, one that opens a watched file and one that starts programs, by real system calls
 * at these rates. This process has the agent's first half (sensor, normaliser, what notices losses) and the engine with
 * all rules of content. Opening ends when the time is over, however much was done by then; each program is started.
 *
 *   npm run bench -- overload [--seconds 60] [--stop 5] [--opens 200000] [--execs 1000] [--save]
 */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { silentLogger, systemClock } from '@vedette/base'
import { collectSchema } from '@vedette/collect'
import { createEngine, loadRules } from '@vedette/detect'
import { createWatch } from '@vedette/manager/watch'
import type { AgentId, Event, PartReport } from '@vedette/model'
import { normaliseConfigSchema } from '@vedette/normalise'
import { ensureDebianPackage } from '../test/debian-package.ts'
import { report } from './figures.ts'

const { values: flags } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    stop: { type: 'string', default: '5' },
    opens: { type: 'string', default: '200000' },
    execs: { type: 'string', default: '1000' },
    save: { type: 'boolean' },
  },
})
const seconds = Number(flags.seconds)
const stopSeconds = Number(flags.stop)
const opens = Number(flags.opens)
const execs = Number(flags.execs)
const DEGRADED = '3c34c0d7-9087-57f3-a9f0-f9fc7418cf2b'
const LONGEST_ALERT_MS = 5000

const folder = mkdtempSync(join(tmpdir(), 'vedette-overload-'))
const watched = join(folder, 'watched')
const load = join(folder, 'load')
const nothing = join(folder, 'nothing')
writeFileSync(watched, '')
writeFileSync(`${nothing}.c`, 'void _start(void) { asm volatile("syscall" : : "a"(60), "D"(0)); }')
ensureDebianPackage('gcc', 'gcc')
execFileSync('gcc', ['-O2', '-o', load, fileURLToPath(new URL('sensor-load.c', import.meta.url))])
execFileSync('gcc', ['-O2', '-static', '-nostdlib', '-o', nothing, `${nothing}.c`])

/** Opens the file for as long as the time is. */
async function openOften(): Promise<void> {
  const child = spawn(load, ['open', watched, String(opens), String(opens * seconds * 2)], {
    stdio: 'ignore',
    timeout: seconds * 1000,
    killSignal: 'SIGKILL',
  })
  await once(child, 'exit')
}

/** Starts every program. How many a second it did; it falls short where the machine is busy with other things. */
async function startOften(): Promise<number> {
  const times = execs * seconds
  const child = spawn(load, ['exec', nothing, String(execs), String(times)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  const [nanoseconds] = (await text(child.stdout)).split(' ').map(Number)
  await exited
  return Math.round(times / ((nanoseconds ?? 0) / 1e9))
}

const sensorOf = (parts: readonly PartReport[]): PartReport | undefined =>
  parts.find(({ name }) => name === 'ebpf')

async function measure() {
  const { rules } = await loadRules([fileURLToPath(new URL('../content/rules', import.meta.url))])
  const engine = createEngine(rules, { clock: systemClock, log: silentLogger })
  await using watch = await createWatch({
    agent: 'b'.repeat(32) as AgentId,
    hostname: 'bench',
    run: '0123456789abcdef',
    collect: collectSchema.parse({
      kernel: 'ebpf',
      ebpf: { watch_paths: [watched], watch_reads: [] },
      file: { paths: [] },
    }),
    normalise: normaliseConfigSchema.parse({ executable_hash: { enabled: false } }),
    // As the agent does, whose reader may be held up as well.
    onSensorEvent: (event) => judge([event]),
    clock: systemClock,
    log: silentLogger,
  })
  const judge = (events: readonly Event[]) => {
    for (const { rule } of engine.evaluate(events))
      if (rule.id === DEGRADED && times.alertMs === 0) times.alertMs = performance.now()
  }
  const stop = new AbortController()
  const times = { firstLossMs: 0, degradedMs: 0, alertMs: 0 }
  const looking = setInterval(() => {
    if (times.firstLossMs === 0 && (sensorOf(watch.parts())?.counters.lost ?? 0) > 0)
      times.firstLossMs = performance.now()
    if (times.degradedMs === 0 && watch.blindSpots().some(({ code }) => code === 'overload'))
      times.degradedMs = performance.now()
  }, 20)
  const startedMs = performance.now()
  const stopAtMs = startedMs + (seconds * 1000) / 3
  const told = { launches: 0, files: 0, events: 0 }
  let stopped = false
  const reading = (async () => {
    for await (const batch of watch.events(stop.signal)) {
      for (const event of batch) {
        told.events += 1
        if (event.kind === 'file') told.files += 1
        else if (event.kind === 'process' && event.activity === 'launch' && event.process.path === nothing)
          told.launches += 1
      }
      judge(batch)
      if (stopped || performance.now() < stopAtMs) continue
      stopped = true
      await delay(stopSeconds * 1000)
    }
  })()
  const [execsPerSecond] = await Promise.all([startOften(), openOften()])
  stop.abort()
  await reading
  clearInterval(looking)
  const sensor = sensorOf(watch.parts())
  if (!sensor) throw new Error('there is no sensor')
  return { sensor, told, times, execsPerSecond, stopped }
}

function accounts({ counters, kinds }: PartReport) {
  const books = Object.entries(kinds ?? {}).filter(([, { emitted }]) => emitted > 0)
  return {
    produced: counters.emitted,
    delivered: counters.delivered,
    lost: counters.lost,
    difference: counters.emitted - counters.delivered - counters.lost,
    'kinds whose books are not exact': books.filter(([, book]) => book.emitted !== book.delivered + book.lost)
      .length,
    'lost by kind': Object.fromEntries(
      books.filter(([, { lost }]) => lost > 0).map(([kind, { lost }]) => [kind, lost]),
    ),
  }
}

const after = (from: number, to: number) => (from === 0 || to === 0 ? 'never' : Math.round(to - from))

try {
  const before = Math.round((loadavg()[0] ?? 0) * 10) / 10
  const { sensor, told, times, execsPerSecond, stopped } = await measure()
  const books = accounts(sensor)
  const vital = ['exec', 'set_user', 'set_group', 'set_capabilities'].reduce(
    (sum, kind) => sum + (sensor.kinds?.[kind]?.lost ?? 0),
    0,
  )
  const alert = after(times.firstLossMs, times.alertMs)
  report('overload', {
    'load average before it began': before,
    seconds,
    'reader stopped, s': stopped ? stopSeconds : 0,
    'kernel events/s': Math.round(books.produced / seconds),
    'execs/s': execsPerSecond,
    ...books,
    'exec and credentials lost': vital,
    'execs told': told.launches,
    execs: execs * seconds,
    'events made': told.events,
    'first loss to the sensor saying so, ms': after(times.firstLossMs, times.degradedMs),
    'first loss to the alert, ms': alert,
  })
  if (
    books.difference !== 0 ||
    books['kinds whose books are not exact'] > 0 ||
    vital > 0 ||
    told.launches !== execs * seconds ||
    (books.lost > 0 && (alert === 'never' || alert > LONGEST_ALERT_MS))
  )
    process.exitCode = 1
} finally {
  rmSync(folder, { recursive: true })
}
