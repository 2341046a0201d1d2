import { z } from 'zod'
import { PublicError } from '../access/public-error.ts'

/**
 * What of a row tells its place in a list, as text that nobody needs to understand. It holds no secret and is checked
 * like any other input when it comes back.
 */
export function cursorOf(place: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url')
}

/** @throws {PublicError} `bad-input` for one that no list gave */
export function placeOf<S extends z.ZodType>(cursor: string, form: S): z.output<S> {
  const parsed = form.safeParse(decoded(cursor))
  if (!parsed.success) throw new PublicError('bad-input', 'cursor: expected the next_cursor of this list')
  return parsed.data
}

/** The store tells moments apart by a microsecond. */
const NEXT_MOMENT_MS = 0.001
const timeForm = z.tuple([z.number().nonnegative(), z.int().min(0).max(100_000)])

/**
 * A page of a list that is ordered by time, newest first. Moments are not unique: a cursor says how many rows of its
 * moment were told already.
 *
 * @param until exclusive, milliseconds since the epoch
 * @throws {PublicError} `bad-input`
 */
export async function pageByTime<Row extends { readonly time: number }>(
  {
    limit,
    cursor,
    until,
  }: { readonly limit: number; readonly cursor?: string | undefined; readonly until?: number | undefined },
  list: (
    until: number | undefined,
    page: { readonly limit: number; readonly offset: number },
  ) => Promise<readonly Row[]>,
): Promise<{ readonly rows: readonly Row[]; readonly next: string | null }> {
  const [from, skip] = cursor === undefined ? [undefined, 0] : placeOf(cursor, timeForm)
  const end = from === undefined ? until : Math.min(from + NEXT_MOMENT_MS, until ?? Infinity)
  const rows = await list(end, { limit, offset: skip })
  const last = rows.at(-1)
  if (!last || rows.length < limit) return { rows, next: null }
  const same = rows.filter(({ time }) => time === last.time).length
  const told = same === rows.length && last.time === from ? skip + same : same
  return { rows, next: cursorOf([last.time, told]) }
}

function decoded(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
  } catch {
    return undefined
  }
}
