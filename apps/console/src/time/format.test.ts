import { describe, expect, test } from 'vitest'
import { clock, exact, longAgo, shortAgo, span } from './format.ts'

const at = Date.parse('2026-11-20T09:14:07.412Z')

describe('times', () => {
  test.each([
    [-5000, 'now', 'just now'],
    [9000, 'now', 'just now'],
    [44_000, '40 s', '40 seconds ago'],
    [60_000, '1 min', '1 minute ago'],
    [59 * 60_000, '59 min', '59 minutes ago'],
    [3 * 3_600_000, '3 h', '3 hours ago'],
    [25 * 3_600_000, '1 d', '1 day ago'],
  ])('%i ms ago is %s', (age, short, long) => {
    expect(shortAgo(at, at + age)).toBe(short)
    expect(longAgo(at, at + age)).toBe(long)
  })

  test('in UTC, exact to the millisecond', () => {
    expect(exact(at, true)).toBe('2026-11-20 09:14:07.412 UTC')
    expect(clock(at, true, 'milliseconds')).toBe('09:14:07.412')
    expect(clock(at, true, 'minutes')).toBe('09:14')
  })

  test("in the viewer's zone, with its offset", () => {
    const before = process.env['TZ']
    process.env['TZ'] = 'America/New_York'
    try {
      expect(exact(at, false)).toBe('2026-11-20 04:14:07.412 \u221205:00')
    } finally {
      if (before === undefined) delete process.env['TZ']
      else process.env['TZ'] = before
    }
  })
})

test.each([
  [0, '0 ms'],
  [3.24, '3.2 ms'],
  [450, '450 ms'],
  [12_300, '12 s'],
  [303_000, '5 min 3 s'],
  [300_000, '5 min'],
  [8_040_000, '2 h 14 min'],
  [273_600_000, '3 d 4 h'],
])('span(%d) is %s', (ms, expected) => {
  expect(span(ms)).toBe(expected)
})
