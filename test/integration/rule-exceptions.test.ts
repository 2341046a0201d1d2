import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { needsRoot } from '@vedette/base/testing/needs-root'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type House, startHouse } from '../house.ts'

interface Alert {
  readonly id: string
  readonly count: number
  readonly process: { readonly path: string | null } | null
}

/** Programs that run from shared memory, which a built-in rule tells. */
const folder = mkdtempSync('/dev/shm/vedette-exceptions-')
const backup = join(folder, 'nightly-backup')
const other = join(folder, 'other-program')
const running: ChildProcess[] = []
let house: House

beforeAll(async () => {
  for (const program of [backup, other]) copyFileSync('/bin/sleep', program)
  house = await startHouse()
})
afterAll(async () => {
  for (const child of running) child.kill('SIGKILL')
  await house[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
})

/** Starts a program from shared memory, with an argument that tells this time from others. */
async function attack(program: string, seconds: string): Promise<void> {
  const child = spawn(program, [seconds], { stdio: 'ignore' })
  running.push(child)
  await once(child, 'spawn')
}

/** Detections of launches of a program: alerts and their repeats. */
async function detections(program: string): Promise<{ count: number; alerts: readonly Alert[] }> {
  const query =
    'query ($path: String) { analytics_alerts(search: $path, limit: 1000) { id count process { path } } }'
  const { analytics_alerts: found } = (await house.ask(query, { path: program })) as {
    analytics_alerts: readonly Alert[]
  }
  const alerts = found.filter(({ process }) => process?.path === program)
  return { count: alerts.reduce((sum, { count }) => sum + count, 0), alerts }
}

/** Waits until there are so many, and gives the newest alert. */
async function until(program: string, wanted: number): Promise<Alert> {
  for (let tries = 0; tries < 600; tries += 1) {
    const { count, alerts } = await detections(program)
    if (count >= wanted && alerts[0]) return alerts[0]
    await delay(100)
  }
  throw new Error(`no alert of ${program} came`)
}

/** Launches the other program and waits for it to be told: what was launched before it was judged by then. */
async function judged(): Promise<void> {
  const { count } = await detections(other)
  await attack(other, '600')
  await until(other, count + 1)
}

test('from an alert to an active exception in one command; it ends by itself', async () => {
  needsRoot()
  await attack(backup, '601')
  const alert = await until(backup, 1)

  const dry = await house.vedette('rules', 'exception', alert.id.slice(0, 12), '--dry-run')
  expect([dry.status, dry.stderr]).toEqual([0, ''])
  expect(dry.stdout).toContain(backup)
  expect(dry.stdout).toMatch(/It would have hidden 1 of \d+ alerts? of this rule/)
  expect(dry.stdout).toContain('Nothing was changed')

  const made = await house.vedette(
    'rules',
    'exception',
    alert.id.slice(0, 12),
    '--reason=the nightly backup',
    '--expires=20s',
  )
  expect([made.status, made.stderr]).toEqual([0, ''])
  expect(made.stdout).toContain('In force until')
  const expiresMs = Date.now() + 20_000
  const before = await detections(backup)

  await attack(backup, '602')
  await judged()
  expect((await detections(backup)).count).toBe(before.count)

  const listed = await house.vedette('rules', 'exceptions', 'list')
  expect(listed.stdout).toContain('the nightly backup')
  const exported = await house.vedette('rules', 'exceptions', 'export')
  expect(exported.stdout).toContain(`Image: ${backup}`)
  expect(exported.stdout).toContain('condition: not selection')

  await delay(Math.max(0, expiresMs - Date.now()) + 500)
  await attack(backup, '603')
  await until(backup, before.count + 1)
  expect((await house.vedette('rules', 'exceptions', 'list')).stdout).toContain('ended')

  const audit = await house.vedette('audit', 'verify')
  expect(audit.status).toBe(0)
})

test('an exception that would have hidden a true positive is refused, but with --force; removed, its rule judges again', async () => {
  needsRoot()
  const alert = await until(other, 1)
  expect((await house.vedette('alerts', 'resolve', alert.id, '--verdict', 'true_positive')).status).toBe(0)
  const refused = await house.vedette('rules', 'exception', alert.id, '--reason', 'who knows')
  expect(refused.status).toBe(4)
  expect(refused.stdout).toContain('1 true positive')
  expect(refused.stderr).toContain('would have hidden an alert that was a true positive')

  const forced = await house.vedette(
    'rules',
    'exception',
    alert.id,
    '--reason',
    'a drill',
    '--force',
    '--json',
  )
  expect([forced.status, forced.stderr]).toEqual([0, ''])
  const { exception } = JSON.parse(forced.stdout) as { exception: { id: string; owner: string } }
  expect(exception.owner).toBe('cli')
  const { count } = await detections(other)
  await attack(other, '604')
  // Another case of the same rule is told all the same, and by then the silenced one was judged.
  const others = (await detections(backup)).count
  await attack(backup, '605')
  await until(backup, others + 1)
  expect((await detections(other)).count).toBe(count)

  const removed = await house.vedette('rules', 'exceptions', 'remove', exception.id.slice(0, 8))
  expect(removed.stdout).toContain('judges this again')
  await attack(other, '606')
  await until(other, count + 1)
})

test('what is no alert, no field or no exception is said', async () => {
  expect((await house.vedette('rules', 'exception', 'nothing', '--dry-run')).status).toBe(5)
  expect((await house.vedette('rules', 'exceptions', 'remove', 'nothing')).status).toBe(5)
  const alert = await until(backup, 1)
  const ids = await house.vedette('rules', 'exception', alert.id, '--dry-run', '--field', 'ProcessId')
  expect([ids.status, ids.stderr]).toEqual([2, expect.stringContaining('another in each case')])
  const none = await house.vedette('rules', 'exception', alert.id, '--dry-run', '--field', 'Imagine')
  expect([none.status, none.stderr]).toEqual([2, expect.stringContaining('has no field "Imagine"')])
  const all = await house.vedette('rules', 'exception', alert.id, '--dry-run', '--field', 'Image=*')
  expect([all.status, all.stderr]).toEqual([2, expect.stringContaining('met by anything')])
  const silent = await house.vedette('rules', 'exception', alert.id)
  expect([silent.status, silent.stderr]).toEqual([2, expect.stringContaining('--reason')])
})
