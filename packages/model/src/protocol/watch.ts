import { z } from 'zod'

/** Watch a file or folder for this long (1 s to 24 h); the agent's own policy has the last word. */
export const watchMessageSchema = z.object({
  type: z.literal('watch'),
  path: z.string().startsWith('/').max(4096),
  leaseMs: z.int().min(1000).max(86_400_000),
  actor: z.string().max(200),
})
