import { z } from 'zod'

/** The agent asks for the piece of a bundle that begins at `offset`; since version 3. */
export const fetchMessageSchema = z.object({
  type: z.literal('fetch'),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  offset: z.int().min(0),
})
