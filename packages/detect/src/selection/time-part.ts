/** Parts of a time that a rule can ask for (Sigma specification 2.1, "Time modifiers"), with their least and greatest. */
export const TIME_PARTS = {
  minute: [0, 59],
  hour: [0, 23],
  day: [1, 31],
  week: [1, 53],
  month: [1, 12],
  year: [0, 9999],
} as const

export type TimePart = keyof typeof TIME_PARTS

const ISO =
  /^(\d{4})[-/](\d{2})[-/](\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,]\d{1,9})?)?)?\s*(Z|UTC|[+-]\d{2}:?\d{2})?$/i
/** Numbers below this are seconds since the epoch, others milliseconds: it is 1973 in milliseconds and 5138 in seconds. */
const LEAST_MILLISECONDS = 1e11
const MINUTE_MS = 60_000
const DAY_MS = 86_400_000

/**
 * A part of a time, in UTC: text as ISO 8601 writes it (without a zone it is UTC), or seconds or milliseconds since the
 * epoch as a number or as text. Weeks are those of ISO 8601, from Monday. Undefined for what is no time.
 */
export function timePart(value: unknown, part: TimePart): number | undefined {
  const timeMs = timeOf(value)
  if (timeMs === undefined) return undefined
  const date = new Date(timeMs)
  switch (part) {
    case 'minute':
      return date.getUTCMinutes()
    case 'hour':
      return date.getUTCHours()
    case 'day':
      return date.getUTCDate()
    case 'month':
      return date.getUTCMonth() + 1
    case 'year':
      return date.getUTCFullYear()
    default:
      return weekOf(timeMs)
  }
}

/** Milliseconds since the epoch. */
function timeOf(value: unknown): number | undefined {
  if (typeof value === 'number') return ofNumber(value)
  if (typeof value !== 'string' || value.length > 64) return undefined
  if (/^\d{1,15}(?:\.\d{1,9})?$/.test(value)) return ofNumber(Number(value))
  const found = ISO.exec(value.trim())
  if (!found) return undefined
  const [, year, month, day, hour = '0', minute = '0', second = '0', zone = 'Z'] = found
  const [y, mo, d, h, mi, s] = [year, month, day, hour, minute, second].map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  if (mo < 1 || mo > 12 || d < 1 || d > 31 || h > 23 || mi > 59 || s > 60) return undefined
  const date = new Date(0)
  date.setUTCFullYear(y, mo - 1, d)
  if (date.getUTCDate() !== d) return undefined // the 31st of a shorter month
  return date.setUTCHours(h, mi, s) - offsetMs(zone)
}

function ofNumber(value: number): number | undefined {
  const timeMs = Math.abs(value) < LEAST_MILLISECONDS ? value * 1000 : value
  return Math.abs(timeMs) <= 8.64e15 ? timeMs : undefined
}

function offsetMs(zone: string): number {
  if (!/^[+-]/.test(zone)) return 0
  const digits = zone.replace(':', '')
  const minutes = Number(digits.slice(1, 3)) * 60 + Number(digits.slice(3, 5))
  return (digits.startsWith('-') ? -minutes : minutes) * MINUTE_MS
}

/** The week of ISO 8601: the one that has the year's first Thursday is week 1. */
function weekOf(timeMs: number): number {
  const day = new Date(timeMs)
  const weekday = (day.getUTCDay() + 6) % 7
  const thursday = new Date(timeMs + (3 - weekday) * DAY_MS)
  const newYear = new Date(0)
  newYear.setUTCFullYear(thursday.getUTCFullYear(), 0, 1)
  return Math.floor((thursday.getTime() - newYear.getTime()) / DAY_MS / 7) + 1
}
