import { z } from 'zod'

/** That batch will never be taken (it is not what the schema says); it is counted as lost. */
export const refusedMessageSchema = z.object({
  type: z.literal('refused'),
  run: z.string().max(16),
  sequence: z.int(),
  reason: z.string(),
})
