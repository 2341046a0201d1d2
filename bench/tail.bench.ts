import { appendFileSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { silentLogger, systemClock } from '@vedette/base'
import { type Collector, collectors } from '@vedette/collect'
import type { AgentId, LineRecord } from '@vedette/model'
import { createNormaliser, normaliseConfigSchema } from '@vedette/normalise'
import { quantile, report } from './figures.ts'

/**
 * How fast a log is followed: a file that is there already, read from its beginning; one that grows by 100 MB a second,
 * rotated away every half second, of which every line has to come once; and how fast its lines become Events. `--save`
 * keeps the figures.
 */

const ROUNDS = 5
const FILE_CHUNKS = 100
const CHUNK_LINES = 8000
const LIVE_SECONDS = 5
const LIVE_MB_S = 100
const COMMIT_EVERY = 64

const line = (i: number): string =>
  `2026-11-20T10:00:00.${String(i % 1_000_000).padStart(6, '0')}+00:00 web-1 sshd[${1000 + (i % 30_000)}]: ` +
  `Failed password for invalid user admin from 203.0.113.${i % 250} port ${1024 + (i % 60_000)} ssh2\n`
const chunk = Array.from({ length: CHUNK_LINES }, (_, i) => line(i)).join('')

const folder = mkdtempSync(join(tmpdir(), 'vedette-bench-'))
const log = join(folder, 'log/auth.log')

async function open(start: 'beginning' | 'end', name: string): Promise<Collector> {
  const kind = collectors.find((one) => one.name === 'file')
  if (kind === undefined) throw new Error('there is no collector of files')
  const stateFolder = join(folder, name)
  mkdirSync(stateFolder)
  const config = kind.schema.parse({ paths: [log], start, poll_interval_ms: 50 })
  return kind.open(config, { log: silentLogger, clock: systemClock, stateFolder })
}

/** Reads until `lines` have come; calls `seen` for each batch. */
async function read(collector: Collector, lines: () => number, seen: (count: number) => void): Promise<void> {
  const stop = new AbortController()
  let count = 0
  let batches = 0
  for await (const batch of collector.records(stop.signal)) {
    count += batch.length
    batches += 1
    seen(batch.length)
    if (batches % COMMIT_EVERY === 0) await collector.commit?.(batches)
    if (count >= lines()) stop.abort()
  }
}

async function atOnce(round: number): Promise<number> {
  writeFileSync(log, '')
  for (let i = 0; i < FILE_CHUNKS; i += 1) appendFileSync(log, chunk)
  const bytes = statSync(log).size
  await using collector = await open('beginning', `at-once-${round}`)
  const started = performance.now()
  await read(
    collector,
    () => FILE_CHUNKS * CHUNK_LINES,
    () => undefined,
  )
  return bytes / 1e6 / ((performance.now() - started) / 1000)
}

/** Writes at the wanted speed, each line with its number, and rotates by renaming; says how many lines that were. */
const WRITER = `
import { appendFileSync, openSync, renameSync, writeFileSync, writeSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
const { log, seconds, mbS } = workerData
const filler = 'Failed password for invalid user admin from 203.0.113.7 port 50111 ssh2'
let file = openSync(log, 'a'), number = 0, bytes = 0, rotations = 0
const started = performance.now()
while (performance.now() - started < seconds * 1000) {
  const elapsed = (performance.now() - started) / 1000
  if (bytes < elapsed * mbS * 1e6) {
    const lines = []
    for (let i = 0; i < 4000; i += 1) lines.push((number += 1) + ' 2026-11-20T10:00:00.000000+00:00 web-1 sshd[812]: ' + filler)
    bytes += writeSync(file, lines.join('\\n') + '\\n')
  } else await new Promise((resolve) => setTimeout(resolve, 1))
  if (elapsed > (rotations + 1) / 2) {
    rotations += 1
    renameSync(log, log + '.' + rotations)
    file = openSync(log, 'a')
  }
}
parentPort.postMessage({ lines: number, bytes, rotations, seconds: (performance.now() - started) / 1000 })
`

async function live(): Promise<Record<string, number>> {
  writeFileSync(log, '')
  await using collector = await open('end', 'live')
  const writer = new Worker(new URL(`data:text/javascript,${encodeURIComponent(WRITER)}`), {
    workerData: { log, seconds: LIVE_SECONDS, mbS: LIVE_MB_S },
  })
  let written: { lines: number; bytes: number; rotations: number; seconds: number } | undefined
  let endedMs = 0
  writer.once('message', (message: NonNullable<typeof written>) => {
    written = message
    endedMs = performance.now()
    // Its last lines may have come already.
    if (count >= message.lines) stop.abort()
  })
  const stop = new AbortController()
  const seen = new Uint8Array(20_000_000)
  let count = 0
  let twice = 0
  let batches = 0
  const cpu = process.cpuUsage()
  for await (const batch of collector.records(stop.signal)) {
    for (const record of batch) {
      const number = record.source === 'line' ? Number.parseInt(record.text, 10) : 0
      twice += seen[number] ?? 0
      seen[number] = 1
    }
    count += batch.length
    batches += 1
    if (batches % COMMIT_EVERY === 0) await collector.commit?.(batches)
    if (written !== undefined && count >= written.lines) stop.abort()
  }
  const used = process.cpuUsage(cpu)
  const { lines = 0, bytes = 0, rotations = 0, seconds = 1 } = written ?? {}
  return {
    writtenMBPerS: bytes / 1e6 / seconds,
    lines,
    rotations,
    missing: lines - (count - twice),
    twice,
    behindMs: Math.max(0, performance.now() - endedMs),
    // The writer's thread is in it.
    cpuCores: (used.user + used.system) / 1e6 / seconds,
  }
}

async function asEvents(): Promise<{ readonly linesPerS: number; readonly mbPerS: number }> {
  using normaliser = createNormaliser({
    device: { uid: 'agent-1' as AgentId, hostname: 'web-1' },
    bootId: '01234567-89ab-cdef-0123-456789abcdef',
    bootTimeMs: 0,
    run: '00000000000000aa',
    clock: systemClock,
    log: silentLogger,
    config: normaliseConfigSchema.parse({ executable_hash: { enabled: false } }),
    processes: { list: () => [], read: () => undefined },
  })
  const records = chunk
    .trimEnd()
    .split('\n')
    .map((text): LineRecord => ({ source: 'line', timeMs: Date.now(), path: log, text, truncated: false }))
  let lines = 0
  const started = performance.now()
  while (performance.now() - started < 2000) {
    await normaliser.normalise(records)
    lines += records.length
  }
  const seconds = (performance.now() - started) / 1000
  return { linesPerS: lines / seconds, mbPerS: (lines * (chunk.length / CHUNK_LINES)) / 1e6 / seconds }
}

try {
  mkdirSync(join(folder, 'log'))
  const speeds: number[] = []
  for (let round = 0; round < ROUNDS; round += 1) speeds.push(await atOnce(round))
  const growing = await live()
  const events = await asEvents()
  report('tail', {
    atOnceMBPerS: { median: Math.round(quantile(speeds, 0.5)), least: Math.round(Math.min(...speeds)) },
    growing: Object.fromEntries(
      Object.entries(growing).map(([name, value]) => [name, Math.round(value * 100) / 100]),
    ),
    toEvents: { linesPerS: Math.round(events.linesPerS), mbPerS: Math.round(events.mbPerS) },
  })
} finally {
  rmSync(folder, { recursive: true })
}
