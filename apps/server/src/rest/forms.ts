import { severities } from '@vedette/model'
import { z } from 'zod'

/** @param name of the form in the document, and of its type in a generated client; no other form has it */
export function named<S extends z.ZodType>(name: string, form: S): S {
  return form.meta({ ...form.meta(), id: name })
}

/** Every answer that is not the one asked for. `code` is stable, kebab-case; `message` is for people. */
export const faultSchema = named(
  'Fault',
  z
    .object({
      error: z.object({
        code: z.string().meta({
          description: 'Stable: `unauthenticated`, `forbidden`, `not-found`, `bad-input`, `rate-limited` ...',
          examples: ['not-found'],
        }),
        message: z.string().meta({ description: 'For people.', examples: ['There is no such agent'] }),
      }),
    })
    .meta({ description: 'An answer that is not the one asked for.' }),
)

/** A moment as answers have it: ISO 8601, UTC, milliseconds. */
export const moment = z.string().meta({ format: 'date-time', examples: ['2026-11-20T08:00:00.000Z'] })

/** ISO 8601 with its zone. */
const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)$/

/** A moment as requests have it: ISO 8601 with its zone; becomes milliseconds since the epoch. */
export const momentGiven = z
  .string()
  .max(40)
  .transform((text, context) => {
    const ms = DATE_TIME.test(text) ? Date.parse(text) : NaN
    if (!Number.isNaN(ms)) return ms
    context.addIssue('expected a date and time such as 2026-11-20T08:00:00Z')
    return z.NEVER
  })
  .meta({ format: 'date-time', examples: ['2026-11-20T08:00:00Z'] })

/** `true` or `false` in an address. */
export const flag = z.stringbool({ truthy: ['true'], falsy: ['false'] }).meta({ type: 'boolean' })

export const severity = z.enum(severities)

/** What every list takes. */
export const pageQuery = {
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(1000)
    .default(50)
    .meta({ description: 'Most that one answer has.' }),
  cursor: z
    .string()
    .max(500)
    .optional()
    .meta({ description: '`next_cursor` of the answer before; left out, the list begins.' }),
}

/** Where a list goes on. */
export const nextCursor = z
  .string()
  .nullable()
  .meta({ description: 'Give it as `cursor` to go on; null at the end.' })

/** An answer that says no more than that it was done. */
export const done = z.object({})

/** @param timeMs milliseconds since the epoch */
export function iso(timeMs: number): string {
  return new Date(timeMs).toISOString()
}

/** The same where there may be none. */
export function isoOrNull(timeMs: number | undefined): string | null {
  return timeMs === undefined ? null : iso(timeMs)
}
