import { z } from 'zod'
import { responseRequestSchema } from '../action.ts'

/** An order to act; the agent's own policy has the last word. */
export const respondMessageSchema = z.object({ type: z.literal('respond'), request: responseRequestSchema })
