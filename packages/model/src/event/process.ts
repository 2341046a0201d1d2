import { z } from 'zod'
import { eventBaseSchema, type EventBase } from './base.ts'
import { processSchema, type Process } from './objects.ts'

/** OCSF Process Activity (1007): a process started a program or ended. */
export interface ProcessEvent extends EventBase {
  readonly kind: 'process'
  readonly class_uid: 1007
  readonly activity: 'launch' | 'terminate'
  readonly process: Process
  /** For `terminate`: exit status, or 128 + signal as a shell would say it. */
  readonly exit_code?: number
  /** Extension, for `terminate`: how long it ran, milliseconds. */
  readonly duration_ms?: number
}

export const processEventSchema = eventBaseSchema.extend({
  kind: z.literal('process'),
  class_uid: z.literal(1007),
  activity: z.enum(['launch', 'terminate']),
  process: processSchema,
  exit_code: z.int().optional(),
  duration_ms: z.number().nonnegative().optional(),
})
