import { z } from 'zod'

const responseResultSchema = z.object({
  id: z.string().max(64),
  agent: z.string().max(128),
  action: z.enum(['freeze', 'thaw', 'kill']),
  outcome: z.enum(['preview', 'done', 'refused', 'failed', 'undone']),
  summary: z.string().max(4000),
  affected: z
    .array(
      z.object({
        uid: z.string().max(64),
        pid: z.int(),
        name: z.string().max(4096),
        cmdLine: z.string().max(65_536),
        user: z.string().max(256),
        protectedBecause: z.string().max(1000).optional(),
      }),
    )
    .max(10_000),
  undo: z.literal('thaw').optional(),
  leaseEnds: z.number().optional(),
  time: z.number(),
})

/** The answer to `respond`, or the end of a lease; it waits for a line when there is none. */
export const responseMessageSchema = z.object({ type: z.literal('response'), result: responseResultSchema })
