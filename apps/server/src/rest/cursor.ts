import type { z } from 'zod'
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

function decoded(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
  } catch {
    return undefined
  }
}
