/**
 * Promises of the eBPF collector: 200,000 decoded records a second for less than a tenth of a core, and 1,000 exec/s for
 * 30 s of which none is lost; in both produced = delivered + lost, exactly.
 *
 * What is measured: a program outside opens a watched file (or starts a program) at that rate, by real system calls. The
 * collector of this process has each of them as a finished record in its `records()`. Its CPU time is that of this whole
 * process: the worker that empties the rings, the decoding, the garbage. What the programs in the kernel take is charged
 * by Linux to the one who makes the call; that is the third part: starting programs, searching a folder, compiling and
 * serving files, with and without the sensor. What each kind of record costs is in kind-costs.bench.ts.
 *
 *   npm run bench -- sensor [--seconds 10] [--starts 300] [--only find,compile] [--save]
 *
 * For 100,000 starts of a program on each side: --starts 4200.
 */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
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
  options: {
    seconds: { type: 'string', default: '10' },
    starts: { type: 'string', default: '300' },
    only: { type: 'string' },
    save: { type: 'boolean' },
  },
})
const seconds = Number(flags.seconds)
const RECORDS_PER_SECOND = 200_000
const EXECS_PER_SECOND = 1000
const STARTS = Number(flags.starts)
/** Rounds without the sensor, then as many with it; that some times. */
const ROUNDS = 6
const BLOCKS = 4
/** The kernel lets go of each call that was watched by itself, one after the other; until then all calls cost a little more. */
const LET_GO_MS = 8000
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
 *
 * @param act does it once and gives what one of it took, microseconds of CPU
 */
async function burden(act: () => Promise<number>) {
  const without: number[] = []
  const sensed: number[] = []
  const rounds = async (to: number[]) => {
    for (let i = 0; i < ROUNDS; i += 1) to.push(await act())
    return { seconds: 0, cpuSeconds: 0 }
  }
  for (let block = 0; block < BLOCKS; block += 1) {
    await rounds(without)
    await under(
      {},
      () => rounds(sensed),
      () => undefined,
    )
    await delay(LET_GO_MS)
  }
  const quarter = (values: readonly number[]) => quantile(values, 0.25)
  return {
    'without the sensor, microseconds': round(quarter(without), 1),
    'with it, microseconds': round(quarter(sensed), 1),
    more: percent(quarter(sensed) / quarter(without) - 1),
    'more, median of the pairs': percent(pairs(without, sensed)),
  }
}

/** Starts a program so many times. */
const starting =
  (program: string, times = STARTS) =>
  async () =>
    ((await run('exec', program, 0, times)).cpuSeconds / times) * 1e6

/** CPU of one nginx worker for each request of a small file on loopback, while one client asks as fast as it can. */
async function serving() {
  ensureDebianPackage('nginx-light', 'nginx')
  ensureDebianPackage('wrk', 'wrk')
  const configuration = join(folder, 'nginx.conf')
  writeFileSync(join(folder, 'index.html'), 'hello '.repeat(200))
  writeFileSync(
    configuration,
    `worker_processes 1; daemon off; user root; pid ${folder}/pid; error_log ${folder}/errors;
    events { worker_connections 256; }
    http { access_log ${folder}/access; client_body_temp_path ${folder}; proxy_temp_path ${folder};
      fastcgi_temp_path ${folder}; uwsgi_temp_path ${folder}; scgi_temp_path ${folder};
      server { listen 127.0.0.1:47614; root ${folder}; keepalive_requests 10; } }`,
  )
  const nginx = spawn('nginx', ['-p', folder, '-c', configuration], { stdio: 'ignore' })
  try {
    const children = `/proc/${nginx.pid}/task/${nginx.pid}/children`
    while (!existsSync(children) || readFileSync(children, 'utf8') === '') await delay(20)
    const worker = readFileSync(children, 'utf8').trim()
    const cpuNs = () => Number(readFileSync(`/proc/${worker}/schedstat`, 'utf8').split(' ')[0])
    const serve = async () => {
      const before = cpuNs()
      const client = spawn('wrk', ['-t1', '-c8', '-d1s', 'http://127.0.0.1:47614/index.html'], {
        stdio: ['ignore', 'pipe', 'ignore'],
      })
      const requests = Number(/(\d+) requests in/.exec(await text(client.stdout))?.[1])
      return (cpuNs() - before) / 1000 / requests
    }
    await serve()
    return await burden(serve)
  } finally {
    nginx.kill()
    await once(nginx, 'exit')
  }
}

/** All kinds as they come, at the rate of a machine with much to do. */
async function steadily() {
  const measured = await under(
    {},
    () => run('open', watched, 1000, 1000 * seconds),
    () => undefined,
  )
  return { 'CPU of one core': percent(measured.cpuOfOneCore), ...accounts(measured) }
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
    'every call looked at': { watch_every_call: true },
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
  const names = ['process_exec', 'process_fork', 'process_exit', 'call_counted']
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

const parts: Record<string, () => Promise<Record<string, unknown>>> = {
  records,
  execs,
  steadily,
  'fork+exec': () => burden(starting('/bin/true')),
  'fork+exec of nothing': () => burden(starting(nothing)),
  find: () => burden(starting(script('find', 'find /usr/share -xdev -newer /bin/true'), 1)),
  compile: () => burden(starting(script('compile', `/usr/bin/gcc -O2 -c ${source} -o /dev/null`), 2)),
  nginx: serving,
  calls: callCosts,
  programs: programTimes,
}
const titles: Readonly<Record<string, string>> = {
  records: 'opens of a watched file',
  execs: 'starts of a program',
  steadily: '1,000 records/s',
  'fork+exec': 'CPU of fork, exec and exit of /bin/true',
  'fork+exec of nothing': 'CPU of fork, exec and exit of a program that only exits',
  find: 'CPU of find over /usr/share',
  compile: 'CPU of compiling a file',
  nginx: 'CPU of nginx for a request',
  calls: 'CPU of a system call',
  programs: 'programs in the kernel',
}

try {
  // Others who use the machine slow the load down and make every figure worse.
  const figures: Record<string, unknown> = {
    'load average before it began': round(loadavg()[0] ?? 0, 1),
  }
  for (const [name, measure] of Object.entries(parts)) {
    if (flags.only !== undefined && !flags.only.split(',').includes(name)) continue
    const found = await measure()
    figures[titles[name] ?? name] = found
    process.stderr.write(`${name} ${JSON.stringify(found)}\n`)
    if ('difference' in found && found['difference'] !== 0) process.exitCode = 1
    if ('execs told' in found && found['execs told'] !== found['execs']) process.exitCode = 1
  }
  report('sensor', figures)
} finally {
  rmSync(folder, { recursive: true })
}
