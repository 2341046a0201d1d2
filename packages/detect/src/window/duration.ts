/** Milliseconds of a month and a year of the Gregorian calendar on average, as other readers of Sigma take them. */
const UNIT_MS: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  M: 2_629_746_000,
  y: 31_556_952_000,
}

/** Milliseconds of `90s`, `5m`, `2h`, `1d`, `1w`, `1M`, `1y`; undefined for anything else, or over 10 years. */
export function durationMs(text: string): number | undefined {
  const found = /^([1-9]\d{0,8})([smhdwMy])$/.exec(text)
  if (!found) return undefined
  const durationMs = Number(found[1]) * (UNIT_MS[found[2] ?? ''] ?? Number.NaN)
  return durationMs <= 10 * (UNIT_MS['y'] ?? 0) ? durationMs : undefined
}
