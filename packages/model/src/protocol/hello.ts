import { z } from 'zod'
import { runSchema } from './batch.ts'
import { agentReportSchema } from './report.ts'

/** The agent's first message: who speaks, what it knows of itself, and which versions it offers. */
export const helloMessageSchema = z.object({
  type: z.literal('hello'),
  /** The version that `hello` itself is written in. */
  protocol: z.int(),
  /** Versions that the agent speaks; left out by one that speaks only that of `hello`. */
  offers: z.array(z.int()).min(1).max(16).optional(),
  run: runSchema,
  report: agentReportSchema,
})
