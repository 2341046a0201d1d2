import { spawn } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { silentLogger } from '@vedette/base'
import type { TenantId } from '@vedette/model'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { newHome, unprivileged } from '../../testing/unprivileged.ts'
import { openStateStore } from '../open-state-store.ts'
import { findPostgres, linkLibraries } from './binaries.ts'
import { startPostgres } from './embedded-postgres.ts'

let home: string
const tenant = 'house' as TenantId

beforeEach(() => {
  home = newHome('vedette-pg-')
})
afterEach(() => {
  rmSync(home, { recursive: true })
})

const options = (folder = join(home, 'pg')) => ({ folder, log: silentLogger, ...unprivileged() })

test('what was stored is there after a stop and a start, and nobody else may use the folder', async () => {
  const first = await openStateStore(options())
  expect(await first.of(tenant).setup.put('a', 1)).toBe(true)
  await expect(openStateStore(options())).rejects.toMatchObject({ code: 'folder-in-use' })
  await first[Symbol.asyncDispose]()
  const second = await openStateStore(options())
  expect(await second.of(tenant).setup.state()).toBe('open')
  await second[Symbol.asyncDispose]()
})

test('a folder deeper than the address of a socket may be long', async () => {
  const deep = join(home, 'a'.repeat(100), 'b'.repeat(100))
  mkdirSync(deep, { recursive: true })
  const store = await openStateStore(options(join(deep, 'pg')))
  await store.ping()
  await store[Symbol.asyncDispose]()
})

test('holds as many connections as it is told, and who needs one more waits', async () => {
  const few = await openStateStore({ ...options(), connections: 1 })
  const gate = Promise.withResolvers<void>()
  const holder = few.of(tenant).correlation(() => gate.promise)
  let answered = false
  const ping = few.ping().then(() => (answered = true))
  await delay(300)
  expect(answered).toBe(false)
  gate.resolve()
  await Promise.all([holder, ping])
  await few[Symbol.asyncDispose]()

  // More than a small PostgreSQL would let in: all but one wait within it for the same lock.
  const many = await openStateStore({ ...options(), connections: 60 })
  const open = Promise.withResolvers<void>()
  const waiting = Array.from({ length: 59 }, () => many.of(tenant).correlation(() => open.promise))
  await many.ping()
  open.resolve()
  await Promise.all(waiting)
  await many[Symbol.asyncDispose]()
})

test('PostgreSQL that is killed is started again, and what was acknowledged is there', async () => {
  const postgres = await startPostgres(options())
  const before = postgres.pid as number
  process.kill(before, 'SIGKILL') // our own child, not yet reaped
  while (postgres.pid === before) await delay(10)
  await postgres[Symbol.asyncDispose]()

  const store = await openStateStore(options())
  expect(await store.of(tenant).setup.put('a', 1)).toBe(true)
  const pid = Number.parseInt(readFileSync(join(home, 'pg/data/postmaster.pid'), 'utf8'), 10)
  process.kill(pid, 'SIGKILL')
  let state: string | undefined
  while (state === undefined) {
    state = await store
      .of(tenant)
      .setup.state()
      .catch((error: unknown) => {
        expect(error).toMatchObject({ code: 'state-store-failed' })
        return undefined
      })
    await delay(10)
  }
  expect(state).toBe('open')
  await store[Symbol.asyncDispose]()
})

test('kill -9 of the process that started it: the next one waits for it to end and finds everything', async () => {
  const child = fileURLToPath(new URL('../../testing/state-store-child.ts', import.meta.url))
  let acknowledged = 0
  for (let round = 0; round < 3; round += 1) {
    const args = [child, join(home, 'pg'), JSON.stringify(unprivileged()), String(acknowledged)]
    const running = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    const goal = acknowledged + 5 + round
    for await (const line of createInterface({ input: running.stdout })) {
      acknowledged = Number(line)
      if (acknowledged >= goal) running.kill('SIGKILL')
    }
  }
  const store = await openStateStore(options())
  const tokens = await store.of(tenant).apiTokens.list()
  expect(tokens.length).toBeGreaterThanOrEqual(acknowledged)
  await store[Symbol.asyncDispose]()
})

test('a pid file whose pid is another program by now does not stop the start', async () => {
  const first = await startPostgres(options())
  const file = join(home, 'pg/data/postmaster.pid')
  const text = readFileSync(file, 'utf8')
  await first[Symbol.asyncDispose]()
  const other = spawn('/bin/sleep', ['60'], unprivileged())
  writeFileSync(file, text.replace(/^\d+/, String(other.pid)))
  const second = await startPostgres(options())
  await second[Symbol.asyncDispose]()
  expect(other.exitCode).toBeNull()
  other.kill()
})

test('a pid file whose pid is a dead process that nobody has collected does not stop the start', async () => {
  const first = await startPostgres(options())
  const file = join(home, 'pg/data/postmaster.pid')
  const text = readFileSync(file, 'utf8')
  await first[Symbol.asyncDispose]()
  // What becomes of the shell never asks after the child that the shell has started.
  const parent = spawn('/bin/sh', ['-c', 'sleep 0 & exec sleep 60'], unprivileged())
  const children = `/proc/${parent.pid}/task/${parent.pid}/children`
  await expect
    .poll(() => readFileSync(`/proc/${readFileSync(children, 'utf8').trim()}/stat`, 'utf8'))
    .toContain(') Z ')
  const dead = text.replace(/^\d+/, readFileSync(children, 'utf8').trim())
  writeFileSync(file, dead)
  writeFileSync(join(home, 'pg/run/.s.PGSQL.5432.lock'), dead)
  const second = await startPostgres(options())
  await second[Symbol.asyncDispose]()
  parent.kill()
})

test('data of another version is refused with a reason', async () => {
  mkdirSync(join(home, 'pg/data'), { recursive: true })
  writeFileSync(join(home, 'pg/data/PG_VERSION'), '12\n')
  await expect(startPostgres(options())).rejects.toMatchObject({ code: 'postgres-version' })
})

test('a set-up that was cut off is made anew', async () => {
  mkdirSync(join(home, 'pg/data.new/base'), { recursive: true })
  const postgres = await startPostgres(options())
  await postgres[Symbol.asyncDispose]()
})

test('library links that the install script did not make are made', () => {
  const native = join(home, 'native')
  mkdirSync(join(native, 'lib'), { recursive: true })
  const list = join(findPostgres(home, {}).initdb, '../../pg-symlinks.json')
  cpSync(list, join(native, 'pg-symlinks.json'))
  expect(linkLibraries(native, join(home, 'private'))).toEqual({})
  // Where the folder of the libraries cannot be written the links lie elsewhere.
  rmSync(join(native, 'lib'), { recursive: true })
  const env = linkLibraries(native, join(home, 'private'))
  expect(env).toEqual({ LD_LIBRARY_PATH: `${join(home, 'private')}:${join(native, 'lib')}` })
})
