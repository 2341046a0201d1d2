/**
 * Baseline: events/s from Event to stored and matched on one core, with bytes an event and memory. It is the server's way
 * as it is: a batch of the agent as JSON text, read by its schema, judged by all rules that come with Vedette, stored
 * in ClickHouse with fsync, alerts in PostgreSQL.
 *
 * The process is pinned to one core with taskset (util-linux); PostgreSQL, nearly idle here, is pinned with it.
 *
 *   npm run bench -- pipeline [--seconds 20] [--save]
 */
import { spawnSync } from 'node:child_process'
import { chmodSync, globSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { silentLogger, systemClock } from '@vedette/base'
import { correlationConfigSchema } from '@vedette/correlate'
import { contentDirectory, createEngine, detectionConfigSchema, loadConfiguredRules } from '@vedette/detect'
import { findUser } from '@vedette/linux'
import { createBus, createIntake } from '@vedette/manager'
import { type AgentId, agentMessageSchema, DEFAULT_TENANT, type EventBatch } from '@vedette/model'
import { openEventStore, openEventWriter, openStateStore } from '@vedette/store'
import { report } from './figures.ts'
import { ordinaryEvents } from './load/events.ts'

const BATCH = 500
const IN_FLIGHT = 16
const PINNED = 'VEDETTE_BENCH_PINNED'

const { values: flags } = parseArgs({
  options: { seconds: { type: 'string', default: '20' }, save: { type: 'boolean' } },
})

if (process.env[PINNED] === undefined) {
  const again = ['-c', '0', process.execPath, fileURLToPath(import.meta.url), ...process.argv.slice(2)]
  const { status, error } = spawnSync('taskset', again, {
    stdio: 'inherit',
    env: { ...process.env, [PINNED]: '1' },
  })
  if (error) throw new Error('cannot pin to one core: install util-linux', { cause: error })
  process.exit(status ?? 1)
}

const folder = mkdtempSync(join(tmpdir(), 'vedette-bench-'))
chmodSync(folder, 0o711)
const user = process.getuid?.() === 0 ? findUser('nobody') : {}
try {
  const around = { log: silentLogger, clock: systemClock }
  await using stack = new AsyncDisposableStack()
  const state = stack.use(await openStateStore({ ...around, folder: join(folder, 'pg'), ...user }))
  const store = stack.use(await openEventStore({ ...around, folder: join(folder, 'events') }))
  const events = stack.use(openEventWriter(store))
  const { rules } = await loadConfiguredRules(detectionConfigSchema.parse({}), contentDirectory)
  const engine = createEngine(rules, around)
  const correlation = correlationConfigSchema.parse({})
  const intake = createIntake({
    ...around,
    engine,
    findings: () => [],
    correlation,
    events,
    state,
    bus: createBus(),
  })

  const stages = { readMs: 0, judgeMs: 0 }
  const run = '00000000000000bb'
  let sequence = 0
  let bytes = 0
  let producingMs = 0
  const busy0 = process.cpuUsage()
  const startMs = performance.now()
  const inFlight = new Set<Promise<void>>()
  while (performance.now() - startMs - producingMs < Number(flags.seconds) * 1000) {
    // Making the input is not part of what is measured.
    const makeMs = performance.now()
    const made = {
      type: 'batch',
      batch: { run, sequence, events: ordinaryEvents(run, sequence * BATCH, BATCH, Date.now()) },
    }
    const text = JSON.stringify(made)
    producingMs += performance.now() - makeMs
    bytes += text.length
    const readMs = performance.now()
    const message = agentMessageSchema.parse(JSON.parse(text))
    stages.readMs += performance.now() - readMs
    if (message.type !== 'batch') throw new Error('not a batch')
    const delivery = intake
      .receive({
        tenant: DEFAULT_TENANT,
        agent: 'bench-agent' as AgentId,
        batch: message.batch as unknown as EventBatch,
      })
      .finally(() => inFlight.delete(delivery))
    inFlight.add(delivery)
    sequence += 1
    if (inFlight.size >= IN_FLIGHT) await Promise.race(inFlight)
  }
  await Promise.all(inFlight)
  const seconds = (performance.now() - startMs - producingMs) / 1000
  const total = sequence * BATCH
  stages.judgeMs = engine.counters.busyMs
  const { user: userUs, system: systemUs } = process.cpuUsage(busy0)
  const stored = await store.of(DEFAULT_TENANT).count({})
  report('pipeline', {
    events: total,
    stored,
    eventsPerSecond: Math.round(total / seconds),
    cpuMicrosecondsPerEvent: Math.round(((userUs + systemUs) / total) * 10) / 10,
    readShare: share(stages.readMs, seconds),
    judgeShare: share(stages.judgeMs, seconds),
    rules: rules.length,
    wireBytesPerEvent: Math.round(bytes / total),
    diskBytesPerEvent: Math.round((sizeOf(join(folder, 'events')) / total) * 10) / 10,
    memoryMiB: Math.round(process.memoryUsage.rss() / 2 ** 20),
  })
  if (stored !== total) process.exitCode = 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}

function share(ms: number, seconds: number): number {
  return Math.round((ms / 1000 / seconds) * 1000) / 1000
}

function sizeOf(path: string): number {
  return globSync('**/*', { cwd: path, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0)
}
