import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { type House, startHouse, vedette } from '../house.ts'

const scratch = mkdtempSync(join(tmpdir(), 'vedette-backup-'))
let house: House

beforeAll(async () => {
  house = await startHouse()
})
afterAll(async () => {
  await house[Symbol.asyncDispose]()
  rmSync(scratch, { recursive: true, force: true })
})

test('migrate tells where the schema is, rehearses beside a house that works, and does not go down under it', async () => {
  const status = await house.vedette('migrate', '--json')
  expect(status.stderr).toBe('')
  const { migrations } = z
    .object({ migrations: z.array(z.object({ name: z.string(), isApplied: z.boolean() })) })
    .parse(JSON.parse(status.stdout))
  expect(migrations.length).toBeGreaterThan(3)
  expect(migrations.filter(({ isApplied }) => !isApplied)).toEqual([])

  const rehearsed = await house.vedette('migrate', '--rehearse', '--json')
  const told = z
    .object({
      ok: z.boolean(),
      problems: z.array(z.string()),
      steps: z.array(z.object({ name: z.string(), rows: z.record(z.string(), z.number()) })),
    })
    .parse(JSON.parse(rehearsed.stdout))
  expect(told).toMatchObject({ ok: true, problems: [] })
  expect(told.steps[0]?.rows['api_tokens']).toBe(1)

  const down = await house.vedette('migrate', '--to', 'none')
  expect([down.status, down.stderr]).toEqual([4, expect.stringContaining('a server is using it')])
  expect((await house.vedette('migrate')).stdout).not.toContain('waiting')
  expect((await house.vedette('status')).status).toBe(0)
})

const ids = (value: string) =>
  z
    .array(z.object({ id: z.string() }))
    .parse(JSON.parse(value))
    .map(({ id }) => id)

test('a house is backed up while it works, restored elsewhere, and has what it had', async () => {
  // Something to find again: an alert with its events, an account, what was done.
  const program = join('/dev/shm', `vedette-backup-${process.pid}`)
  copyFileSync('/bin/true', program)
  const alerts = async (of: House) =>
    ids((await of.vedette('alerts', 'list', '--json', '--limit', '1000')).stdout)
  let known: string[] = []
  while (known.length === 0) {
    await once(spawn(program, { stdio: 'ignore' }), 'exit')
    known = await alerts(house)
  }
  rmSync(program)
  const account = {
    token: house.ready.setupToken,
    name: 'ann-of-the-harbour',
    password: 'a quiet morning by the sea',
  }
  const call = (of: House, path: string, body: object) =>
    fetch(`${of.ready.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  const made = await call(house, '/auth/setup', account)
  expect([made.status, await made.text()]).toEqual([200, expect.any(String)])
  const alert = known.at(-1) ?? ''
  await house.vedette('alerts', 'ack', alert)
  const listed = (await house.vedette('events', '--json', '--limit', '50')).stdout
  const events = ids(`[${listed.trimEnd().split('\n').join(',')}]`)

  const [keyFile, file] = [join(scratch, 'key'), join(scratch, 'house.backup')]
  writeFileSync(keyFile, 'a long night by the harbour\n', { mode: 0o600 })
  const backup = await house.vedette('backup', file, '--key-file', keyFile)
  expect([backup.status, backup.stderr]).toEqual([0, ''])
  expect(readFileSync(file).includes('ann-of-the-harbour')).toBe(false)
  expect((await house.vedette('backup', file)).status).toBe(4)
  const last = JSON.parse((await house.vedette('audit', 'verify', '--json')).stdout) as {
    logs: { log: string; records: number }[]
  }

  const home = join(scratch, 'restored')
  const wrong = join(scratch, 'wrong-key')
  writeFileSync(wrong, 'a long night by the other harbour\n', { mode: 0o600 })
  const locked = await vedette(['restore', file, '--key-file', wrong, '--home', home])
  expect([locked.status, existsSync(home)]).toEqual([6, false])
  // The keys in it are wrapped: without their master key, or with another one, nothing comes back.
  const restore = ['restore', file, '--key-file', keyFile, '--home', home]
  const masterless = await vedette(restore)
  expect([masterless.status, masterless.stderr]).toEqual([6, expect.stringContaining('--master-key-file')])
  const [master, another] = [join(scratch, 'master.key'), join(scratch, 'another.key')]
  copyFileSync(join(house.home, 'server', 'keys', 'master.key'), master)
  expect(backup.stdout).toContain(join(house.home, 'server', 'keys', 'master.key'))
  await vedette(['keys', 'new', another])
  const wrongly = await vedette([...restore, '--master-key-file', another])
  expect([wrongly.status, wrongly.stderr]).toEqual([
    6,
    expect.stringContaining('The master key is not the one'),
  ])
  expect([existsSync(home), readdirSync(scratch).filter((name) => name.includes('.restoring-'))]).toEqual([
    false,
    [],
  ])
  const restored = await vedette([...restore, '--master-key-file', master])
  expect([restored.status, restored.stderr]).toEqual([0, ''])
  expect(readdirSync(scratch).filter((name) => name.includes('.restoring-'))).toEqual([])
  const again = await vedette([...restore, '--master-key-file', master])
  expect([again.status, again.stderr]).toEqual([4, expect.stringContaining('is not empty')])

  await house.stop()
  await using other = await startHouse({ home })
  expect(await alerts(other)).toEqual(expect.arrayContaining(known))
  expect((await other.vedette('alerts', 'show', alert)).stdout).toContain('acknowledged')
  const found = await Promise.all(
    events
      .slice(0, 5)
      .map((id) => other.ask('query($id: ID!) { event(event_id: $id) { event_id } }', { id })),
  )
  expect(found).toEqual(events.slice(0, 5).map((id) => ({ event: { event_id: id } })))
  const { name, password } = account
  expect((await call(other, '/auth/sign-in', { name, password })).status).toBe(200)
  const verified = await other.vedette('audit', 'verify', '--json')
  const logs = (JSON.parse(verified.stdout) as typeof last).logs
  expect(verified.status).toBe(0)
  for (const { log, records } of last.logs) {
    expect(logs.find((one) => one.log === log)?.records).toBeGreaterThanOrEqual(records)
  }
}, 300_000)
