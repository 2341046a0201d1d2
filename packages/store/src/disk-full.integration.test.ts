import { execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { silentLogger, systemClock } from '@vedette/base'
import { needsRoot } from '@vedette/base/testing/needs-root'
import type { IncidentId, TenantId } from '@vedette/model'
import { unpackBatch } from '@vedette/model/batch-frame'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openAudit } from './audit/open-audit.ts'
import { verifyAudit } from './audit/verify-audit.ts'
import { openSpool } from './spool/open-spool.ts'
import { openStateStore } from './state/open-state-store.ts'
import { batch } from './testing/sample-events.ts'
import { newHome, unprivileged } from './testing/unprivileged.ts'

needsRoot()

/** A small file system of our own, filled up and emptied by a file in it. */
const disk = mkdtempSync(join(tmpdir(), 'vedette-full-'))
const inDisk = join(disk, 'ballast')
const home = newHome('vedette-full-home-')

beforeAll(() => {
  execFileSync('/usr/bin/mount', ['-t', 'tmpfs', '-o', 'size=160m,mode=0711', 'vedette-test', disk])
})
afterAll(() => {
  execFileSync('/usr/bin/umount', [disk])
  for (const folder of [disk, home]) rmSync(folder, { recursive: true })
})

/** Takes all the space that is left. */
function fill(ballast = inDisk): void {
  const piece = Buffer.alloc(1024 * 1024)
  for (const bytes of [piece, piece.subarray(0, 4096)]) {
    try {
      for (;;) writeFileSync(ballast, bytes, { flag: 'a' })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
    }
  }
}

const empty = () => rmSync(inDisk, { force: true })

test('spool: what is not kept is refused as disk-full, and it works again when there is space', async () => {
  const folder = join(disk, 'spool')
  const spool = await openSpool(folder, { log: silentLogger })
  expect(await spool.append(batch(0, 500))).toBe('kept')
  fill()
  await expect(spool.append(batch(1, 5000))).rejects.toMatchObject({ code: 'disk-full' })
  empty()
  expect(await spool.append(batch(1, 5000))).toBe('kept')
  await spool[Symbol.asyncDispose]()
  const next = await openSpool(folder, { log: silentLogger })
  const stop = new AbortController()
  const found: number[] = []
  for await (const one of next.pending(stop.signal)) {
    expect(unpackBatch(one)).toEqual(batch(one.sequence, one.sequence === 0 ? 500 : 5000))
    found.push(one.sequence)
    if (found.length === 2) stop.abort()
  }
  expect(found).toEqual([0, 1])
  expect(next.counters()).toEqual({ emitted: 5500, delivered: 0, lost: 0 })
  await next[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
})

test('audit log: no record, so the caller must not act; the chain stays whole', async () => {
  const folder = join(disk, 'audit')
  const checkpoint = join(disk, 'checkpoint')
  const log = await openAudit(folder, { clock: systemClock, log: silentLogger, checkpoint })
  const entry = { actor: 'a', action: 'b', target: 'c', outcome: 'done', detail: {} } as const
  await log.append(entry)
  fill()
  const long = { ...entry, detail: { text: 'x'.repeat(100_000) } }
  await expect(log.append(long)).rejects.toMatchObject({ code: 'disk-full' })
  await expect(log.append(long)).rejects.toMatchObject({ code: 'disk-full' })
  empty()
  expect((await log.append(long)).sequence).toBe(1)
  await log[Symbol.asyncDispose]()
  expect(await verifyAudit(folder, { checkpoint })).toMatchObject({ ok: true, records: 2 })
  rmSync(folder, { recursive: true })
})

test('state: a change is refused as disk-full, nothing of it is there, and it works again', async () => {
  const store = await openStateStore({ folder: join(disk, 'pg'), log: silentLogger, ...unprivileged() })
  const { apiTokens } = store.of('full' as TenantId)
  const put = (n: number) =>
    apiTokens.put(`hash-${n}`, { id: `id-${n}`, name: `${n}-${'n'.repeat(190)}`, role: 'viewer' }, 0)
  await put(0)
  fill()
  let acknowledged = 0
  let failure: unknown
  // What fits into files that are there already still goes.
  while (failure === undefined) {
    await put(acknowledged + 1).then(
      () => (acknowledged += 1),
      (error: unknown) => (failure = error),
    )
  }
  expect(failure).toMatchObject({ code: 'disk-full' })
  empty()
  let back = false
  while (!back) {
    back = await put(acknowledged + 1).then(
      () => true,
      () => false,
    )
  }
  expect(await apiTokens.list()).toHaveLength(acknowledged + 2)
  await store[Symbol.asyncDispose]()
  rmSync(join(disk, 'pg'), { recursive: true })
})

test('state: without room for its log PostgreSQL stops, and comes back by itself', async () => {
  const log = join(disk, 'log')
  mkdirSync(log, { mode: 0o711 })
  execFileSync('/usr/bin/mount', ['-t', 'tmpfs', '-o', 'size=20m,mode=0711', 'vedette-test', log])
  const folder = join(home, 'pg')
  const options = { folder, log: silentLogger, ...unprivileged() }
  const first = await openStateStore(options)
  await first[Symbol.asyncDispose]()
  // Its log on a disk of its own, so that there is room for the data and none for the log.
  cpSync(join(folder, 'data/pg_wal'), join(log, 'pg_wal'), { recursive: true })
  execFileSync('chown', ['-R', '--reference', join(folder, 'data'), join(log, 'pg_wal')])
  rmSync(join(folder, 'data/pg_wal'), { recursive: true })
  symlinkSync(join(log, 'pg_wal'), join(folder, 'data/pg_wal'))
  const store = await openStateStore(options)
  const { incidents } = store.of('full' as TenantId)
  const create = (n: number) =>
    incidents.create(
      {
        id: `i${n}` as IncidentId,
        title: 't',
        description: randomBytes(10_000).toString('hex'),
        severity: 'low',
      },
      'ann',
      0,
    )
  await create(0)
  fill(join(log, 'ballast'))
  let acknowledged = 0
  let failure: unknown
  while (failure === undefined) {
    await create(acknowledged + 1).then(
      () => (acknowledged += 1),
      (error: unknown) => (failure = error),
    )
  }
  expect(failure).toMatchObject({ code: 'disk-full' })
  rmSync(join(log, 'ballast'))
  let back = false
  while (!back) {
    back = await create(acknowledged + 2).then(
      () => true,
      () => false,
    )
  }
  // The one that failed may have been kept: its answer was lost, not it.
  const kept = await incidents.count({})
  expect([acknowledged + 2, acknowledged + 3]).toContain(kept)
  await store[Symbol.asyncDispose]()
  execFileSync('/usr/bin/umount', [log])
})

test('events: a batch is refused as disk-full, nothing of it is there, and it works again', async () => {
  // In a process of its own: the engine takes one folder a process.
  const child = fileURLToPath(new URL('./testing/full-event-store-child.ts', import.meta.url))
  const folder = join(disk, 'events')
  mkdirSync(folder)
  const running = spawn(process.execPath, [child, folder], { stdio: ['pipe', 'pipe', 'inherit'] })
  const said: string[] = []
  for await (const line of createInterface({ input: running.stdout })) {
    said.push(line)
    if (line === 'stored 1') fill()
    if (line === 'disk-full') empty()
    running.stdin.write('next\n')
  }
  expect(said).toEqual(['stored 1', 'disk-full', 'stored 2', 'rows 20000'])
})
