import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { vedette } from '../house.ts'

/** What the commands on rules do without a running house. */
const folder = mkdtempSync(join(tmpdir(), 'vedette-workshop-'))
afterAll(() => rmSync(folder, { recursive: true }))

function write(name: string, text: string): string {
  const path = join(folder, name)
  mkdirSync(join(path, '..'), { recursive: true })
  writeFileSync(path, text)
  return path
}

const RULE = `title: A web server starts curl
id: aaaaaaaa-0000-4000-8000-00000000000a
logsource: { product: linux, category: process_creation }
detection:
  selection: { ParentImage|endswith: /nginx, Image|endswith: /curl }
  condition: selection
level: high
`
const record = (image: string, parent: string, time = '2026-11-20T08:00:00Z') =>
  `${JSON.stringify({ product: 'linux', category: 'process_creation', '@timestamp': time, host: 'web1', Image: image, ParentImage: parent })}\n`
const hit = record('/usr/bin/curl', '/usr/sbin/nginx')
const miss = record('/usr/bin/curl', '/usr/bin/bash')

const rule = write('good/rule.yml', RULE)
write('good/cases/hit-nginx.ndjson', hit)
write('good/cases/miss-bash.ndjson', miss)
const logs = write(
  'logs.ndjson',
  hit + miss + record('/usr/bin/curl', '/usr/sbin/nginx', '2026-11-21T08:00:00Z'),
)

test('cases that pass are counted, and one that does not is named with its reason', async () => {
  expect(await vedette(['rules', 'test', join(folder, 'good')])).toMatchObject({ status: 0, stderr: '' })
  write('bad/rule.yml', RULE)
  write('bad/cases/hit-bash.ndjson', miss)
  write('bad/cases/miss-nginx.ndjson', hit)
  write('bad/cases/miss-empty.ndjson', '')
  const { status, stdout } = await vedette(['rules', 'test', join(folder, 'bad'), '--json'])
  expect(status).toBe(1)
  expect(JSON.parse(stdout)).toMatchObject({
    passed: 0,
    failed: 3,
    cases: [
      { expects: 'hit', hits: 0, reason: 'it did not fire' },
      { expects: 'miss', records: 0, passed: false },
      { expects: 'miss', hits: 1, reason: 'it fired once' },
    ],
  })
  const shown = await vedette(['rules', 'test', join(folder, 'bad')])
  expect(shown.stdout).toContain('0 cases passed, 3 failed')
})

test('rules without cases, and paths that are not there, are said', async () => {
  write('bare/rule.yml', RULE)
  const bare = await vedette(['rules', 'test', join(folder, 'bare')])
  expect([bare.status, bare.stdout]).toEqual([1, expect.stringContaining('There are no cases')])
  for (const args of [
    ['test', 'x.yml'],
    ['backtest', 'x.yml'],
    ['install', 'x'],
    ['diff', 'x', 'y'],
    ['cost', 'x'],
  ]) {
    const { status, stderr } = await vedette([
      'rules',
      ...args.map((arg, at) => (at === 0 ? arg : join(folder, arg))),
    ])
    expect([args[0], status, stderr]).toEqual([
      args[0],
      expect.toSatisfy((code) => code !== 0),
      expect.stringContaining(folder),
    ])
  }
})

test('a backtest over files counts by day, host and program', async () => {
  const { status, stdout } = await vedette(['rules', 'backtest', rule, '--files', logs, '--json'])
  expect(status).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({
    tried: 1,
    events: 3,
    hits: 2,
    rules: [
      {
        hits: 2,
        days: [
          { day: '2026-11-20', hits: 1 },
          { day: '2026-11-21', hits: 1 },
        ],
        hosts: [{ name: 'web1', hits: 2 }],
        programs: [{ name: '/usr/bin/curl', hits: 2 }],
        examples: [{ place: expect.stringMatching(/logs\.ndjson:1$/) }],
      },
    ],
  })
  const none = write('none.ndjson', miss)
  expect((await vedette(['rules', 'backtest', rule, '--files', none])).stdout).toContain(
    'None would have fired',
  )
})

test('a record of a file is explained: the line that did not hold, and what would have to be otherwise', async () => {
  const first = await vedette(['rules', 'explain', rule, logs])
  expect(first.stdout).toContain('It fires: A web server starts curl')
  const second = await vedette(['rules', 'explain', rule, `${logs}:2`])
  expect(second.status).toBe(0)
  expect(second.stdout).toContain('It does not fire')
  expect(second.stdout).toMatch(
    /one thing would have to be otherwise:\n {2}ParentImage\|endswith: \/nginx .*has \/usr\/bin\/bash/,
  )
  const third = await vedette(['rules', 'explain', rule, `${logs}:9`])
  expect([third.status, third.stderr]).toEqual([5, expect.stringContaining('no record 9')])
})

test('two folders are compared rule by rule', async () => {
  write('newer/moved.yml', RULE.replace('high', 'low'))
  write('newer/second.yml', RULE.replaceAll('00a', '00b'))
  const { status, stdout } = await vedette(['rules', 'diff', join(folder, 'good'), join(folder, 'newer')])
  expect(status).toBe(0)
  expect(stdout).toContain('level: "high" → "low"')
  expect(stdout).toContain('1 added, 0 removed, 1 changed, 0 alike')
})

test('what an attacker wrote is text on the terminal', async () => {
  const evil = write('evil.ndjson', record('/usr/bin/\u001b[31mcurl', '/usr/sbin/nginx'))
  for (const args of [
    ['explain', rule, evil],
    ['backtest', write('evil.yml', RULE.replace('/curl', 'curl')), '--files', evil],
  ]) {
    const { stdout } = await vedette(['rules', ...args])
    expect(stdout).not.toContain('\u001b')
    expect(stdout).toContain('curl')
  }
})
