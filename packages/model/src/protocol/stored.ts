import { z } from 'zod'

/** That batch is stored for good; the agent may forget it. */
export const storedMessageSchema = z.object({
  type: z.literal('stored'),
  run: z.string().max(16),
  sequence: z.int(),
})
