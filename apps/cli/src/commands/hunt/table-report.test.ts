import type { HuntMatch, HuntOutcome, ReportWriter } from '@vedette/manager/hunt'
import type { RuleId } from '@vedette/model'
import { expect, test } from 'vitest'
import { createStyle } from '../../format/style.ts'
import { displayWidth } from '../../format/table.ts'
import { tableReport } from './table-report.ts'
import { timelineReport } from './timeline-report.ts'

const plain = createStyle(false)
const match: HuntMatch = {
  rule: {
    id: 'a' as RuleId,
    title: 'A rule with a rather long title \u001b[31m that says what it finds',
    type: 'sigma',
    severity: 'informational',
    explanation: '',
    techniques: ['T1059.001', 'T1033', 'T1003'].map((id) => ({ id, name: id, tactics: [] })),
    falsePositives: [],
    riskPoints: 1,
    file: 'a.yml',
  },
  timeMs: Date.UTC(2026, 10, 20),
  host: 'a-host-with-a-long-name.example.org',
  file: '/logs/a-file-with-a-very-long-name.evtx',
  record: 123_456_789,
  event: JSON.stringify({ CommandLine: `x${' y'.repeat(200)}` }),
}
const summary = {
  events: 100,
  matches: 2,
  seconds: 12.34,
  loadSeconds: 2.34,
  rules: 7,
  indicators: 0,
  unreadable: 3,
  files: 5,
  passedOver: 1,
  uncorrelated: 1,
  aborted: false,
}

function lines(
  writer: ReportWriter,
  found: readonly HuntMatch[],
  more: Partial<typeof summary> = {},
): string[] {
  using own = writer
  own.matches(found)
  const outcome: HuntOutcome = {
    start: { rules: [], problems: [], files: 5 },
    summary: { ...summary, ...more },
    unreadable: [],
    paths: ['logs'],
    nowMs: 0,
    version: '1.0.0',
  }
  return [...own.end(outcome)].join('').trimEnd().split('\n')
}

test.each([80, 100, 120, 160])('a table fits a terminal of %i columns', (width) => {
  for (const by of ['rule', 'technique', 'host'] as const) {
    const [head = '', first = ''] = lines(tableReport(by, plain, width), [match, match])
    expect(Math.max(displayWidth(head), displayWidth(first))).toBeLessThanOrEqual(width)
    expect(first).toContain('informational')
  }
})

test('off a terminal everything is there and whole, and nothing moves the cursor', () => {
  const [head, first] = lines(tableReport('rule', plain, undefined), [match, match])
  expect(head?.split(/ {2,}/)).toEqual(['LEVEL', 'MATCHES', 'FIRST', 'LAST', 'HOSTS', 'TECHNIQUES', 'RULE'])
  expect(first).toContain('T1003 T1033 …')
  expect(first).toContain('A rule with a rather long title \\x1b[31m that says what it finds')
  const [, line] = lines(timelineReport(plain, undefined), [match])
  expect(line).toContain('2026-11-20 00:00:00.000Z')
  expect(line).toContain('a-file-with-a-very-long-name.evtx:123456789')
})

test('the conclusion says what was done, how fast, and what was not', () => {
  expect(lines(tableReport('rule', plain, undefined), [match, match]).at(-1)).toBe(
    '2 matches: 100 events of 4 files judged by 7 rules in 12.3 s, 10 events/s. 1 file holds no events of a known kind. ' +
      '1 hit could not be counted by correlations: no time, or too many. 3 could not be read.',
  )
  const nothing = { matches: 0, unreadable: 0, uncorrelated: 0, passedOver: 0 }
  expect(lines(tableReport('rule', plain, undefined), [], nothing)).toEqual([
    'Nothing found: 100 events of 5 files judged by 7 rules in 12.3 s, 10 events/s.',
  ])
  expect(lines(tableReport('rule', plain, undefined), [], { ...nothing, events: 0 })[0]).toMatch(
    /^There was nothing to judge: 0 events/,
  )
})

test('a timeline is in order of time, what says none last', () => {
  const at = (timeMs: number | undefined, record: number) => ({ ...match, timeMs, record })
  const shown = lines(timelineReport(plain, undefined), [
    at(undefined, 1),
    at(3000, 2),
    at(1000, 3),
    at(1000, 4),
  ])
  expect(shown.slice(1, 5).map((line) => /evtx:(\d)/.exec(line)?.[1])).toEqual(['3', '4', '2', '1'])
})
