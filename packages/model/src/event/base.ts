import { z } from 'zod'
import type { EventId } from '../ids.ts'
import { deviceSchema, type Device } from './objects.ts'

/** What every Event has. Shaped after OCSF 1.8's base event. */
export interface EventBase {
  readonly id: EventId
  /** When it happened, milliseconds since the epoch, UTC; fractions are microseconds. */
  readonly time: number
  readonly device: Device
  /** OCSF `severity_id`; 1 (informational) as long as nothing judged it. */
  readonly severity_id: 1 | 2 | 3 | 4 | 5
  readonly metadata: {
    /** OCSF version that the shape follows. */
    readonly version: '1.8.0'
    /** Which collector saw it: `ebpf`, `audit`, `packet`, `file`, `journal`, ... */
    readonly log_provider: string
    /** When the agent normalised it, milliseconds since the epoch. */
    readonly logged_time: number
  }
  /** One line for people: what happened, in the words of the source where it had any. */
  readonly message?: string
  /** The source's own record where it was text: the log line. */
  readonly raw?: string
}

export const eventBaseSchema = z.object({
  id: z.string().min(1).max(200),
  time: z.number().finite().nonnegative(),
  device: deviceSchema,
  severity_id: z.union([z.literal(1), z.literal(2), z.literal(3), z.literal(4), z.literal(5)]),
  metadata: z.object({
    version: z.literal('1.8.0'),
    log_provider: z.string().max(64),
    logged_time: z.number(),
  }),
  message: z.string().max(65_536).optional(),
  raw: z.string().max(65_536).optional(),
})
