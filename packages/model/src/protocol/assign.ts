import { z } from 'zod'
import { signedAssignmentSchema } from '../fleet.ts'

/** What the server wants of this agent; since version 3. What is in it counts only by its signature. */
export const assignMessageSchema = z.object({ type: z.literal('assign'), document: signedAssignmentSchema })
