import type { SyslogOptions } from './message.ts'

const DAY_MS = 86_400_000
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** A time that was found, and where the text goes on after it. */
export interface FoundTime {
  readonly timeMs: number
  readonly end: number
}

/** The last time that was read, since lines that follow each other are mostly of one second. */
interface LastTime {
  text: string
  timeMs: number
  zone: SyslogOptions['zone']
}

const lastTraditional: LastTime = { text: '', timeMs: 0, zone: undefined }
const TRADITIONAL_LENGTH = 'Nov 20 07:52:01'.length
/** From one date to the same in the next year, at least. */
const YEAR_MS = 365 * DAY_MS

/** Whether the text is that of the last time and means the same: it may be of another year when it is read later. */
function isLastTraditional(text: string, at: number, { readAtMs, zone }: SyslogOptions): boolean {
  const { text: last, timeMs, zone: lastZone } = lastTraditional
  const latestMs = readAtMs + DAY_MS
  return (
    last !== '' &&
    text.startsWith(last, at) &&
    text.charCodeAt(at + TRADITIONAL_LENGTH) === 0x20 &&
    zone === lastZone &&
    timeMs <= latestMs &&
    latestMs < timeMs + YEAR_MS
  )
}

const TRADITIONAL = /([A-Z][a-z]{2}) {1,2}(\d{1,2}) (?:(\d{4}) )?(\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?/y

/**
 * `Nov 20 07:52:01` of RFC 3164, section 4.1.2, also with a year or fractions as some devices write it. A missing year
 * is the one that brings the time closest before a day after the reading: a line of December read in January is of the
 * year before.
 */
export function traditionalTime(text: string, at: number, options: SyslogOptions): FoundTime | undefined {
  if (isLastTraditional(text, at, options))
    return { timeMs: lastTraditional.timeMs, end: at + TRADITIONAL_LENGTH }
  TRADITIONAL.lastIndex = at
  const match = TRADITIONAL.exec(text)
  if (match === null) return undefined
  const month = MONTHS.indexOf(match[1] ?? '')
  const [day, hour, minute, second] = [match[2], match[4], match[5], match[6]].map(Number) as [
    number,
    number,
    number,
    number,
  ]
  if (month < 0) return undefined
  const ms = fraction(match[7])
  const timeIn = (year: number) => civilTime({ year, month, day, hour, minute, second }, options.zone)
  const end = TRADITIONAL.lastIndex
  if (match[3] !== undefined) {
    const timeMs = timeIn(Number(match[3]))
    return timeMs === undefined ? undefined : { timeMs: timeMs + ms, end }
  }
  const read = new Date(options.readAtMs)
  const latest = (options.zone === 'utc' ? read.getUTCFullYear() : read.getFullYear()) + 1
  // The 29th of February may be up to eight years away, around a year such as 2100.
  for (let year = latest; year > latest - 10; year -= 1) {
    const timeMs = timeIn(year)
    if (timeMs === undefined || timeMs > options.readAtMs + DAY_MS) continue
    if (match[7] === undefined && end - at === TRADITIONAL_LENGTH) {
      lastTraditional.text = text.slice(at, end)
      lastTraditional.timeMs = timeMs
      lastTraditional.zone = options.zone
    }
    return { timeMs: timeMs + ms, end }
  }
  return undefined
}

const ISO = /(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:[.,](\d{1,9}))?(Z|[+-]\d{2}:?\d{2})?/y

const ISO_LENGTH = '2026-11-20T07:52:01'.length
const ISO_REST = /(?:[.,](\d{1,9}))?(Z|[+-]\d{2}:?\d{2})?/y
/** Up to its second, in UTC. */
const lastIso: Omit<LastTime, 'zone'> = { text: '', timeMs: 0 }

/** `2026-11-20T07:52:01.123456+00:00` of RFC 3339; the zone may be missing. */
export function isoTime(text: string, at: number, options: SyslogOptions): FoundTime | undefined {
  if (lastIso.text !== '' && text.startsWith(lastIso.text, at)) {
    ISO_REST.lastIndex = at + ISO_LENGTH
    const [, digits, zone] = ISO_REST.exec(text) ?? []
    const offset = zone === undefined ? undefined : zone === 'Z' ? 0 : zoneOffset(zone)
    if (offset !== undefined)
      return { timeMs: lastIso.timeMs + fraction(digits) - offset, end: ISO_REST.lastIndex }
  }
  ISO.lastIndex = at
  const match = ISO.exec(text)
  if (match === null) return undefined
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  const zone = match[8]
  const fields = { year, month: month - 1, day, hour, minute, second }
  const base = civilTime(fields, zone === undefined ? options.zone : 'utc')
  const offset = zone === undefined || zone === 'Z' ? 0 : zoneOffset(zone)
  if (base === undefined || offset === undefined) return undefined
  if (zone !== undefined) {
    lastIso.text = text.slice(at, at + ISO_LENGTH)
    lastIso.timeMs = base
  }
  return { timeMs: base + fraction(match[7]) - offset, end: ISO.lastIndex }
}

interface CivilTime {
  readonly year: number
  /** From 0. */
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  /** Up to 60: a leap second counts as the first of the next minute. */
  readonly second: number
}

/** Milliseconds since the epoch; undefined for a day or hour that does not exist, or before 1970. */
function civilTime(
  { year, month, day, hour, minute, second }: CivilTime,
  zone: 'local' | 'utc' = 'local',
): number | undefined {
  if (year < 1970 || hour > 23 || minute > 59 || second > 60) return undefined
  // The days of a month do not depend on the zone. Day 0 of the next month is the last of this one.
  if (month < 0 || month > 11 || day < 1 || day > new Date(Date.UTC(year, month + 1, 0)).getUTCDate()) {
    return undefined
  }
  const timeMs =
    zone === 'utc'
      ? Date.UTC(year, month, day, hour, minute, second)
      : new Date(year, month, day, hour, minute, second).getTime()
  return timeMs < 0 ? undefined : timeMs
}

function zoneOffset(zone: string): number | undefined {
  const hours = Number(zone.slice(1, 3))
  const minutes = Number(zone.slice(-2))
  if (hours > 14 || minutes > 59) return undefined
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000
}

/** Digits after the point as milliseconds, exact to a microsecond. */
function fraction(digits: string | undefined): number {
  return digits === undefined ? 0 : Number(digits.padEnd(6, '0').slice(0, 6)) / 1000
}
