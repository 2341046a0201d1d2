import type { Page } from '@vedette/store'
import { PublicError } from '../access/public-error.ts'

const MAX_LIMIT = 1000
const MAX_OFFSET = 100_000

interface PageArguments {
  readonly limit?: number | null | undefined
  readonly offset?: number | null | undefined
}

/** @throws {PublicError} `bad-input` for a limit that is not 1 to 1000 or an offset that is not 0 to 100 000 */
export function pageOf({ limit, offset }: PageArguments): Required<Page> {
  const page = { limit: limit ?? 50, offset: offset ?? 0 }
  if (page.limit < 1 || page.limit > MAX_LIMIT) {
    throw new PublicError('bad-input', `limit: ${page.limit} is not within 1 and ${MAX_LIMIT}`)
  }
  if (page.offset < 0 || page.offset > MAX_OFFSET) {
    throw new PublicError('bad-input', `offset: ${page.offset} is not within 0 and ${MAX_OFFSET}`)
  }
  return page
}

/** What a list costs: as many times what is in it as it may have rows. */
export function costOfPage(args: object): { field: number; multiplier: number } {
  const { limit } = args as PageArguments
  return { field: 1, multiplier: Math.min(Math.max(limit ?? 50, 1), MAX_LIMIT) }
}

/**
 * Text from a caller within its bounds.
 *
 * @throws {PublicError} `bad-input` when it is empty or longer than `max`
 */
export function boundedText(name: string, text: string, max: number): string {
  const trimmed = text.trim()
  if (trimmed === '') throw new PublicError('bad-input', `${name}: expected some text`)
  if (trimmed.length > max) throw new PublicError('bad-input', `${name}: longer than ${max} characters`)
  return trimmed
}

/** Only the keys that have a value: what a caller leaves out or gives as null does not filter. */
export function given<T extends object>(filter: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(
    Object.entries(filter).filter(([, value]) => value !== undefined && value !== null),
  ) as { [K in keyof T]?: NonNullable<T[K]> }
}
