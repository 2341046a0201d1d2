import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { systemClock } from '@vedette/base'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { hunt, type HuntOptions } from './hunt.ts'
import type { HuntMatch } from './match.ts'
import { ndjsonReport } from './report/ndjson.ts'
import type { Unreadable } from './targets.ts'

const RULES = `
title: Somebody asks who they are
name: who
id: 00000000-0000-4000-8000-000000000001
logsource: { product: windows, category: process_creation }
detection:
  selection: { CommandLine|contains: whoami }
  condition: selection
level: low
tags: [attack.discovery, attack.t1033]
---
title: Logon failed
name: failed
id: 00000000-0000-4000-8000-000000000002
logsource: { product: windows, service: security }
detection:
  selection: { EventID: 4625 }
  condition: selection
level: informational
---
title: Many logons failed
id: 00000000-0000-4000-8000-000000000003
correlation:
  type: event_count
  rules: [failed]
  group-by: [TargetUserName]
  timespan: 1m
  condition: { gte: 3 }
level: high
`

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'vedette-hunt-test-'))
  writeFileSync(join(folder, 'rules.yml'), RULES)
})
beforeEach(() => {
  rmSync(join(folder, 'logs'), { recursive: true, force: true })
  mkdirSync(join(folder, 'logs'))
})
afterAll(() => rmSync(folder, { recursive: true }))

const who = (second: number, more: object = {}) => ({
  product: 'windows',
  category: 'process_creation',
  UtcTime: `2026-11-20 08:00:${String(second).padStart(2, '0')}.000`,
  Computer: 'PC1',
  CommandLine: 'whoami /all',
  ...more,
})
const failed = (second: number, user: string) => ({
  product: 'windows',
  service: 'security',
  EventID: 4625,
  TimeCreated: `2026-11-20T08:00:${String(second).padStart(2, '0')}.000Z`,
  Computer: 'DC1',
  TargetUserName: user,
})
const write = (name: string, records: readonly unknown[]) =>
  writeFileSync(join(folder, 'logs', name), records.map((record) => `${JSON.stringify(record)}\n`).join(''))

async function run(more: Partial<HuntOptions> = {}, signal?: AbortSignal) {
  const matches: HuntMatch[] = []
  const unreadable: Unreadable[] = []
  const summary = await hunt(
    {
      rules: { paths: [join(folder, 'rules.yml')] },
      paths: [join(folder, 'logs')],
      clock: systemClock,
      ...more,
    },
    { matches: (found) => void matches.push(...found), unreadable: (one) => void unreadable.push(one) },
    signal,
  )
  return { matches, unreadable, summary }
}

test('matches come in order of file and record, with what the rule says', async () => {
  write('a.ndjson', [who(1), { CommandLine: 'nothing' }, who(2, { Computer: 'PC2' })])
  write('b.ndjson', [who(3, { UtcTime: undefined, Computer: undefined })])
  const { matches, unreadable, summary } = await run()
  expect(
    matches.map(({ rule, timeMs, host, file, record }) => [rule.title, timeMs, host, file, record]),
  ).toEqual([
    ['Somebody asks who they are', Date.UTC(2026, 10, 20, 8, 0, 1), 'PC1', join(folder, 'logs/a.ndjson'), 1],
    ['Somebody asks who they are', Date.UTC(2026, 10, 20, 8, 0, 2), 'PC2', join(folder, 'logs/a.ndjson'), 3],
    ['Somebody asks who they are', undefined, '', join(folder, 'logs/b.ndjson'), 1],
  ])
  expect(JSON.parse(matches[1]?.event ?? '')).toEqual(who(2, { Computer: 'PC2' }))
  expect(unreadable).toEqual([])
  expect(summary).toMatchObject({ events: 4, matches: 3, rules: 3, unreadable: 0, files: 2, aborted: false })
})

test('a correlation counts over all files in order of time, and its parts are no matches', async () => {
  // Later file, earlier time: the third failure of alice is the one in a.
  write('a.ndjson', [failed(30, 'alice'), failed(31, 'bob')])
  write('b.ndjson', [failed(10, 'alice'), failed(11, 'bob'), failed(12, 'alice')])
  const { matches, summary } = await run()
  expect(matches.map(({ rule, timeMs, file, record }) => [rule.title, timeMs, file, record])).toEqual([
    ['Many logons failed', Date.UTC(2026, 10, 20, 8, 0, 30), join(folder, 'logs/a.ndjson'), 1],
  ])
  expect(summary).toMatchObject({ events: 5, matches: 1, uncorrelated: 0 })
})

test('a rule that counts does so over all files, in order of time, by the names that the records have', async () => {
  const rule = join(folder, 'counting.yml')
  writeFileSync(
    rule,
    `title: Guessed
id: 00000000-0000-4000-8000-000000000010
type: threshold
logsource: { product: windows, service: security }
detection:
  failure: { EventID: 4625 }
  success: { EventID: 4624 }
  condition: failure
threshold: { count: 3, group_by: [TargetUserName], window: 1m, followed_by: success }
---
title: Many accounts
id: 00000000-0000-4000-8000-000000000011
type: threshold
logsource: { product: windows, service: security }
detection:
  failure: { EventID: 4625 }
  condition: failure
threshold: { count: 2, distinct: TargetUserName, group_by: [Computer], window: 1m }
`,
  )
  const success = (second: number, user: string) => ({ ...failed(second, user), EventID: 4624 })
  write('a.ndjson', [success(40, 'alice'), success(41, 'bob'), failed(30, 'alice')])
  write('b.ndjson', [failed(10, 'alice'), failed(11, 'bob'), failed(12, 'alice')])
  const { matches, summary } = await run({ rules: { paths: [rule] } })
  expect(matches.map(({ rule: { title }, timeMs, file, record }) => [title, timeMs, file, record])).toEqual([
    ['Many accounts', Date.UTC(2026, 10, 20, 8, 0, 11), join(folder, 'logs/b.ndjson'), 2],
    ['Guessed', Date.UTC(2026, 10, 20, 8, 0, 40), join(folder, 'logs/a.ndjson'), 1],
  ])
  expect(summary).toMatchObject({ events: 6, matches: 2, rules: 2, uncorrelated: 0 })
})

test('indicators are sought in the fields of any record, with workers as without', async () => {
  const list = join(folder, 'bad.txt')
  writeFileSync(list, `203.0.113.99\nevil.test\n${'ab'.repeat(32)}\nnonsense here\n10.0.0.1\n`)
  const indicators = { paths: [list], nowMs: Date.now() }
  const paths = { paths: [join(folder, 'rules.yml')], indicators }
  write('a.ndjson', [
    who(1, { Hashes: `MD5=${'0'.repeat(32)},SHA256=${'AB'.repeat(32)}` }),
    { QueryName: 'www.evil.test' },
    { QueryName: 'evil.test' },
    { id: { orig_h: '192.0.2.1', resp_h: '203.0.113.99' } },
    { DestinationIp: '203.0.113.98' },
  ])
  const { matches, summary } = await run({ rules: paths })
  expect(matches.map(({ rule: { title, type }, record }) => [record, type, title])).toEqual([
    [1, 'sigma', 'Somebody asks who they are'],
    [1, 'indicator', `Known file ${'ab'.repeat(32)}, which bad.txt lists`],
    [3, 'indicator', 'Known domain evil.test, which bad.txt lists'],
    [4, 'indicator', 'Known address 203.0.113.99, which bad.txt lists'],
  ])
  expect(summary).toMatchObject({ matches: 4, indicators: 4 })
  const filler = 'x'.repeat(1000)
  write(
    'b.ndjson',
    Array.from({ length: 9000 }, (_, i) => ({ filler, query: i % 100 === 0 ? 'evil.test' : 'good.test' })),
  )
  const alone = await run({ rules: paths, workers: 1 })
  const together = await run({ rules: paths, workers: 3 })
  expect(alone.matches).toHaveLength(94)
  expect(together.matches).toEqual(alone.matches)
})

test('hits without a time cannot be correlated, and are counted', async () => {
  write('a.ndjson', [failed(1, 'alice'), { ...failed(1, 'alice'), TimeCreated: 'once' }])
  write('b.ndjson', [])
  expect((await run()).summary).toMatchObject({ matches: 0, uncorrelated: 1 })
})

test('workers find what one thread finds, in the same order and with the same numbers', async () => {
  const records = Array.from({ length: 60_000 }, (_, i) =>
    i % 7 === 0
      ? who(i % 60, { n: i, filler: 'x'.repeat(400) })
      : { product: 'windows', category: 'process_creation', n: i, filler: 'y'.repeat(400) },
  )
  write('a.ndjson', records)
  write('b.ndjson', [who(1), failed(1, 'eve'), failed(2, 'eve'), failed(3, 'eve')])
  writeFileSync(
    join(folder, 'logs', 'c.log.gz'),
    gzipSync(records.map((r) => `${JSON.stringify(r)}\n`).join('')),
  )
  const writer = ndjsonReport()
  const alone = await run({ workers: 1 })
  const together = await run({ workers: 3 })
  expect(together.matches.length).toBe(2 * Math.ceil(60_000 / 7) + 2)
  const written = String(writer.matches(together.matches))
  expect(written === String(writer.matches(alone.matches))).toBe(true)
  expect(together.matches.at(-2)?.record).toBe(59_998)
})

test('Events of Vedette itself are judged as such, among other records, in order', async () => {
  const [event] = JSON.parse(
    readFileSync(
      new URL(
        '../../../../content/rules/linux/execution/shell-on-a-socket/cases/hit-connected-by-bash.json',
        import.meta.url,
      ),
      'utf8',
    ),
  ) as object[]
  const rule = join(folder, 'own.yml')
  writeFileSync(
    rule,
    `title: A shell
id: 00000000-0000-4000-8000-000000000009
logsource: { product: linux, category: process_creation }
detection:
  selection: { Image|endswith: sh }
  condition: selection
`,
  )
  const other = { product: 'linux', category: 'process_creation', Image: '/bin/sh' }
  write('a.ndjson', [other, event, { Image: '/bin/cat' }, event, other])
  const { matches, summary } = await run({ rules: { paths: [rule] } })
  expect(matches.map(({ record }) => record)).toEqual([1, 2, 4, 5])
  expect(JSON.parse(matches[1]?.event ?? '')).toEqual(event)
  expect(summary.unreadable).toBe(0)
})

test('what cannot be read is told with its place, and the rest is hunted', async () => {
  writeFileSync(
    join(folder, 'logs', 'a.ndjson'),
    `${JSON.stringify(who(1))}\n{broken\n${JSON.stringify(who(2))}\n`,
  )
  write('b.ndjson', [])
  const zip = join(folder, 'logs', 'c.zip')
  writeFileSync(zip, 'PK\u0003\u0004...')
  const packed = join(folder, 'logs', 'd.log.bz2')
  writeFileSync(packed, 'BZh91AY&SY')
  const { matches, unreadable, summary } = await run()
  expect(matches.map(({ record }) => record)).toEqual([1, 3])
  expect(unreadable).toEqual([
    { file: join(folder, 'logs/a.ndjson'), offset: expect.any(Number), reason: expect.any(String) },
    { file: packed, reason: 'unsupported-compression' },
  ])
  expect(summary).toMatchObject({ unreadable: 2, passedOver: 1 })
  expect((await run({ paths: [zip] })).unreadable).toEqual([{ file: zip, reason: 'archive' }])
})

test('a hunt that is ended early says so', async () => {
  write('a.ndjson', [who(1)])
  const { summary } = await run({}, AbortSignal.abort())
  expect(summary).toMatchObject({ aborted: true, events: 0 })
})

test('without a rule that loads there is no hunt', async () => {
  const rules = join(folder, 'bad.yml')
  writeFileSync(rules, 'title: nothing else\n')
  await expect(run({ rules: { paths: [rules] } })).rejects.toMatchObject({ code: 'no-rules' })
})

test('what the sink throws ends the hunt, with workers too', async () => {
  write(
    'a.ndjson',
    Array.from({ length: 30_000 }, () => who(1, { filler: 'x'.repeat(400) })),
  )
  for (const workers of [1, 2]) {
    await expect(
      hunt(
        {
          rules: { paths: [join(folder, 'rules.yml')] },
          paths: [join(folder, 'logs')],
          workers,
          clock: systemClock,
        },
        { matches: () => Promise.reject(new RangeError('disk full')) },
      ),
    ).rejects.toThrow('disk full')
  }
})
