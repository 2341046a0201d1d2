const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** How long ago, for a column: `now`, `40 s`, `2 min`, `3 h`, `8 d`. A time in the future is `now`. */
export function shortAgo(time: number, now: number): string {
  const age = now - time
  if (age < 10 * SECOND) return 'now'
  if (age < MINUTE) return `${Math.floor(age / SECOND / 5) * 5} s`
  if (age < HOUR) return `${Math.floor(age / MINUTE)} min`
  if (age < DAY) return `${Math.floor(age / HOUR)} h`
  return `${Math.floor(age / DAY)} d`
}

/** How long until, for a column: `40 s`, `2 min`, `3 h`, `8 d`; rounded up. A time that has come is `over`. */
export function shortUntil(time: number, now: number): string {
  const left = time - now
  if (left <= 0) return 'over'
  if (left < MINUTE) return `${Math.ceil(left / SECOND)} s`
  if (left < HOUR) return `${Math.ceil(left / MINUTE)} min`
  if (left < 2 * DAY) return `${Math.ceil(left / HOUR)} h`
  return `${Math.ceil(left / DAY)} d`
}

/** The same in a sentence: `just now`, `2 minutes ago`. */
export function longAgo(time: number, now: number): string {
  const age = now - time
  if (age < 10 * SECOND) return 'just now'
  if (age < MINUTE) return `${Math.floor(age / SECOND / 5) * 5} seconds ago`
  if (age < HOUR) return ago(Math.floor(age / MINUTE), 'minute')
  if (age < DAY) return ago(Math.floor(age / HOUR), 'hour')
  return ago(Math.floor(age / DAY), 'day')
}

/** How long something lasted: `3.2 ms`, `450 ms`, `12 s`, `5 min 3 s`, `2 h 14 min`, `3 d 4 h`. */
export function span(ms: number): string {
  if (ms < 10) return `${Math.round(ms * 10) / 10} ms`
  if (ms < SECOND) return `${Math.round(ms)} ms`
  if (ms < MINUTE) return `${Math.round(ms / SECOND)} s`
  const [large, small] = ms < HOUR ? [MINUTE, SECOND] : ms < DAY ? [HOUR, MINUTE] : [DAY, HOUR]
  const names = { [SECOND]: 's', [MINUTE]: 'min', [HOUR]: 'h', [DAY]: 'd' }
  const rest = Math.floor((ms % large) / small)
  return `${Math.floor(ms / large)} ${names[large]}${rest === 0 ? '' : ` ${rest} ${names[small]}`}`
}

/** Exactly: `2026-11-20 09:14:07.412 UTC`, or with the viewer's offset. */
export function exact(time: number, utc: boolean): string {
  const { date, clock } = parts(time, utc)
  return `${date} ${clock} ${utc ? 'UTC' : offset(time)}`
}

/** Time of day: `09:14:07.412`, with the digits after `precision` left out. */
export function clock(time: number, utc: boolean, precision: 'minutes' | 'seconds' | 'milliseconds'): string {
  const end = { minutes: 5, seconds: 8, milliseconds: 12 }[precision]
  return parts(time, utc).clock.slice(0, end)
}

/** `2026-11-20`. */
export function day(time: number, utc: boolean): string {
  return parts(time, utc).date
}

function parts(time: number, utc: boolean): { date: string; clock: string } {
  const shifted = utc ? time : time - new Date(time).getTimezoneOffset() * MINUTE
  const [date = '', rest = ''] = new Date(shifted).toISOString().split('T')
  return { date, clock: rest.slice(0, 12) }
}

function offset(time: number): string {
  const minutes = -new Date(time).getTimezoneOffset()
  const sign = minutes < 0 ? '\u2212' : '+'
  const absolute = Math.abs(minutes)
  return `${sign}${two(Math.floor(absolute / 60))}:${two(absolute % 60)}`
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}

function ago(value: number, unit: string): string {
  return `${value} ${unit}${value === 1 ? '' : 's'} ago`
}
