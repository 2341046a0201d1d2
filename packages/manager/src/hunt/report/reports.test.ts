import { parse } from 'csv-parse/sync'
import type { RuleId, RuleInfo, Severity } from '@vedette/model'
import { expect, test } from 'vitest'
import { z } from 'zod'
import type { HuntMatch } from '../match.ts'
import { csvReport } from './csv.ts'
import { csvLine } from '@vedette/base'
import { gistOf } from './gist.ts'
import { Groups } from './groups.ts'
import { htmlReport } from './html.ts'
import { ndjsonReport } from './ndjson.ts'
import type { HuntOutcome, ReportWriter } from './report-writer.ts'
import { sarifReport } from './sarif.ts'

const NOON = Date.UTC(2026, 10, 20, 12)
/** What an attacker puts into everything that is shown. */
const EVIL = `</td><script>alert(1)</script>"'\u001b[2J\u202e=cmd|' /C calc'!A0\r\n`

function rule(id: string, severity: Severity, techniques: readonly string[] = []): RuleInfo {
  return {
    id: id as RuleId,
    title: `Rule ${id}`,
    type: 'sigma',
    severity,
    explanation: 'What it is.\nAnd why it matters.',
    techniques: techniques.map((technique) => ({ id: technique, name: `Name of ${technique}`, tactics: [] })),
    falsePositives: ['Backups'],
    riskPoints: 1,
    file: 'r.yml',
  }
}

const low = rule('low', 'low', ['T1033'])
const high = rule('high', 'high', ['T1059.001', 'T1033'])

function match(more: Partial<HuntMatch> = {}): HuntMatch {
  return {
    rule: low,
    timeMs: NOON,
    host: 'PC1',
    file: 'logs/a.ndjson',
    record: 7,
    event: '{"CommandLine":"whoami"}',
    ...more,
  }
}

const matches = [
  match(),
  match({ rule: high, timeMs: NOON - 60_000, host: 'PC2', record: 8 }),
  match({
    rule: high,
    timeMs: undefined,
    host: '',
    event: JSON.stringify({ message: EVIL }),
    file: `/x/${EVIL}`,
  }),
  match({ rule: low, timeMs: NOON + 1000, file: 'a:b/c d.evtx' }),
]

const outcome: HuntOutcome = {
  start: { rules: [low, high], problems: [], files: 3 },
  summary: {
    events: 100,
    matches: 4,
    seconds: 1.23456,
    loadSeconds: 1,
    rules: 2,
    indicators: 0,
    unreadable: 2,
    files: 3,
    passedOver: 1,
    uncorrelated: 0,
    aborted: false,
  },
  unreadable: [
    { file: EVIL, reason: 'permission-denied' },
    { file: 'b.evtx', offset: 4096, reason: 'bad-chunk' },
  ],
  paths: ['logs', EVIL],
  nowMs: NOON,
  version: '0.1.0',
}

/** All that a report writes, the matches in two batches. */
function written(make: () => ReportWriter, found: readonly HuntMatch[] = matches): string {
  using writer = make()
  // What it gives is good until the next call.
  const first = String(writer.matches(found.slice(0, 1)))
  const second = found.length > 1 ? String(writer.matches(found.slice(1))) : ''
  return first + second + [...writer.end(outcome)].join('')
}

test('NDJSON has the promised keys in each line, and the summary last', () => {
  const lines = written(ndjsonReport).trimEnd().split('\n')
  expect(lines).toHaveLength(5)
  const keys = ['ruleId', 'title', 'level', 'techniques', 'time', 'file', 'record', 'event']
  const parsed = lines.map((line) => JSON.parse(line) as Record<string, unknown>)
  for (const line of parsed.slice(0, 4)) expect(Object.keys(line)).toEqual(keys)
  expect(parsed[1]).toEqual({
    ruleId: 'high',
    title: 'Rule high',
    level: 'high',
    techniques: ['T1059.001', 'T1033'],
    time: '2026-11-20T11:59:00.000Z',
    file: 'logs/a.ndjson',
    record: 8,
    event: { CommandLine: 'whoami' },
  })
  expect(parsed[2]).toMatchObject({ time: null, event: { message: EVIL } })
  expect(parsed[4]).toEqual({ summary: { events: 100, matches: 4, seconds: 1.235, rules: 2, unreadable: 2 } })
})

test('NDJSON writes what many rules and long records give, whatever is in them', () => {
  const events = [
    '{"a":"ü🐚"}',
    '{"a":"ü🐚"}',
    `{"b":"${'€'.repeat(700_000)}"}`,
    '{"c":1}',
    `{"d":"${EVIL.length}"}`,
  ]
  using writer = ndjsonReport()
  for (const times of [1, 2]) {
    const found = events.flatMap((event, i) => [
      match({ event, record: i * times, file: `${EVIL}${i}` }),
      match({ rule: high, event, record: i, timeMs: i === 3 ? undefined : NOON + i }),
    ])
    const lines = String(writer.matches(found)).trimEnd().split('\n')
    expect(lines).toHaveLength(found.length)
    for (const [i, line] of lines.entries()) {
      const { rule: met, timeMs, file, record, event } = found[i] ?? match()
      expect(JSON.parse(line)).toEqual({
        ruleId: met.id,
        title: met.title,
        level: met.severity,
        techniques: met.techniques.map(({ id }) => id),
        time: timeMs === undefined ? null : new Date(timeMs).toISOString(),
        file,
        record,
        event: JSON.parse(event),
      })
    }
  }
})

test('NDJSON writes every number of a record, and the file of each match', () => {
  using writer = ndjsonReport()
  const numbers = [0, 9, 10, 99, 100, 123_456_789, 999_999_999, 1_000_000_000, 2 ** 40]
  const found = numbers.flatMap((record) =>
    ['a', 'b'].map((file) => match({ record, file, timeMs: undefined, event: '{}' })),
  )
  const lines = String(writer.matches(found)).trimEnd().split('\n')
  const told = lines.map((line) => JSON.parse(line) as Record<string, unknown>)
  expect(told.map(({ record, file, time }) => [record, file, time])).toEqual(
    found.map(({ record, file }) => [record, file, null]),
  )
})

test('CSV is read back by another reader; nothing in it is a formula', () => {
  const rows = parse(written(csvReport), { columns: true, relax_column_count: false }) as Record<
    string,
    string
  >[]
  expect(rows).toHaveLength(4)
  expect(rows[0]).toEqual({
    time: '2026-11-20T12:00:00.000Z',
    level: 'low',
    rule_id: 'low',
    title: 'Rule low',
    techniques: 'T1033',
    host: 'PC1',
    file: 'logs/a.ndjson',
    record: '7',
    event: '{"CommandLine":"whoami"}',
  })
  expect(JSON.parse(rows[2]?.['event'] ?? '')).toEqual({ message: EVIL })
  for (const start of ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1']) {
    expect(parse(csvLine([start]))).toEqual([[`'${start}`]])
  }
  expect(written(csvReport, []).split('\r\n')).toHaveLength(2)
})

/** What SARIF 2.1.0 requires of the objects that are used here (sections 3.13 to 3.58). */
const message = z.object({ text: z.string().min(1) })
const location = z.object({
  physicalLocation: z.object({
    artifactLocation: z.object({ uri: z.string().refine((uri) => URL.canParse(uri, 'file:///base/')) }),
    region: z
      .union([
        z.strictObject({ startLine: z.int().min(1) }),
        z.strictObject({ byteOffset: z.int().min(0), byteLength: z.int().min(0) }),
      ])
      .optional(),
  }),
  logicalLocations: z.array(z.object({ name: z.string(), kind: z.string() })).optional(),
})
const level = z.enum(['none', 'note', 'warning', 'error'])
const sarif = z.strictObject({
  $schema: z.url(),
  version: z.literal('2.1.0'),
  runs: z
    .array(
      z.strictObject({
        tool: z.object({
          driver: z.object({
            name: z.string().min(1),
            rules: z.array(
              z.object({
                id: z.string().min(1),
                shortDescription: message,
                fullDescription: message,
                defaultConfiguration: z.object({ level }),
              }),
            ),
          }),
        }),
        results: z.array(
          z.object({
            ruleId: z.string(),
            ruleIndex: z.int().min(0),
            level,
            message,
            locations: z.array(location),
          }),
        ),
        invocations: z.array(
          z.object({
            executionSuccessful: z.boolean(),
            endTimeUtc: z.iso.datetime(),
            toolExecutionNotifications: z.array(z.object({ message, level, locations: z.array(location) })),
          }),
        ),
        columnKind: z.literal('utf16CodeUnits'),
        properties: z.record(z.string(), z.unknown()),
      }),
    )
    .length(1),
})

test('SARIF has what the standard requires, and results refer to their rules', () => {
  const [run] = sarif.parse(JSON.parse(written(sarifReport))).runs
  expect(run?.results).toHaveLength(4)
  for (const { ruleId, ruleIndex } of run?.results ?? []) {
    expect(run?.tool.driver.rules[ruleIndex]?.id).toBe(ruleId)
  }
  expect(run?.results.map((result) => result.level)).toEqual(['note', 'error', 'error', 'note'])
  expect(run?.results[0]?.locations[0]?.physicalLocation.region).toEqual({ startLine: 7 })
  // Records of EVTX are no lines, and a colon in a name is no scheme.
  expect(run?.results[3]?.locations[0]?.physicalLocation).toEqual({
    artifactLocation: { uri: 'a%3Ab/c%20d.evtx' },
  })
  expect(run?.invocations[0]?.toolExecutionNotifications).toHaveLength(2)
})

test('SARIF without a match is whole', () => {
  expect(sarif.parse(JSON.parse(written(sarifReport, []))).runs[0]?.results).toEqual([])
})

test("HTML shows an attacker's text as text, and loads and runs nothing", () => {
  const page = written(htmlReport)
  expect(page).toContain('&lt;script&gt;alert(1)')
  expect(page).not.toMatch(/<script|<img|<link|javascript:|https?:\/\//i)
  // oxlint-disable-next-line no-control-regex -- what must not be in the page
  expect(page).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u202e]/)
  expect(page).toContain(`default-src 'none'`)
  expect(page.match(/<(section|details|table|tr|td|div|ol|li|main|body|html)\b/g)?.length).toBe(
    page.match(/<\/(section|details|table|tr|td|div|ol|li|main|body|html)>/g)?.length,
  )
  for (const text of ['Rule high', 'T1059.001', 'PC2', '11:59:00', 'byte 4096']) expect(page).toContain(text)
})

test('HTML of a hunt that found nothing says so', () => {
  const page = written(htmlReport, [])
  expect(page).toContain('Nothing was found.')
  expect(page).not.toContain('Timeline')
})

test('groups are counted by rule, technique and host, the most severe first', () => {
  const counted = (by: 'rule' | 'technique' | 'host') => {
    const groups = new Groups(by)
    for (const one of matches) groups.add(one)
    return groups
      .sorted()
      .map((group) => [group.key, group.level, group.matches, group.firstMs, group.hosts.size])
  }
  expect(counted('rule')).toEqual([
    ['high', 'high', 2, NOON - 60_000, 1],
    ['low', 'low', 2, NOON, 1],
  ])
  expect(counted('technique')).toEqual([
    ['T1033', 'high', 4, NOON - 60_000, 2],
    ['T1059.001', 'high', 2, NOON - 60_000, 1],
  ])
  expect(counted('host')).toEqual([
    ['', 'high', 1, undefined, 0],
    ['PC2', 'high', 1, NOON - 60_000, 1],
    ['PC1', 'low', 2, NOON, 1],
  ])
})

test('gistOf() says what a record is about', () => {
  expect(gistOf('{"Image":"C:\\\\a.exe","CommandLine":"a -x"}')).toBe('a -x')
  expect(gistOf('{"CommandLine":"","Image":"a.exe"}')).toBe('a.exe')
  expect(gistOf('{"Channel":"Security","EventID":4624,"LogonType":3}')).toBe('EventID=4624 LogonType=3')
  expect(gistOf('not json')).toBe('not json')
})
