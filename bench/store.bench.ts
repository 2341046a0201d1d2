import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { silentLogger, systemClock } from '@vedette/base'
import { findUser } from '@vedette/linux'
import type { AgentId, Event, EventBatch, EventId, ProcessUid, TenantId } from '@vedette/model'
import { openEventStore, openEventWriter, openSpool, openStateStore } from '@vedette/store'
import { quantile, report } from './figures.ts'

/**
 * What the stores cost: time to open (new and again), events stored a second and their bytes on disk, time of a small
 * insert and of a spooled batch, memory at rest. Each store is measured in a process of its own; this file starts itself
 * for that.
 */
const tenant = 'bench' as TenantId
const agent = 'agent-1' as AgentId
const SMALL_BATCH = 100

const parts: Record<string, () => Promise<Record<string, unknown>>> = { events, state, spool, idle }
const part = process.argv[2]
if (part !== undefined && part in parts) {
  process.stdout.write(JSON.stringify(await parts[part]?.()))
} else {
  const figures: Record<string, unknown> = {}
  for (const name of ['events', 'state', 'spool']) {
    figures[name] = inAnotherProcess(name)
  }
  report('store', figures)
}

async function events(): Promise<Record<string, unknown>> {
  const folder = mkdtempSync(join(tmpdir(), 'vedette-bench-'))
  const open = () => openEventStore({ folder, log: silentLogger, clock: systemClock })
  const [firstOpenMs, first] = await timed(open)
  const bulk = await timed(async () => {
    await using writer = openEventWriter(first)
    await Promise.all(
      Array.from({ length: 40 }, (_, sequence) =>
        writer.write({ tenant, agent, batch: batch(sequence, 2500) }),
      ),
    )
  })
  const smallMs: number[] = []
  for (let sequence = 0; sequence < 50; sequence += 1) {
    const one = { tenant, agent, batch: batch(sequence, SMALL_BATCH, 'b') }
    smallMs.push((await timed(() => first.append([one])))[0])
  }
  const [listMs] = await timed(() => first.of(tenant).list({ search: 'install.sh' }, { limit: 50 }))
  const [countMs] = await timed(() => first.of(tenant).perMinute(Date.now() - 3_600_000, Date.now()))
  await first[Symbol.asyncDispose]()
  // In a process that has nothing but the store.
  const rest = inAnotherProcess('idle', folder)
  rmSync(folder, { recursive: true })
  return {
    first_open_ms: Math.round(firstOpenMs),
    events_per_second: Math.round(100_000 / (bulk[0] / 1000)),
    insert_100_p50_ms: round(quantile(smallMs, 0.5)),
    insert_100_p99_ms: round(quantile(smallMs, 0.99)),
    search_of_105k_ms: round(listMs),
    rate_of_105k_ms: round(countMs),
    ...rest,
  }
}

/** The store of events at rest, with what a former process stored. */
async function idle(): Promise<Record<string, unknown>> {
  const [, , , folder = ''] = process.argv
  const before = memoryOf('self')
  const [openMs, store] = await timed(() => openEventStore({ folder, log: silentLogger, clock: systemClock }))
  await store.of(tenant).count({})
  await delay(3000)
  const memory = memoryOf('self')
  await store[Symbol.asyncDispose]()
  return {
    open_ms: Math.round(openMs),
    idle_resident_mib: memory.residentMib,
    idle_own_mib: memory.ownMib,
    own_mib_before_opening: before.ownMib,
  }
}

function inAnotherProcess(name: string, ...args: readonly string[]): Record<string, unknown> {
  const child = spawnSync(process.execPath, [fileURLToPath(import.meta.url), name, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  if (child.status !== 0) throw new Error(`the bench of ${name} failed`)
  return JSON.parse(child.stdout.toString()) as Record<string, unknown>
}

async function state(): Promise<Record<string, unknown>> {
  const home = mkdtempSync(join(tmpdir(), 'vedette-bench-'))
  chmodSync(home, 0o711)
  const runAs = process.getuid?.() === 0 ? findUser('nobody') : {}
  const open = () => openStateStore({ folder: join(home, 'pg'), log: silentLogger, ...runAs })
  const [firstOpenMs, first] = await timed(open)
  const writes: number[] = []
  for (let n = 0; n < 200; n += 1) {
    const token = { id: `${n}`, name: `${n}`, role: 'viewer' } as const
    writes.push((await timed(() => first.of(tenant).apiTokens.put(`${n}`, token, Date.now())))[0])
  }
  const reads: number[] = []
  for (let n = 0; n < 200; n += 1) reads.push((await timed(() => first.of(tenant).alerts.list({})))[0])
  const [stopMs] = await timed(() => first[Symbol.asyncDispose]())
  const [openMs, again] = await timed(open)
  await delay(2000)
  const ownMib = postgresProcesses(join(home, 'pg/data')).reduce((sum, pid) => sum + memoryOf(pid).ownMib, 0)
  await again[Symbol.asyncDispose]()
  rmSync(home, { recursive: true })
  return {
    first_open_ms: Math.round(firstOpenMs),
    open_ms: Math.round(openMs),
    stop_ms: Math.round(stopMs),
    write_p50_ms: round(quantile(writes, 0.5)),
    write_p99_ms: round(quantile(writes, 0.99)),
    read_p50_ms: round(quantile(reads, 0.5)),
    idle_own_mib_of_postgres: ownMib,
  }
}

async function spool(): Promise<Record<string, unknown>> {
  const folder = mkdtempSync(join(tmpdir(), 'vedette-bench-'))
  const opened = await openSpool(folder, { log: silentLogger })
  const append: number[] = []
  for (let sequence = 0; sequence < 200; sequence += 1) {
    append.push((await timed(() => opened.append(batch(sequence, SMALL_BATCH))))[0])
  }
  const bytesPerEvent = opened.sizeBytes / (200 * SMALL_BATCH)
  await opened[Symbol.asyncDispose]()
  const [openMs, again] = await timed(() => openSpool(folder, { log: silentLogger }))
  await again[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
  return {
    append_100_p50_ms: round(quantile(append, 0.5)),
    append_100_p99_ms: round(quantile(append, 0.99)),
    bytes_per_event: Math.round(bytesPerEvent),
    open_with_20k_events_ms: round(openMs),
  }
}

async function timed<T>(work: () => PromiseLike<T>): Promise<[number, T]> {
  const startedMs = performance.now()
  const result = await work()
  return [performance.now() - startedMs, result]
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}

/** Resident memory, and the part of it that is no file's. */
function memoryOf(pid: number | 'self'): { residentMib: number; ownMib: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const mib = (field: string) =>
    Math.round(Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1]) / 1024)
  return { residentMib: mib('VmRSS'), ownMib: mib('RssAnon') }
}

/** The postmaster on a data folder and its children. */
function postgresProcesses(data: string): number[] {
  const postmaster = Number.parseInt(readFileSync(join(data, 'postmaster.pid'), 'utf8'), 10)
  const children = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        return readFileSync(`/proc/${name}/stat`, 'utf8').split(') ')[1]?.split(' ')[1] === String(postmaster)
      } catch {
        return false
      }
    })
  return [postmaster, ...children.map(Number)]
}

function batch(sequence: number, size: number, letter = 'a'): EventBatch {
  const run = letter.repeat(16)
  return {
    run,
    sequence,
    events: Array.from({ length: size }, (_, index) => launch(run, sequence * size + index)),
  }
}

/** A program that was started, with the ancestors and the hash that a real one has: about 2 kB of JSON. */
function launch(run: string, number: number): Event {
  const user = { uid: '0', name: 'root' }
  const ancestry = Array.from({ length: 5 }, (_, depth) => ({
    uid: `abcdef01-${1000 + depth + (number % 50)}-${99_999 + depth}` as ProcessUid,
    pid: 1000 + depth,
    name: 'bash',
    path: '/usr/bin/bash',
    cmd_line: `bash -c "one of the steps of a job, number ${depth}"`,
    user,
    created_time: 1.7e12 + depth,
  }))
  return {
    id: `${agent}-${run}-${number}` as EventId,
    time: Date.now(),
    kind: 'process',
    class_uid: 1007,
    activity: 'launch',
    severity_id: 1,
    device: { uid: agent, hostname: 'web-1' },
    metadata: { version: '1.8.0', log_provider: 'ebpf', logged_time: Date.now() },
    process: {
      uid: `abcdef01-${number}-${number * 3}` as ProcessUid,
      pid: number,
      name: 'curl',
      path: '/usr/bin/curl',
      cmd_line: `curl -fsSL https://example.test/${number}/install.sh -o /tmp/x${number}`,
      user,
      created_time: Date.now(),
      file: {
        path: '/usr/bin/curl',
        name: 'curl',
        inode: 12_345 + number,
        hashes: [{ algorithm: 'SHA-256', algorithm_id: 3, value: '0123456789abcdef'.repeat(4) }],
      },
      working_directory: '/root',
      ...(ancestry[0] && { parent_process: ancestry[0] }),
      ancestry,
      cgroup: '/system.slice/job.service',
      auid: 1000,
      euid: 0,
      streams: [
        { type: 'tty' },
        { type: 'pipe' },
        { type: 'socket', peer: { ip: '203.0.113.7', port: 443 } },
      ],
    },
  }
}
