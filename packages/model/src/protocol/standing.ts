import { z } from 'zod'
import { agentStandingSchema } from '../fleet.ts'

/** What became of what the server wanted; told once after `welcome` and at each change. Since version 3. */
export const standingMessageSchema = z.object({ type: z.literal('standing'), standing: agentStandingSchema })
