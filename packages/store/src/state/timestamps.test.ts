import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fromTimestamp, toTimestamp } from './timestamps.ts'

/** As PostgreSQL writes it in UTC: no trailing zeros in the fraction. */
function written(timestamp: string): string {
  return timestamp.replace('T', ' ').replace(/\.?0*Z$/, '+00')
}

test('a moment comes back to the microsecond', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4e15 }), (timeUs) => {
      expect(fromTimestamp(written(toTimestamp(timeUs / 1000)))).toBe(timeUs / 1000)
    }),
  )
})

test('what a wrong clock says becomes the nearest moment that can be kept', () => {
  expect(toTimestamp(-5)).toBe('1970-01-01T00:00:00.000000Z')
  expect(toTimestamp(Number.MAX_VALUE)).toBe('9999-12-31T23:59:59.999000Z')
})

test('what is not in UTC is refused', () => {
  expect(() => fromTimestamp('2026-01-15 12:00:00+02')).toThrow(SyntaxError)
  expect(() => fromTimestamp('infinity')).toThrow(SyntaxError)
})
