import { z } from 'zod'
import { eventBaseSchema, type EventBase } from './base.ts'

/** OCSF Base Event (0): a line of a log that no normaliser understood further. */
export interface LogEvent extends EventBase {
  readonly kind: 'log'
  readonly class_uid: 0
  readonly message: string
  /** The file that it stood in. */
  readonly path: string
  /** Program named by the line, where it has a syslog header. */
  readonly service?: string
  readonly pid?: number
}

export const logEventSchema = eventBaseSchema.extend({
  kind: z.literal('log'),
  class_uid: z.literal(0),
  message: z.string().max(65_536),
  path: z.string().max(4096),
  service: z.string().max(256).optional(),
  pid: z.int().optional(),
})
