import type { z } from 'zod'
import { PublicError } from '../../access/public-error.ts'

/**
 * A body of the form that a route takes.
 *
 * @throws {PublicError} `bad-input`, `name-refused`
 */
export function parse<S extends z.ZodType>(schema: S, body: unknown): z.output<S> {
  const parsed = schema.safeParse(body)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const field = issue?.path.join('.') || 'body'
  throw new PublicError(
    issue?.path[0] === 'name' && issue.code === 'invalid_format' ? 'name-refused' : 'bad-input',
    `${field}: ${issue?.message ?? 'wrong'}`,
  )
}
