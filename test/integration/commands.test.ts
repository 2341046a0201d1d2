import { type ChildProcess, spawn } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { needsRoot } from '@vedette/base/testing/needs-root'
import { createSignIn } from '@vedette/client/rest'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { type House, startHouse, vedette } from '../house.ts'

const alertSchema = z.object({
  id: z.string().min(1),
  title: z.string().min(1),
  severity: z.enum(['informational', 'low', 'medium', 'high', 'critical']),
  status: z.enum(['open', 'acknowledged', 'resolved']),
  techniques: z.array(z.object({ id: z.string(), name: z.string() })),
  time: z.iso.datetime(),
  host: z.string().min(1),
  process: z.object({ pid: z.number(), name: z.string() }).nullable(),
})

const launcher = new URL('../../apps/cli/bin/vedette', import.meta.url).pathname
let house: House
let demo: Awaited<ReturnType<House['vedette']>>

const temporary = mkdtempSync(join(tmpdir(), 'vedette-commands-'))

beforeAll(async () => {
  house = await startHouse({ env: { TMPDIR: temporary, SYSTEM_METRICS_INTERVAL: '1' } })
  demo = await house.vedette('demo')
})
afterAll(async () => {
  await house[Symbol.asyncDispose]()
  rmSync(temporary, { recursive: true })
})

async function json<S extends z.ZodType>(schema: S, ...args: string[]): Promise<z.output<S>> {
  const { status, stdout, stderr } = await house.vedette(...args, '--json')
  expect([status, stderr]).toEqual([0, ''])
  return schema.parse(JSON.parse(stdout))
}

const alerts = () => json(z.array(alertSchema), 'alerts', 'list')

test('the demo shows an alert with its process tree for each of five techniques', () => {
  needsRoot()
  expect([demo.status, demo.stderr]).toEqual([0, ''])
  expect(demo.stdout).toContain('5 of 5 raised an alert')
  for (const id of ['T1095', 'T1105', 'T1620', 'T1003.008', 'T1053.003']) expect(demo.stdout).toContain(id)
  expect(demo.stdout.match(/▶/g)).toHaveLength(5)
  expect(demo.stdout.match(/not done \(dry run\)/g)).toHaveLength(5)
})

test('the demo brings what a bare machine has not: curl and wget', async () => {
  needsRoot()
  const programs = mkdtempSync(join(tmpdir(), 'vedette-programs-'))
  for (const name of readdirSync('/usr/bin')) {
    if (name !== 'curl' && name !== 'wget') symlinkSync(join('/usr/bin', name), join(programs, name))
  }
  const env = { ...process.env, PATH: programs, TMPDIR: temporary }
  const { status, stdout, stderr } = await vedette(['demo', '--home', house.home], env)
  rmSync(programs, { recursive: true })
  expect([status, stderr]).toEqual([0, ''])
  expect(stdout).toContain('5 of 5 raised an alert')
})

test('the demo leaves nothing on the machine', () => {
  expect(readdirSync(temporary)).toEqual([])
})

test('a demo whose reader goes away still leaves nothing', async () => {
  const child = spawn(launcher, ['demo', '--json', '--home', house.home], {
    env: { ...process.env, TMPDIR: temporary },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  await new Promise((resolve) => child.stdout.once('data', resolve))
  child.stdout.destroy()
  await new Promise((resolve) => child.once('exit', resolve))
  expect(readdirSync(temporary)).toEqual([])
})

test('alerts are listed, shown, acknowledged and resolved by the beginning of an id', async () => {
  const [first] = await alerts()
  const id = first?.id ?? ''
  const shown = await house.vedette('alerts', 'show', id.slice(0, 10))
  expect(shown.status).toBe(0)
  expect(shown.stdout).toContain(first?.title)
  expect(shown.stdout).toContain('Process tree')
  expect((await house.vedette('alerts', 'ack', id.slice(0, 10))).status).toBe(0)
  expect((await alerts()).find((alert) => alert.id === id)?.status).toBe('acknowledged')
  expect((await house.vedette('alerts', 'resolve', id, '--verdict', 'benign')).stdout).toContain(
    'Resolved (benign)',
  )
  expect((await alerts()).find((alert) => alert.id === id)?.status).toBe('resolved')
  const resolved = await json(z.array(alertSchema), 'alerts', 'list', '--status', 'resolved')
  expect(resolved.map((alert) => alert.id)).toEqual([id])
})

test('an id that nothing has is not found: 5', async () => {
  const { status, stderr } = await house.vedette('alerts', 'show', 'no-such-alert')
  expect([status, stderr]).toEqual([5, expect.stringContaining('no alert no-such-alert')])
  expect((await house.vedette('alerts', 'ack', 'no-such-alert')).status).toBe(5)
  expect((await house.vedette('incident', 'show', 'no-such-incident')).status).toBe(5)
})

test('events come one a line, oldest first, of the kind that is asked for', async () => {
  const { status, stdout } = await house.vedette('events', '--json', '--limit', '20', '--kind', 'process')
  expect(status).toBe(0)
  const events = stdout
    .trim()
    .split('\n')
    .map((line) => z.object({ kind: z.string(), time: z.number(), id: z.string() }).parse(JSON.parse(line)))
  expect(events).toHaveLength(20)
  expect(new Set(events.map(({ kind }) => kind))).toEqual(new Set(['process']))
  expect(events.map(({ time }) => time)).toEqual(events.map(({ time }) => time).toSorted((a, b) => a - b))
})

test('events --follow shows what comes, until it is told to stop', async () => {
  const follow = spawn(launcher, [
    'events',
    '--follow',
    '--json',
    '--search',
    'follow-me',
    '--home',
    house.home,
  ])
  let printed = ''
  follow.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()))
  const ended = new Promise<number | null>((resolve) => follow.once('exit', resolve))
  const marked: ChildProcess[] = []
  await expect
    .poll(
      () => {
        marked.push(spawn('/bin/sh', ['-c', 'exit 0', 'follow-me']))
        return printed
      },
      { timeout: 20_000, interval: 500 },
    )
    .toContain('follow-me')
  follow.kill('SIGINT')
  expect(await ended).toBe(0)
})

test('an incident is opened, listed, assigned, shown and closed', async () => {
  const account = { token: house.ready.setupToken, name: 'ada', password: 'a long and winding sentence' }
  await createSignIn(house.ready.url).setUp(account)
  const incident = z.object({
    id: z.string(),
    title: z.string(),
    status: z.string(),
    assignee: z.string().nullable(),
  })
  const { id } = await json(incident, 'incident', 'create', '--title', 'Odd traffic', '--severity', 'high')
  expect((await json(z.array(incident), 'incident', 'list')).map((found) => found.id)).toContain(id)
  expect((await json(incident, 'incident', 'assign', id, '--user', 'ada')).assignee).toBe('ada')
  const shown = await house.vedette('incident', 'show', id)
  expect(shown.stdout).toContain('Odd traffic')
  expect(shown.stdout).toContain('ada')
  expect((await json(incident, 'incident', 'close', id, '--resolution', 'a backup')).status).toBe('closed')
})

test('a process is previewed, frozen, thawed; and killing is refused where it is switched off', async () => {
  const target = spawn('/bin/sleep', ['60'])
  try {
    const pid = String(target.pid)
    const state = () =>
      / State:\s+(\w)/.exec(` ${readFileSync(`/proc/${pid}/status`, 'utf8').replaceAll('\n', ' ')}`)?.[1]
    const preview = await house.vedette('respond', 'freeze', pid)
    expect([preview.status, state()]).toEqual([0, 'S'])
    expect(preview.stdout).toContain('Nothing was done. Add --execute to do it.')
    const freeze = await house.vedette(
      'respond',
      'freeze',
      pid,
      '--execute',
      '--lease',
      '60s',
      '--reason',
      'test',
    )
    expect([freeze.status, freeze.stderr]).toEqual([0, ''])
    await expect.poll(state).not.toBe('S')
    const thaw = await house.vedette('respond', 'thaw', pid, '--execute')
    expect(thaw.status).toBe(0)
    await expect.poll(state).toBe('S')
    const kill = await house.vedette('respond', 'kill', pid, '--execute')
    expect([kill.status, existsSync(`/proc/${pid}`)]).toEqual([4, true])
    expect(kill.stdout).toContain('enable_kill')
  } finally {
    target.kill('SIGKILL')
  }
})

test('what may never be touched is refused: 4', async () => {
  for (const pid of ['1', String(house.ready.pid)]) {
    const { status, stdout } = await house.vedette('respond', 'freeze', pid, '--execute')
    expect([pid, status, stdout]).toEqual([pid, 4, expect.stringContaining('refused')])
  }
})

test('audit verify reads both logs, and finds a record that was changed', async () => {
  const verdict = await json(
    z.object({ ok: z.boolean(), logs: z.array(z.object({ log: z.string(), records: z.number() })) }),
    'audit',
    'verify',
  )
  expect(verdict.ok).toBe(true)
  expect(verdict.logs.map(({ log, records }) => [log, records > 0])).toEqual([
    ['agent', true],
    ['server', true],
  ])

  const copy = mkdtempSync(join(tmpdir(), 'vedette-audit-'))
  try {
    cpSync(join(house.home, 'agent/audit'), join(copy, 'agent/audit'), { recursive: true })
    expect((await vedette(['audit', 'verify', '--home', copy])).status).toBe(0)
    const [file = ''] = readdirSync(join(copy, 'agent/audit')).filter((name) => name !== 'lock')
    const path = join(copy, 'agent/audit', file)
    writeFileSync(path, readFileSync(path, 'utf8').replace('"actor":"', '"actor":"x'))
    const altered = await vedette(['audit', 'verify', '--home', copy])
    expect([altered.status, altered.stdout]).toEqual([6, expect.stringContaining('altered')])
    const unsigned = await vedette(['audit', 'checkpoint', '--home', copy])
    expect([unsigned.status, unsigned.stdout]).toEqual([6, ''])
  } finally {
    rmSync(copy, { recursive: true })
  }
})

test('audit list and export show what was done; a checkpoint that was kept finds a cut end', async () => {
  const record = z.object({ log: z.string(), sequence: z.number(), actor: z.string(), action: z.string() })
  const listed = await json(z.array(record), 'audit', 'list', '--log', 'agent', '--limit', '3')
  expect(listed.length).toBeGreaterThan(0)
  expect(new Set(listed.map(({ log }) => log))).toEqual(new Set(['agent']))
  const of = listed.at(-1)?.action ?? ''
  expect((await house.vedette('audit', 'list', '--action', of)).stdout).toContain(of)
  expect((await house.vedette('audit', 'list', '--actor', 'nobody-at-all')).stdout).toBe('No record\n')

  const copy = mkdtempSync(join(tmpdir(), 'vedette-audit-'))
  try {
    const out = join(copy, 'kept')
    expect((await house.vedette('audit', 'checkpoint', '--out', out)).status).toBe(0)
    expect((await house.vedette('audit', 'verify', '--checkpoint', out)).status).toBe(0)
    const csv = await house.vedette('audit', 'export', '--format', 'csv', '--log', 'agent')
    expect(csv.stdout).toMatch(
      /^log,sequence,time,actor,action,target,outcome,detail,previous,hash\r\nagent,0,/,
    )
    const lines = (await house.vedette('audit', 'export')).stdout.trimEnd().split('\n')
    expect(lines.map((line) => record.parse(JSON.parse(line)).log)).toEqual(
      expect.arrayContaining(['agent', 'server']),
    )

    // An intruder who is root cuts the end off, and all that lies beside the log with it.
    for (const log of ['agent', 'server']) {
      cpSync(join(house.home, log, 'audit'), join(copy, log, 'audit'), { recursive: true })
    }
    const [file = ''] = readdirSync(join(copy, 'agent/audit')).filter((name) => name !== 'lock')
    const path = join(copy, 'agent/audit', file)
    writeFileSync(path, `${readFileSync(path, 'utf8').trimEnd().split('\n').slice(0, -1).join('\n')}\n`)
    expect((await vedette(['audit', 'verify', '--home', copy])).status).toBe(0)
    const cut = await vedette(['audit', 'verify', '--home', copy, '--checkpoint', out])
    expect([cut.status, cut.stdout]).toEqual([6, expect.stringContaining('was written')])
  } finally {
    rmSync(copy, { recursive: true })
  }
})

test('the host is looked at as often as SYSTEM_METRICS_INTERVAL says', async () => {
  const usage = z.object({ time: z.iso.datetime(), cpu_percent: z.number(), memory_total_bytes: z.number() })
  const looks = new Set<string>()
  // By default there would be one look a minute.
  while (looks.size < 3) {
    const { hosts } = await json(z.object({ hosts: z.array(z.object({ usage })) }), 'status')
    looks.add(hosts[0]?.usage.time ?? '')
  }
  expect(looks).not.toContain('')
})

test('health and metrics tell how it is', async () => {
  const { status, stdout } = await house.vedette('health', '--json')
  const check = z.object({ name: z.string(), status: z.string() })
  const health = z.object({ status: z.string(), checks: z.array(check) }).parse(JSON.parse(stdout))
  // What other tests delete before it is scanned is counted as lost, rightly; the test of `up` is alone and sees no loss.
  const unwell = health.checks.filter(({ name, status }) => status !== 'healthy' && name !== 'losses')
  expect(unwell).toEqual([])
  expect(status).toBe(health.status === 'healthy' ? 0 : 1)
  const metrics = await json(z.object({ events_total: z.number(), alerts_total: z.number() }), 'metrics')
  expect(metrics.events_total).toBeGreaterThan(0)
  expect(metrics.alerts_total).toBeGreaterThan(0)
})

test('the monitor wants a terminal, and says what to use without one', async () => {
  const { status, stderr } = await house.vedette('monitor')
  expect([status, stderr]).toEqual([2, expect.stringContaining('needs a terminal')])
})

test('the monitor draws alerts and hosts on a terminal, and q leaves it', async () => {
  const command = `stty cols 120 rows 40; exec ${launcher} monitor --home ${house.home}`
  // script(1) gives it a terminal of its own.
  const child = spawn('script', ['-qec', command, '/dev/null'], { env: { ...process.env, TERM: 'xterm' } })
  let screen = ''
  child.stdout.on('data', (chunk: Buffer) => (screen += chunk.toString()))
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  await expect.poll(() => screen, { timeout: 20_000 }).toContain('reporting')
  expect(screen).toContain('Alerts')
  expect(screen).toContain('lost')
  child.stdin.write('q')
  expect(await ended).toBe(0)
})
