const UNITS: readonly (readonly [string, number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
]

/** How long ago, in the largest whole unit: `12 s ago`, `3 h ago`; `just now` under a second or in the future. */
export function ago(timeMs: number, nowMs: number): string {
  const elapsed = nowMs - timeMs
  for (const [unit, ms] of UNITS) {
    if (elapsed >= ms) return `${Math.floor(elapsed / ms)} ${unit} ago`
  }
  return 'just now'
}

/** The exact time in UTC, to the second: `2026-11-20 08:04:31Z`. */
export function exact(timeMs: number): string {
  return `${new Date(timeMs).toISOString().slice(0, 19).replace('T', ' ')}Z`
}

/** Both: `12 s ago (2026-11-20 08:04:31Z)`. */
export function when(timeMs: number, nowMs: number): string {
  return `${ago(timeMs, nowMs)} (${exact(timeMs)})`
}

const DURATION = /^(\d{1,9})\s*(ms|s|m|min|h|d)$/

const MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}

/**
 * A point in time from `15m` (that long before now), `2h`, `7d`, or an ISO 8601 date and time.
 *
 * @throws {RangeError} when it is neither
 */
export function parseSince(text: string, nowMs: number): number {
  const found = DURATION.exec(text.trim())
  if (found) return nowMs - Number(found[1]) * (MS[found[2] ?? ''] ?? 0)
  const time = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(time)) {
    throw new RangeError(
      `"${text}" is neither a duration such as 15m, 2h or 7d nor a time such as 2026-11-20T08:00:00Z`,
    )
  }
  return time
}

/**
 * A duration such as `90s`, `10m` or `2h` in milliseconds.
 *
 * @throws {RangeError} when it is not one
 */
export function parseDuration(text: string): number {
  const found = DURATION.exec(text.trim())
  if (!found) throw new RangeError(`"${text}" is not a duration such as 90s, 10m or 2h`)
  return Number(found[1]) * (MS[found[2] ?? ''] ?? 0)
}

/**
 * A point in time to come from `30d` (so long after now), or an ISO 8601 date and time.
 *
 * @throws {RangeError} when it is neither, or past
 */
export function until(text: string, nowMs: number): number {
  const time = DURATION.test(text.trim()) ? nowMs + parseDuration(text) : parseSince(text, nowMs)
  if (time <= nowMs) throw new RangeError(`"${text}" is not a time to come`)
  return time
}
