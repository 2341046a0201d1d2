import { z } from 'zod'

/** How much of the past the process tree remembers. */
export const processTreeConfigSchema = z.strictObject({
  /** Most processes that are remembered, running and ended together. */
  max_processes: z.int().min(256).max(4_194_304).default(65_536),
  /** How long an ended process is remembered for records that come late, milliseconds. */
  grace_ms: z.int().min(0).max(3_600_000).default(15_000),
})

export type ProcessTreeConfig = z.output<typeof processTreeConfigSchema>
