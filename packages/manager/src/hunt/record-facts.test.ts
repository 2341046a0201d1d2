import { expect, test } from 'vitest'
import { hostOf, timeOf } from './record-facts.ts'

test.each([
  ['ISO with a zone', { TimeCreated: '2026-11-20T08:00:00.1234567Z' }, '2026-11-20T08:00:00.123Z'],
  ['ISO with an offset', { '@timestamp': '2026-11-20T09:00:00+0100' }, '2026-11-20T08:00:00.000Z'],
  ['Sysmon, UTC without saying so', { UtcTime: '2026-11-20 08:00:00.500' }, '2026-11-20T08:00:00.500Z'],
  ['seconds, as Zeek', { ts: 1_763_625_600.5 }, '2025-11-20T08:00:00.500Z'],
  ['milliseconds', { timestamp: 1_763_625_600_000 }, '2025-11-20T08:00:00.000Z'],
  ['microseconds as text', { time: '1763625600000000' }, '2025-11-20T08:00:00.000Z'],
  ['nanoseconds', { time: 1_763_625_600_000_000_000 }, '2025-11-20T08:00:00.000Z'],
  [
    'the first that is a time',
    { TimeCreated: 'never', UtcTime: '2026-11-20 08:00:00' },
    '2026-11-20T08:00:00.000Z',
  ],
])('timeOf() reads %s', (_, record, expected) => {
  expect(new Date(timeOf(record) ?? Number.NaN).toISOString()).toBe(expected)
})

test.each([
  [{}],
  [{ time: 'yesterday' }],
  [{ time: '2026-13-45T99:00:00Z' }],
  [{ ts: 7 }],
  [{ time: null }],
  [{ time: {} }],
])('timeOf() knows no time in %j', (record) => {
  expect(timeOf(record)).toBeUndefined()
})

test('hostOf() takes the name wherever it stands', () => {
  expect(hostOf({ Computer: 'DC1' })).toBe('DC1')
  expect(hostOf({ host: { name: 'web' } })).toBe('web')
  expect(hostOf({ device: { hostname: 'db' } })).toBe('db')
  expect(hostOf({ host: 7 })).toBe('')
})
