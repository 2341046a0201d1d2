import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createGzip } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { startHouse, vedette } from '../house.ts'

const launcher = new URL('../../apps/cli/bin/vedette', import.meta.url).pathname
const folder = mkdtempSync(join(tmpdir(), 'vedette-hunt-test-'))
const rules = join(folder, 'rules')
const logs = join(folder, 'logs')
const env = {
  PATH: process.env['PATH'],
  HOME: join(folder, 'home'),
  TMPDIR: join(folder, 'tmp'),
  NO_COLOR: '1',
}

const RULE = `title: Somebody asks who they are
id: 00000000-0000-4000-8000-000000000001
logsource: { product: linux, category: process_creation }
detection:
  selection: { CommandLine|contains: hunted-for }
  condition: selection
level: high
tags: [attack.t1033]
`
const record = {
  product: 'linux',
  category: 'process_creation',
  host: 'web1',
  '@timestamp': '2026-11-20T08:00:00Z',
}

beforeAll(() => {
  for (const path of [rules, logs, env.HOME, env.TMPDIR]) mkdirSync(path, { recursive: true })
  writeFileSync(join(rules, 'r.yml'), RULE)
  const lines = [
    { ...record, CommandLine: 'id' },
    { ...record, CommandLine: 'sh hunted-for' },
  ]
  writeFileSync(join(logs, 'a.ndjson'), lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
})
afterAll(() => {
  expect(readdirSync(env.TMPDIR)).toEqual([])
  rmSync(folder, { recursive: true })
})

const run = (...args: string[]) => vedette(args, env)
const lastLine = (text: string): unknown => JSON.parse(text.trimEnd().split('\n').at(-1) ?? '')

const summarySchema = z.strictObject({
  summary: z.strictObject({
    events: z.int(),
    matches: z.int(),
    seconds: z.number().min(0),
    rules: z.int(),
    unreadable: z.int(),
  }),
})

test('--json prints an object for each match and the summary last, and nothing else', async () => {
  const { status, stdout, stderr } = await run('hunt', '--rules', rules, logs, '--json')
  expect([status, stderr]).toEqual([0, ''])
  const lines = stdout.trimEnd().split('\n')
  expect(lines).toHaveLength(2)
  const match = JSON.parse(lines[0] ?? '') as object
  expect(Object.keys(match)).toEqual([
    'ruleId',
    'title',
    'level',
    'techniques',
    'time',
    'file',
    'record',
    'event',
  ])
  expect(match).toEqual({
    ruleId: '00000000-0000-4000-8000-000000000001',
    title: 'Somebody asks who they are',
    level: 'high',
    techniques: ['T1033'],
    time: '2026-11-20T08:00:00.000Z',
    file: join(logs, 'a.ndjson'),
    record: 2,
    event: { ...record, CommandLine: 'sh hunted-for' },
  })
  expect(summarySchema.parse(lastLine(stdout)).summary).toMatchObject({
    events: 2,
    matches: 1,
    rules: 1,
    unreadable: 0,
  })
})

test('the table is the default; nothing is drawn over on a pipe', async () => {
  const { status, stdout, stderr } = await run('hunt', '--rules', rules, logs)
  expect([status, stderr]).toEqual([0, ''])
  expect(stdout).toMatch(/^LEVEL +MATCHES +FIRST +LAST +HOSTS +TECHNIQUES +RULE\nhigh +1 /)
  expect(stdout).toContain('1 match: 2 events of 1 file judged by 1 rule')
  for (const character of ['\r', '\u001b']) expect(stdout + stderr).not.toContain(character)
})

test.each([
  [
    'timeline',
    '2026-11-20 08:00:00.000Z  high   web1  Somebody asks who they are  a.ndjson:2  sh hunted-for',
  ],
  [
    'csv',
    '2026-11-20T08:00:00.000Z,high,00000000-0000-4000-8000-000000000001,Somebody asks who they are,T1033,web1,',
  ],
  ['sarif', '"version":"2.1.0"'],
  ['html', '<b>Somebody asks who they are</b>'],
  ['ndjson', '"techniques":["T1033"]'],
])('--format %s', async (format, text) => {
  const { status, stdout } = await run('hunt', '--rules', rules, logs, '--format', format)
  expect(status).toBe(0)
  expect(stdout).toContain(text)
})

test.each([
  ['technique', 'T1033'],
  ['host', 'web1'],
])('--group %s', async (by, text) => {
  expect((await run('hunt', '--rules', rules, logs, '--group', by)).stdout).toContain(text)
})

test('--output writes a file that only its owner reads', async () => {
  const file = join(folder, 'report.html')
  const { status, stdout, stderr } = await run(
    'hunt',
    '--rules',
    rules,
    logs,
    '--format',
    'html',
    '--output',
    file,
  )
  expect([status, stderr]).toEqual([0, ''])
  expect(stdout).toContain(`Written to ${file}`)
  expect([statSync(file).mode & 0o777, readFileSync(file, 'utf8')]).toEqual([
    0o600,
    expect.stringContaining('</html>'),
  ])
})

test('a file that may not be read is told, and the rest is hunted', async () => {
  const closed = join(logs, 'closed.ndjson')
  writeFileSync(closed, `${JSON.stringify(record)}\n`)
  chmodSync(closed, 0)
  try {
    // Root reads everything: it hunts as somebody else.
    const root = process.getuid?.() === 0
    if (root) for (const path of [folder, rules, logs]) chmodSync(path, 0o755)
    const user = root ? { uid: 65_534, gid: 65_534 } : {}
    const args = ['hunt', '--rules', rules, logs, '--json']
    const { status, stdout, stderr } = await vedette(args, { ...env, HOME: '' }, user)
    expect(status).toBe(0)
    expect(JSON.parse(stderr)).toEqual({
      unreadable: { file: closed, offset: null, reason: 'permission-denied' },
    })
    expect(summarySchema.parse(lastLine(stdout)).summary).toMatchObject({ matches: 1, unreadable: 1 })
  } finally {
    rmSync(closed)
  }
})

test('what is wrong with the command line is said', async () => {
  const nothing = await run('hunt')
  expect([nothing.status, nothing.stderr]).toEqual([2, expect.stringContaining('Name the files or folders')])
  expect((await run('hunt', '--since', '1d', logs)).status).toBe(2)
  expect((await run('hunt', '--since', 'soon')).status).toBe(2)
  expect((await run('hunt', '--format', 'pdf', logs)).status).toBe(2)
  expect((await run('hunt', join(folder, 'none'))).status).toBe(5)
  expect((await run('hunt', '--rules', join(folder, 'none'), logs)).status).toBe(5)
  const noRules = await run('hunt', '--rules', logs, logs)
  expect([noRules.status, noRules.stderr]).toEqual([1, expect.stringContaining('no rule was loaded')])
  const notRunning = await run('hunt', '--since', '1d', '--home', join(folder, 'home'))
  expect(notRunning.status).toBe(3)
})

test('without --rules those of Vedette are used', async () => {
  const { status, stdout } = await run('hunt', logs, '--json')
  expect(status).toBe(0)
  expect(summarySchema.parse(lastLine(stdout)).summary.rules).toBeGreaterThan(50)
})

test('a broken rule is told and the others hunt; rules check says where', async () => {
  const broken = join(folder, 'broken')
  mkdirSync(broken)
  writeFileSync(
    join(broken, 'r.yml'),
    `${RULE}---\n${RULE.replace('contains', 'contians').replace('0001', '0002')}`,
  )
  const { status, stdout, stderr } = await run('hunt', '--rules', broken, logs)
  expect([status, stderr]).toEqual([0, expect.stringContaining("'vedette rules check' says where and why")])
  expect(stdout).toContain('1 match')

  const checked = await run('rules', 'check', broken, '--json')
  expect([checked.status, checked.stderr]).toEqual([1, ''])
  expect(JSON.parse(checked.stdout)).toEqual({
    loaded: 1,
    rejected: [expect.objectContaining({ file: join(broken, 'r.yml'), line: 14, code: 'unknown-modifier' })],
  })
  const drawn = await run('rules', 'check', broken)
  expect(drawn.stdout).toMatch(/r\.yml:14:\d+: .*did you mean "contains"/)
  expect(drawn.stdout).toMatch(/\n +\| +\^\n/)
  expect((await run('rules', 'check', rules, '--json')).stdout).toBe('{"loaded":1,"rejected":[]}\n')
  expect((await run('rules', 'check', rules)).status).toBe(0)
})

test('placeholders are given with --set', async () => {
  const site = join(folder, 'site')
  mkdirSync(site)
  writeFileSync(join(site, 'r.yml'), RULE.replace('contains: hunted-for', "contains|expand: '%word%'"))
  expect((await run('rules', 'check', site)).status).toBe(1)
  expect((await run('rules', 'check', site, '--set', 'word=hunted-for')).status).toBe(0)
  const { stdout } = await run('hunt', '--rules', site, '--set', 'word=hunted-for', logs, '--json')
  expect(summarySchema.parse(lastLine(stdout)).summary.matches).toBe(1)
  expect((await run('hunt', '--set', 'nonsense', logs)).status).toBe(2)
})

test('records prints what a file holds, and tells what cannot be read with its place', async () => {
  const file = join(folder, 'b.ndjson')
  writeFileSync(file, `${JSON.stringify(record)}\n`)
  appendFileSync(file, '{broken\n{"a":1}\n')
  const { status, stdout, stderr } = await run('records', file)
  expect(status).toBe(0)
  expect(
    stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown),
  ).toEqual([record, { a: 1 }])
  expect(stderr).toMatch(new RegExp(`^unreadable: ${file}, byte ${JSON.stringify(record).length + 1}: `))
})

/** A packed file of `lines` records, of which every thousandth matches; small on disk, large when it is unpacked. */
async function writePacked(path: string, lines: number): Promise<void> {
  const packing = createGzip({ level: 1 })
  const chunks: Buffer[] = []
  packing.on('data', (chunk: Buffer) => chunks.push(chunk))
  const ended = once(packing, 'end')
  const filler = 'x'.repeat(400)
  const block = Array.from({ length: 1000 }, (_, i) =>
    JSON.stringify({ ...record, CommandLine: i === 0 ? 'hunted-for' : 'id', filler }),
  ).join('\n')
  for (let i = 0; i < lines / 1000; i += 1) packing.write(`${block}\n`)
  packing.end()
  await ended
  writeFileSync(path, Buffer.concat(chunks))
}

/** The most memory that a process had in its life so far, MiB. */
function peakMiB(pid: number): number {
  const found = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
  return Number(found?.[1]) / 1024
}

/** Hunts in a file and, when so many matches were told, looks at the memory and then says stop. */
async function huntUntil(file: string, matches: number) {
  const child = spawn(launcher, ['hunt', '--rules', rules, file, '--json'], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let printed = ''
  let peak = 0
  let errors = ''
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()))
  child.stdout.on('data', (chunk: Buffer) => {
    printed += chunk.toString()
    if (peak === 0 && printed.split('\n').length > matches) {
      peak = peakMiB(child.pid ?? 0)
      child.kill('SIGINT')
    }
  })
  const [status] = (await once(child, 'close')) as [number]
  return { status, peak, printed, errors }
}

test('Ctrl-C ends it with the summary; memory does not grow with the file', async () => {
  const file = join(folder, 'large.ndjson.gz')
  await writePacked(file, 1_500_000)
  const early = await huntUntil(file, 30)
  const late = await huntUntil(file, 600)
  for (const { status, printed, errors } of [early, late]) {
    expect([status, errors]).toEqual([1, 'Ended before everything was searched\n'])
    const { events, matches } = summarySchema.parse(lastLine(printed)).summary
    expect([events < 1_500_000, matches]).toEqual([true, printed.trimEnd().split('\n').length - 1])
  }
  // Twenty times as much was read, 300 MiB of it.
  expect(late.peak).toBeLessThan(early.peak + 150)
  rmSync(file)
})

test('what is stored is hunted by rules that came later', async () => {
  await using house = await startHouse()
  const marked = spawn('/bin/sh', ['-c', 'exit 0', 'hunted-for'])
  await once(marked, 'exit')
  await expect
    .poll(async () => (await house.vedette('events', '--search', 'hunted-for')).stdout, { timeout: 20_000 })
    .toContain('hunted-for')
  const { status, stdout, stderr } = await house.vedette('hunt', '--since', '1h', '--rules', rules, '--json')
  expect([status, stderr]).toEqual([0, ''])
  const lines = stdout.trimEnd().split('\n')
  // The commands that asked for it carry the word as well, and were seen.
  const found = lines.slice(0, -1).map((line) => JSON.parse(line) as { event: unknown; record: number })
  expect(found).toContainEqual(
    expect.objectContaining({
      ruleId: '00000000-0000-4000-8000-000000000001',
      file: 'stored events',
      record: expect.any(Number),
      event: expect.objectContaining({
        kind: 'process',
        process: expect.objectContaining({ cmd_line: expect.stringContaining('exit 0') }),
      }),
    }),
  )
  expect(found.map(({ record }) => record)).toEqual(
    found.map(({ record }) => record).toSorted((a, b) => a - b),
  )
  const { events, matches } = summarySchema.parse(lastLine(stdout)).summary
  expect([events > matches, matches]).toEqual([true, found.length])
})
