import { z } from 'zod'

/** Batches may flow. Sent once, after `hello`. */
export const welcomeMessageSchema = z.object({
  type: z.literal('welcome'),
  agent: z.string().max(128),
  /** The version that is spoken from now on; left out by a server of version 1. */
  protocol: z.int().optional(),
  /** Batches, and bytes of their JSON, that may be under way at a time; since version 2. */
  window: z.object({ batches: z.int().min(1).max(10_000), bytes: z.int().min(1) }).optional(),
})
