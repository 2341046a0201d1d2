/**
 * Promise: events/s on one core, NDJSON in and alerts out as NDJSON, with every rule of SigmaHQ's `rules/`: 150 k structured
 * Windows events, 250 k raw ones, 300 k file events of Sysmon, 700 k lines of Cisco; beside a plain `JSON.parse` of the
 * same lines, in turn with it, since that is what a machine that does other things as well can still tell. Two workers
 * do 1.7 times what one does.
 *
 * The lanes and the rules are those of ../shared/corpora. The process is pinned to one core with taskset (util-linux); for
 * the workers it is not. `best` is the fastest round, `cpu` counts the processor's seconds over all rounds. `counting` is
 * what counting hits and costs of each rule takes of the processor's time, in per cent: the promise is less than 2.
 *
 *   npm run bench -- engine [--rounds 12] [--lane structured_windows] [--no-code] [--save]
 */
import { spawnSync } from 'node:child_process'
import { globSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { silentLogger, systemClock } from '@vedette/base'
import { createEngine, type Engine, loadRules, type RecordHit } from '@vedette/detect'
import { recordFormats } from '@vedette/formats'
import { quantile, report } from './figures.ts'

const CHUNK_BYTES = 256 << 10
const corpora = fileURLToPath(new URL('../../shared/corpora/', import.meta.url))
const goals: Readonly<Record<string, number>> = {
  structured_windows: 150_000,
  raw_windows: 250_000,
  sysmon_file_event: 300_000,
  cisco_syslog: 700_000,
  match_heavy: 0,
  no_match: 0,
}

/** Lines of alerts as bytes: what every alert of a rule begins with is written once. */
class AlertLines {
  readonly #starts = new Map<RecordHit['rule'], Buffer>()
  readonly #bytes = Buffer.alloc(CHUNK_BYTES)
  readonly #sink: number
  #length = 0

  /** @param sink descriptor of a file */
  constructor(sink: number) {
    this.#sink = sink
  }

  add({ rule }: RecordHit, record: number): void {
    let start = this.#starts.get(rule)
    if (start === undefined) {
      const { id, title, severity, techniques } = rule
      const known = { ruleId: id, title, level: severity, techniques: techniques.map((one) => one.id) }
      start = Buffer.from(`${JSON.stringify(known).slice(0, -1)},"record":`)
      this.#starts.set(rule, start)
    }
    if (this.#length + start.length + 20 > this.#bytes.length) this.flush()
    this.#bytes.set(start, this.#length)
    this.#length += start.length
    this.#length += this.#bytes.write(`${record}}\n`, this.#length, 'latin1')
  }

  flush(): void {
    writeSync(this.#sink, this.#bytes, 0, this.#length)
    this.#length = 0
  }
}

/** Reads the text of a lane, judges it and writes the alerts; returns how many. */
function judgeLane(engine: Engine, bytes: Uint8Array, lines: AlertLines): number {
  const format = recordFormats.find(({ name }) => name === 'ndjson')
  if (!format) throw new Error('there is no reader for NDJSON')
  const reader = format.open({ readAtMs: 0, fileName: 'lane.ndjson' })
  let alerts = 0
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
    const { records, sources, numbers } = reader.push(bytes.subarray(at, at + CHUNK_BYTES))
    engine.judgeRecords(records, sources, (index, hit) => {
      alerts += 1
      lines.add(hit, numbers[index] ?? 0)
    })
  }
  lines.flush()
  return alerts
}

function parseLines(lines: readonly string[]): number {
  let keys = 0
  for (const line of lines) if (JSON.parse(line) !== null) keys += 1
  return keys
}

/** So often an engine that counts and one that does not judge a lane, one after the other. */
const PAIRS = 60

/** Per cent of the time of an engine that counts which one that does not count saves; the median of pairs in alternating order. */
function measureCounting(create: (count: boolean) => Engine, bytes: Uint8Array, sink: AlertLines): number {
  const engines = [create(true), create(false)] as const
  const spent = (engine: Engine): number => {
    const before = process.threadCpuUsage()
    judgeLane(engine, bytes, sink)
    const { user, system } = process.threadCpuUsage(before)
    return user + system
  }
  for (let round = 0; round < 3; round += 1) for (const engine of engines) spent(engine)
  const shares: number[] = []
  for (let pair = 0; pair < PAIRS; pair += 1) {
    const first = pair % 2
    const one = spent(engines[first] as Engine)
    const other = spent(engines[1 - first] as Engine)
    const [counting, plain] = first === 0 ? [one, other] : [other, one]
    shares.push(100 * (1 - plain / counting))
  }
  return Math.round(quantile(shares, 0.5) * 10) / 10
}

interface LaneFigures {
  readonly rules: number
  readonly alerts: number
  readonly eventsPerSecond: { readonly best: number; readonly cpu: number }
  readonly jsonParsePerSecond: { readonly best: number; readonly cpu: number }
  readonly counting: number
  readonly ratio: { readonly best: number; readonly median: number; readonly cpu: number }
}

async function measureLane(rules: string, file: string, rounds: number, code: boolean): Promise<LaneFigures> {
  const loaded = await loadRules([rules])
  const create = (count: boolean) =>
    createEngine(loaded.rules, { clock: systemClock, log: silentLogger, generate: code, count })
  const engine = create(true)
  const bytes = readFileSync(file)
  const lines = bytes
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '')
  const sink = new AlertLines(openSync('/dev/null', 'w'))
  const engineMs: number[] = []
  const parseMs: number[] = []
  let [engineCpu, parseCpu, alerts] = [0, 0, 0]
  // The first rounds are those in which the machine learns the code.
  for (let round = -3; round < rounds; round += 1) {
    const startCpu = process.threadCpuUsage()
    const startMs = performance.now()
    alerts = judgeLane(engine, bytes, sink)
    const middleMs = performance.now()
    const middleCpu = process.threadCpuUsage()
    parseLines(lines)
    const endMs = performance.now()
    const endCpu = process.threadCpuUsage()
    if (round < 0) continue
    engineMs.push(middleMs - startMs)
    parseMs.push(endMs - middleMs)
    engineCpu += middleCpu.user + middleCpu.system - startCpu.user - startCpu.system
    parseCpu += endCpu.user + endCpu.system - middleCpu.user - middleCpu.system
  }
  const perSecond = (values: readonly number[], cpu: number) => ({
    best: Math.round((lines.length / Math.min(...values)) * 1000),
    cpu: Math.round((lines.length * rounds * 1e6) / cpu),
  })
  const ratios = engineMs.map((ms, round) => (parseMs[round] ?? 0) / ms)
  const share = (value: number) => Math.round(value * 1000) / 1000
  return {
    rules: loaded.rules.length,
    alerts,
    eventsPerSecond: perSecond(engineMs, engineCpu),
    jsonParsePerSecond: perSecond(parseMs, parseCpu),
    counting: measureCounting(create, bytes, sink),
    ratio: {
      best: share(Math.min(...parseMs) / Math.min(...engineMs)),
      median: share(quantile(ratios, 0.5)),
      cpu: share(parseCpu / engineCpu),
    },
  }
}

interface WorkerTask {
  readonly rules: string
  readonly file: string
}

/** Says when it is ready, then judges the lane as often as it is told and says how long that took. */
async function work({ rules, file }: WorkerTask): Promise<void> {
  const loaded = await loadRules([rules])
  const engine = createEngine(loaded.rules, { clock: systemClock, log: silentLogger })
  const bytes = readFileSync(file)
  const sink = new AlertLines(openSync('/dev/null', 'w'))
  for (let round = 0; round < 5; round += 1) judgeLane(engine, bytes, sink)
  parentPort?.on('message', (rounds: number) => {
    for (let round = 0; round < rounds; round += 1) judgeLane(engine, bytes, sink)
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
    parentPort?.postMessage('done')
  })
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
  parentPort?.postMessage('ready')
}

/** How many times more two workers do than one, the best of several tries. */
async function measureWorkers(task: WorkerTask): Promise<number> {
  const workers = [0, 1].map(() => new Worker(new URL(import.meta.url), { workerData: task }))
  const said = (worker: Worker) => new Promise((resolve) => worker.once('message', resolve))
  await Promise.all(workers.map(said))
  const time = async (some: readonly Worker[]): Promise<number> => {
    const start = performance.now()
    const done = some.map(said)
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
    for (const worker of some) worker.postMessage(20)
    await Promise.all(done)
    return performance.now() - start
  }
  const times: number[] = []
  for (let trial = 0; trial < 5; trial += 1) {
    const one = await time(workers.slice(0, 1))
    times.push((2 * one) / (await time(workers)))
  }
  await Promise.all(workers.map((worker) => worker.terminate()))
  return Math.round(Math.max(...times) * 100) / 100
}

if (!isMainThread) {
  await work(workerData as WorkerTask)
} else {
  const { values: flags } = parseArgs({
    options: {
      rounds: { type: 'string', default: '12' },
      lane: { type: 'string' },
      'no-code': { type: 'boolean' },
      save: { type: 'boolean' },
      measure: { type: 'string' },
    },
  })
  if (flags.measure !== undefined) {
    const [rules = '', file = ''] = flags.measure.split(':')
    const figures = await measureLane(rules, file, Number(flags.rounds), flags['no-code'] !== true)
    process.stdout.write(JSON.stringify(figures))
  } else {
    const folder = mkdtempSync(join(tmpdir(), 'vedette-bench-'))
    try {
      for (const archive of ['sigma.tgz', 'bench-lanes.txz']) {
        const { status, stderr } = spawnSync('tar', ['-xf', join(corpora, archive), '-C', folder])
        if (status !== 0) throw new Error(`cannot unpack ${archive}: ${String(stderr)}`)
      }
      const rules = join(folder, 'sigma/rules')
      const fileOf = (lane: string) => join(folder, globSync(`**/${lane}.ndjson`, { cwd: folder })[0] ?? '')
      const lanes: Record<string, unknown> = {}
      for (const [lane, goal] of Object.entries(goals)) {
        if (flags.lane !== undefined && flags.lane !== lane) continue
        const args = [`--measure=${rules}:${fileOf(lane)}`, `--rounds=${flags.rounds}`]
        if (flags['no-code']) args.push('--no-code')
        const script = fileURLToPath(import.meta.url)
        const child = spawnSync('taskset', ['-c', '0', process.execPath, script, ...args], {
          encoding: 'utf8',
        })
        if (child.status !== 0) throw new Error(`the lane ${lane} could not be measured: ${child.stderr}`)
        lanes[lane] = { ...(JSON.parse(child.stdout) as LaneFigures), ...(goal > 0 ? { goal } : {}) }
      }
      const task = { rules, file: fileOf('structured_windows') }
      const twoWorkers = flags.lane === undefined ? await measureWorkers(task) : undefined
      report('engine', { lanes, ...(twoWorkers === undefined ? {} : { twoWorkers }) })
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }
}
