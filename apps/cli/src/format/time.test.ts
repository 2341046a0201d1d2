import { expect, test } from 'vitest'
import { ago, exact, parseDuration, parseSince, when } from './time.ts'

const now = Date.UTC(2026, 10, 20, 8, 4, 31)

test('ago() names the largest whole unit', () => {
  expect(ago(now - 999, now)).toBe('just now')
  expect(ago(now + 5000, now)).toBe('just now')
  expect(ago(now - 12_000, now)).toBe('12 s ago')
  expect(ago(now - 59 * 60_000, now)).toBe('59 min ago')
  expect(ago(now - 3 * 3_600_000, now)).toBe('3 h ago')
  expect(ago(now - 50 * 3_600_000, now)).toBe('2 d ago')
})

test('when() adds the exact time', () => {
  expect(exact(now)).toBe('2026-11-20 08:04:31Z')
  expect(when(now - 60_000, now)).toBe('1 min ago (2026-11-20 08:03:31Z)')
})

test('parseSince() takes durations and ISO times, and refuses the rest', () => {
  expect(parseSince('15m', now)).toBe(now - 900_000)
  expect(parseSince(' 2h ', now)).toBe(now - 7_200_000)
  expect(parseSince('2026-11-20T08:00:00Z', now)).toBe(Date.UTC(2026, 10, 20, 8))
  for (const wrong of ['yesterday', '5', '-5m', '1e9d', '2026', '']) {
    expect(() => parseSince(wrong, now)).toThrow(RangeError)
  }
})

test('parseDuration() gives milliseconds', () => {
  expect(parseDuration('90s')).toBe(90_000)
  expect(parseDuration('250ms')).toBe(250)
  expect(() => parseDuration('soon')).toThrow(RangeError)
})
