import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type House, startHouse, vedette } from '../house.ts'

/** The baseline of files as a person has it: a running house, its commands, and the same without a house. */
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'vedette-integrity-')))
const home = join(folder, 'home')
const files = join(folder, 'files')
const machine = join(folder, 'machine')
const settings = join(files, 'settings')
let house: House

beforeAll(async () => {
  for (const path of [files, join(machine, 'etc'), join(machine, 'opt')]) mkdirSync(path, { recursive: true })
  chmodSync(folder, 0o755)
  writeFileSync(settings, 'one\n')
  writeFileSync(join(files, 'other'), 'one\n')
  writeFileSync(join(machine, 'etc/passwd'), 'root:x:0:0::/root:/bin/bash\n')
  const config = join(folder, 'vedette.yml')
  writeFileSync(
    config,
    `integrity: { paths: [${files}], settle_ms: 50 }\ncollect: { inventory: { root: ${machine}, interval_s: 5 } }\n`,
  )
  house = await startHouse({ home, args: ['--config', config] })
})
afterAll(async () => {
  await house[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
})

async function json(
  ...args: readonly string[]
): Promise<{ readonly status: number; readonly value: Readonly<Record<string, unknown>> }> {
  const { status, stdout, stderr } = await house.vedette(...args, '--json')
  expect(stderr).toBe('')
  return { status, value: JSON.parse(stdout) as Readonly<Record<string, unknown>> }
}

async function alertTitles(): Promise<readonly string[]> {
  const { stdout } = await house.vedette('alerts', 'list', '--limit', '200', '--json')
  return (JSON.parse(stdout) as readonly { readonly title: string }[]).map(({ title }) => title)
}

/** What people read of the newest events of a kind. */
const eventsOf = async (kind: string): Promise<readonly string[]> => {
  const { stdout } = await house.vedette('events', '--kind', kind, '--limit', '200', '--json')
  const lines = stdout.split('\n').filter((line) => line !== '')
  return lines.map((line) => (JSON.parse(line) as { readonly message: string }).message)
}

test('a change is an event, differs, and is accepted with a record of it', async () => {
  expect(await json('integrity', 'status')).toMatchObject({
    status: 0,
    value: { files: 3, paths: [files], running: true, differing: [] },
  })
  spawnSync('/usr/bin/sed', ['-i', 's/one/two/', settings])
  await expect
    .poll(async () => (await json('integrity', 'status')).value['differing'], { timeout: 30_000 })
    .toMatchObject([{ path: settings, change: 'changed', changed: ['sha256', 'modified_time'] }])
  await expect
    .poll(() => eventsOf('file'), { timeout: 30_000 })
    .toContainEqual(`sed changed ${settings}: content`)
  const checked = await house.vedette('integrity', 'check', settings)
  expect(checked).toMatchObject({ status: 7, stderr: '' })
  expect(checked.stdout).toContain(`changed  ${settings}\n    sha256: `)
  expect(await house.vedette('integrity', 'accept', settings)).toEqual({
    status: 0,
    stdout: '1 file accepted.\n',
    stderr: '',
  })
  expect(await json('integrity', 'check')).toMatchObject({ status: 0, value: { files: 3, differing: [] } })
  const verified = await json('audit', 'verify')
  expect(verified.value['logs']).toContainEqual(
    expect.objectContaining({ log: 'agent', ok: true, records: 1 }),
  )
})

test('what is new on the machine is an alert', async () => {
  writeFileSync(join(machine, 'etc/passwd'), 'root:x:0:0::/root:/bin/bash\ntoor::0:0::/:/bin/sh\n')
  await expect
    .poll(alertTitles, {
      timeout: 60_000,
      interval: 500,
    })
    .toContainEqual(expect.stringMatching(/^Account toor on .* is root$/))
  expect(await eventsOf('inventory')).toEqual(
    expect.arrayContaining(['1 user on this host', 'user is new: toor']),
  )
})

test('what cannot be is said, with a way out', async () => {
  expect(await house.vedette('integrity', 'check', '/usr/bin')).toMatchObject({ status: 5 })
  expect(await house.vedette('integrity', 'accept')).toMatchObject({ status: 2 })
  const nowhere = await vedette(['integrity', 'status', '--home', join(folder, 'nothing')])
  expect(nowhere).toMatchObject({ status: 5, stdout: '' })
  expect(nowhere.stderr).toContain('There is no baseline of files')
})

test('without a house it is compared and accepted too; the next one goes on from there', async () => {
  await house.stop()
  spawnSync('/usr/bin/chmod', ['600', settings])
  rmSync(join(files, 'other'))
  expect(await json('integrity', 'check')).toMatchObject({
    status: 7,
    value: {
      differing: [
        { path: join(files, 'other'), change: 'removed' },
        { path: settings, changed: ['mode'], before: { mode: '0644' }, after: { mode: '0600' } },
      ],
    },
  })
  expect((await house.vedette('integrity', 'accept', '--all')).stdout).toBe('2 files accepted.\n')
  expect(await json('integrity', 'status')).toMatchObject({
    value: { running: false, files: 2, differing: [] },
  })
})

test('vedette inventory', async () => {
  const all = await json('inventory', '--root', machine)
  expect(all.value).toMatchObject({
    user: [{ key: 'root' }, { key: 'toor', facts: { uid: 0 } }],
    setuid_file: [],
  })
  const { status, stdout, stderr } = await vedette(['inventory', '--only', 'mount'])
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  expect(stdout).toMatch(/^mount \d+\n/)
  expect(await vedette(['inventory', '--only', 'nonsense'])).toMatchObject({ status: 2 })
})
