import { z } from 'zod'
import type { LogSource } from '../log-source.ts'
import { eventBaseSchema, type EventBase } from './base.ts'
import { type Container, containerSchema } from './objects.ts'

/** OCSF Base Event (0): a line of a log that is no event of another kind. */
export interface LogEvent extends EventBase {
  readonly kind: 'log'
  readonly class_uid: 0
  readonly message: string
  /** The file that it stood in. */
  readonly path: string
  /** Program named by the line, where it has a syslog header. */
  readonly service?: string
  readonly pid?: number
  /**
   * What happened, where the line was understood (OCSF `metadata.event_code`): `cron_command`, `unit_failed`, `out_of_memory`,
   * ... Its details are in `unmapped`.
   */
  readonly event_code?: string
  /** Which container wrote it. */
  readonly container?: Container
  /** The record as its source gave it, by its own field names, where it was more than a line (OCSF `unmapped`). */
  readonly unmapped?: Readonly<Record<string, unknown>>
  /** Where that record comes from, as far as known. */
  readonly log_source?: LogSource
}

const MOST_FIELDS = 1000
const LARGEST_RECORD = 65_536

export const logEventSchema = eventBaseSchema.extend({
  kind: z.literal('log'),
  class_uid: z.literal(0),
  message: z.string().max(65_536),
  path: z.string().max(4096),
  service: z.string().max(256).optional(),
  pid: z.int().optional(),
  event_code: z.string().max(64).optional(),
  container: containerSchema.optional(),
  unmapped: z
    .record(z.string().max(256), z.unknown())
    .refine((record) => Object.keys(record).length <= MOST_FIELDS, `more than ${MOST_FIELDS} fields`)
    .refine(isSmall, `more than ${LARGEST_RECORD} characters, or nested too deep`)
    .optional(),
  log_source: z
    .strictObject({
      product: z.string().max(64).optional(),
      category: z.string().max(64).optional(),
      service: z.string().max(64).optional(),
    })
    .optional(),
})

function isSmall(record: Readonly<Record<string, unknown>>): boolean {
  try {
    return JSON.stringify(record).length <= LARGEST_RECORD
  } catch {
    return false
  }
}
