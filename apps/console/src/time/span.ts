import { clock, day } from './format.ts'

const HOUR_MS = 3_600_000

/** Spans that end now, by the word that stands in the address. */
const lengths = { '15m': HOUR_MS / 4, '1h': HOUR_MS, '24h': 24 * HOUR_MS, '7d': 168 * HOUR_MS } as const

/** A span of time as an address has it: one that ends now, `all`, or from one moment to another. */
export interface Span {
  readonly range?: keyof typeof lengths | 'all'
  /** ISO 8601; each of them may stand alone. */
  readonly from?: string
  readonly to?: string
}

/** Reads it from the words of an address; what makes no sense is left out. */
export function readSpan({ range, from, to }: Readonly<Record<string, unknown>>): Span {
  const moment = (value: unknown) =>
    typeof value === 'string' && value.length < 40 && !Number.isNaN(Date.parse(value))
      ? new Date(value).toISOString()
      : undefined
  const [first, last] = [moment(from), moment(to)]
  if (first !== undefined || last !== undefined) {
    return { ...(first !== undefined && { from: first }), ...(last !== undefined && { to: last }) }
  }
  const known = typeof range === 'string' && (range === 'all' || Object.hasOwn(lengths, range))
  return known ? { range: range as keyof typeof lengths } : {}
}

/** Its bounds as the server takes them; what ends now ends at `now`, milliseconds since the epoch. */
export function spanBounds(
  { range, from, to }: Span,
  now: number,
  usual: keyof typeof lengths,
): { readonly since: string | null; readonly until: string } {
  const until = to ?? new Date(now).toISOString()
  if (from !== undefined || to !== undefined) return { since: from ?? null, until }
  const length = range ?? usual
  return { since: length === 'all' ? null : new Date(now - lengths[length]).toISOString(), until }
}

/** A moment as a field of type datetime-local has it. */
export function momentText(iso: string | undefined, utc: boolean): string {
  if (iso === undefined) return ''
  const time = Date.parse(iso)
  return `${day(time, utc)}T${clock(time, utc, 'minutes')}`
}

/** The way back; undefined for an empty field. */
export function momentOf(text: string, utc: boolean): string | undefined {
  const time = text === '' ? Number.NaN : Date.parse(utc ? `${text}Z` : text)
  return Number.isNaN(time) ? undefined : new Date(time).toISOString()
}
