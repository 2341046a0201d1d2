import { z } from 'zod'

/** Section `spool` of the configuration: events that wait on the agent's disk for the server. */
export const spoolConfigSchema = z.strictObject({
  /** Most disk that they may take, MiB. What comes after that is dropped and counted. */
  cap_mib: z.int().min(8).max(1_048_576).default(1024),
})
