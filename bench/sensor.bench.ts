/**
 * Promises of the eBPF collector: 200,000 decoded records a second for less than a tenth of a core, and 1,000 exec/s for
 * 30 s of which none is lost; in both produced = delivered + lost, exactly.
 *
 * What is measured: a program outside opens a watched file (or starts a program) at that rate, by real system calls. The
 * collector of this process has each of them as a finished record in its `records()`. Its CPU time is that of this whole
 * process: the worker that empties the rings, the decoding, the garbage. What the programs in the kernel take is charged
 * by Linux to the one who makes the call; that is the third part, the start of a program with and without the sensor.
 *
 *   npm run bench -- sensor [--seconds 10] [--save]
 */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { silentLogger, systemClock } from '@vedette/base'
import { type Collector, ebpf } from '@vedette/collect'
import { BpfObject, wallClockMs } from '@vedette/linux'
import type { RawRecord } from '@vedette/model'
import { kindNames } from '../packages/collect/src/collectors/ebpf/kinds.ts'
import { optional, sensorFile } from '../packages/collect/src/collectors/ebpf/sensor.ts'
import { ensureDebianPackage } from '../test/debian-package.ts'
import { quantile, report } from './figures.ts'

const { values: flags } = parseArgs({
  options: { seconds: { type: 'string', default: '10' }, save: { type: 'boolean' } },
})
const seconds = Number(flags.seconds)
const RECORDS_PER_SECOND = 200_000
const EXECS_PER_SECOND = 1000
const STARTS = 300
const ROUNDS = 24
const EXEC_SECONDS = 3 * seconds

const folder = mkdtempSync(join(tmpdir(), 'vedette-bench-'))
const watched = join(folder, 'watched')
const load = join(folder, 'load')
const nothing = join(folder, 'nothing')
writeFileSync(watched, '')
writeFileSync(`${nothing}.c`, 'void _start(void) { asm volatile("syscall" : : "a"(60), "D"(0)); }')
ensureDebianPackage('gcc', 'gcc')
const source = fileURLToPath(new URL('sensor-load.c', import.meta.url))
execFileSync('gcc', ['-O2', '-o', load, source])
execFileSync('gcc', ['-O2', '-static', '-nostdlib', '-o', nothing, `${nothing}.c`])

/** A program that runs a command line. */
function script(name: string, command: string): string {
  const path = join(folder, name)
  writeFileSync(path, `#!/bin/sh\nexec ${command} > /dev/null\n`, { mode: 0o755 })
  return path
}

interface Ran {
  readonly seconds: number
  /** CPU time of the load and of the programs that it started. */
  readonly cpuSeconds: number
}

async function run(what: 'open' | 'call' | 'exec', path: string, rate: number, times: number): Promise<Ran> {
  const child = spawn(load, [what, path, String(rate), String(times)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  const [nanoseconds, microseconds] = (await text(child.stdout)).split(' ').map(Number)
  const [code] = (await exited) as [number | null]
  if (code !== 0) throw new Error(`the load ended with ${code}`)
  return { seconds: (nanoseconds ?? 0) / 1e9, cpuSeconds: (microseconds ?? 0) / 1e6 }
}

interface Measured {
  readonly tookSeconds: number
  readonly cpuOfOneCore: number
  readonly collector: Collector
}

/** Runs a load under a fresh collector. `see` gets every batch. */
async function under(
  config: Record<string, unknown>,
  work: () => Promise<Ran>,
  see: (records: readonly RawRecord[]) => void,
): Promise<Measured> {
  await using collector = await ebpf.open(
    ebpf.schema.parse({ watch_paths: [watched], watch_reads: [], ...config }),
    { log: silentLogger, clock: systemClock },
  )
  const stop = new AbortController()
  const reading = (async () => {
    for await (const batch of collector.records(stop.signal)) see(batch)
  })()
  const cpu = process.cpuUsage()
  const { seconds: tookSeconds } = await work()
  const used = process.cpuUsage(cpu)
  stop.abort()
  await reading
  return { tookSeconds, cpuOfOneCore: (used.user + used.system) / 1e6 / tookSeconds, collector }
}

function accounts({ collector }: Measured) {
  const { emitted, delivered, lost } = collector.counters()
  return { produced: emitted, delivered, lost, difference: emitted - delivered - lost }
}

const round = (value: number, digits = 3) => Number(value.toFixed(digits))
const percent = (share: number) => `${round(share * 100, 1)} %`

async function records() {
  let checked = 0
  const opens = RECORDS_PER_SECOND * seconds
  const measured = await under(
    {},
    () => run('open', watched, RECORDS_PER_SECOND, opens),
    (batch) => {
      for (const record of batch)
        if (record.source === 'ebpf' && record.type === 'file' && record.path === watched) checked += 1
    },
  )
  return {
    opens,
    'records/s': Math.round(opens / measured.tookSeconds),
    'CPU of one core': percent(measured.cpuOfOneCore),
    'CPU, microseconds a record': round((measured.cpuOfOneCore * measured.tookSeconds * 1e6) / checked),
    'CPU of one core at 200,000 records/s, worked out from that': percent(
      (measured.cpuOfOneCore * measured.tookSeconds * RECORDS_PER_SECOND) / checked,
    ),
    'records with the right path': checked,
    ...accounts(measured),
  }
}

async function execs() {
  const latencies: number[] = []
  const times = EXECS_PER_SECOND * EXEC_SECONDS
  const measured = await under(
    {},
    () => run('exec', nothing, EXECS_PER_SECOND, times),
    (batch) => {
      const nowMs = wallClockMs()
      for (const record of batch) {
        if (record.source === 'ebpf' && record.type === 'exec' && record.executable === nothing)
          latencies.push(nowMs - record.timeMs)
      }
    },
  )
  return {
    execs: times,
    'execs/s': Math.round(times / measured.tookSeconds),
    'execs told': latencies.length,
    'exec to JavaScript, p50 ms': round(quantile(latencies, 0.5)),
    'exec to JavaScript, p99 ms': round(quantile(latencies, 0.99)),
    'CPU of one core': percent(measured.cpuOfOneCore),
    ...accounts(measured),
  }
}

/**
 * CPU time, since on a busy machine the time of day is that of others, and of many short rounds the one that only a
 * quarter of them beat, since others also empty the caches. Rounds with and without the sensor take turns.
 */
async function burden(program: string, starts = STARTS) {
  const without: number[] = []
  const sensed: number[] = []
  const start = () => run('exec', program, 0, starts)
  for (let i = 0; i < ROUNDS; i += 1) {
    without.push((await start()).cpuSeconds)
    await under(
      {},
      async () => {
        const ran = await start()
        sensed.push(ran.cpuSeconds)
        return ran
      },
      () => undefined,
    )
  }
  const quarter = (values: readonly number[]) => quantile(values, 0.25)
  const each = (values: readonly number[]) => round((quarter(values) / starts) * 1e6, 1)
  return {
    'without the sensor, microseconds': each(without),
    'with it, microseconds': each(sensed),
    more: percent(quarter(sensed) / quarter(without) - 1),
    'more, median of the pairs': percent(pairs(without, sensed)),
  }
}

/** What was more, of each round with the sensor and the one without just before it: their median. */
function pairs(without: readonly number[], sensed: readonly number[]): number {
  return quantile(
    sensed.map((seconds, index) => seconds / (without[index] ?? seconds) - 1),
    0.5,
  )
}

/** Nanoseconds of CPU that one call takes, without the sensor and with each of several ways to set it: the least of some rounds. */
async function callCosts() {
  const acts = {
    'a call that no kind is about': () => run('call', '110', 0, CALLS),
    'open and close of what nobody watches': () => run('open', nothing, 0, CALLS / 10),
  }
  const ways: Record<string, Record<string, unknown> | undefined> = {
    'without the sensor': undefined,
    'kinds as they come': {},
    'no kind but exec, fork and exit': {
      network: false,
      watch_paths: [],
      watch_reads: [],
      kinds: allButProcesses,
    },
    'counting calls, too': { kinds: { count_calls: true } },
  }
  const least: Record<string, Record<string, number>> = {}
  for (let i = 0; i < 6; i += 1) {
    for (const [way, config] of Object.entries(ways)) {
      for (const [act, perform] of Object.entries(acts)) {
        let ran: Ran | undefined
        const work = async () => (ran = await perform())
        await (config ? under(config, work, () => undefined) : work())
        const count = act === 'a call that no kind is about' ? CALLS : CALLS / 10
        const nanoseconds = round(((ran?.cpuSeconds ?? 0) / count) * 1e9, 0)
        const row = (least[act] ??= {})
        row[`${way}, ns`] = Math.min(row[`${way}, ns`] ?? Infinity, nanoseconds)
      }
    }
  }
  return least
}

const CALLS = 500_000
const allButProcesses = Object.fromEntries(
  kindNames.filter((name) => !['exec', 'fork', 'exit', 'path'].includes(name)).map((name) => [name, false]),
)

/**
 * What the programs in the kernel take for themselves, by the kernel's own clock: each run, and all together for one start
 * of a program. The tracepoint that leads to a program, and the caches that it empties, are not in it.
 */
async function programTimes() {
  const statistics = '/proc/sys/kernel/bpf_stats_enabled'
  const before = readFileSync(statistics, 'utf8')
  using object = BpfObject.load({ file: sensorFile(), optional })
  using variables = object.variables('.bss')
  variables.u32('enabled').fill(1)
  variables.u64('room_limits').fill(1n << 40n)
  const names = ['process_exec', 'process_fork', 'process_exit', 'system_call', 'call_counted']
  writeFileSync(statistics, '1')
  try {
    for (const name of names) object.attach(name)
    await run('exec', '/bin/true', 0, STARTS)
    object.detach()
  } finally {
    writeFileSync(statistics, before)
  }
  return Object.fromEntries(
    names.map((name) => {
      const { count, nanoseconds } = object.runs(name)
      return [name, `${round(nanoseconds / Math.max(count, 1), 0)} ns a run`]
    }),
  )
}

try {
  const figures = {
    // Others who use the machine slow the load down and make every figure worse.
    'load average before it began': round(loadavg()[0] ?? 0, 1),
    'opens of a watched file': await records(),
    'starts of a program': await execs(),
    'CPU of fork, exec and exit of /bin/true': await burden('/bin/true'),
    'CPU of fork, exec and exit of a program that only exits': await burden(nothing),
    'CPU of find over /usr/share': await burden(script('find', 'find /usr/share -xdev -newer /bin/true'), 1),
    'CPU of compiling a file': await burden(
      script('compile', `/usr/bin/gcc -O2 -c ${source} -o /dev/null`),
      2,
    ),
    'CPU of a system call': await callCosts(),
    'programs in the kernel': await programTimes(),
  }
  report('sensor', figures)
  const [files, programs] = [figures['opens of a watched file'], figures['starts of a program']]
  if (files.difference !== 0 || programs.difference !== 0 || programs['execs told'] !== programs.execs)
    process.exitCode = 1
} finally {
  rmSync(folder, { recursive: true })
}
