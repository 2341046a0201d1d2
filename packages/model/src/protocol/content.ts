import { z } from 'zod'
import { MAX_CONTENT_PIECE } from '../fleet.ts'

/** A piece of a bundle that was asked for, as Base64; empty where there is none. Since version 3. */
export const contentMessageSchema = z.object({
  type: z.literal('content'),
  sha256: z.string().max(64),
  offset: z.int().min(0),
  data: z.string().max(Math.ceil(MAX_CONTENT_PIECE / 3) * 4),
})
