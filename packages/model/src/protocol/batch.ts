import { z } from 'zod'
import { type Event, eventSchema } from '../event/index.ts'

/** Events of one run of an agent, in order. `(tenant, agent, run, sequence)` names a batch for ever. */
export interface EventBatch {
  /** Random, new at each start of the agent: 16 hex digits. */
  readonly run: string
  /** From 0, without a gap, within the run. */
  readonly sequence: number
  readonly events: readonly Event[]
}

/** At most this many events in a batch. */
export const MAX_BATCH_EVENTS = 5000

export const runSchema = z.string().regex(/^[0-9a-f]{16}$/)

export const eventBatchSchema = z.object({
  run: runSchema,
  sequence: z.int().nonnegative(),
  events: z.array(eventSchema).max(MAX_BATCH_EVENTS),
})

/** Version 1; later ones send it as a binary frame. */
export const batchMessageSchema = z.object({ type: z.literal('batch'), batch: eventBatchSchema })
