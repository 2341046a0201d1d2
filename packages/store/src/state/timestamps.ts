import { type RawBuilder, sql } from 'kysely'

/** Last moment that is written with a year of four digits. */
const MAX_TIME_MS = Date.UTC(9999, 11, 31, 23, 59, 59, 999)

/**
 * Milliseconds since the epoch, fractions are microseconds, as a timestamp for PostgreSQL. What a host's wrong clock
 * says beyond the years 1970 to 9999 becomes the nearest moment within them.
 */
export function toTimestamp(timeMs: number): string {
  const timeUs = Math.round(Math.min(Math.max(timeMs, 0), MAX_TIME_MS) * 1000)
  const wholeMs = Math.floor(timeUs / 1000)
  const fraction = String(timeUs - wholeMs * 1000).padStart(3, '0')
  return new Date(wholeMs).toISOString().replace('Z', `${fraction}Z`)
}

/** A moment to compare a column with; milliseconds since the epoch. */
export function moment(timeMs: number): RawBuilder<number> {
  return sql<number>`${toTimestamp(timeMs)}::timestamptz`
}

/**
 * The text of a `timestamptz` in a session whose zone is UTC (`2026-01-15 12:00:00.123456+00`) as milliseconds.
 *
 * @throws {SyntaxError}
 */
export function fromTimestamp(text: string): number {
  const match = /^(\d{4,})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?\+00$/.exec(text)
  if (match === null) throw new SyntaxError(`not a timestamp in UTC: ${JSON.stringify(text)}`)
  const [, year, month, day, hour, minute, second, fraction = ''] = match
  const wholeMs = Date.UTC(+year!, +month! - 1, +day!, +hour!, +minute!, +second!)
  return wholeMs + Number(fraction.padEnd(6, '0')) / 1000
}
