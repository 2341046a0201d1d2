import { z } from 'zod'

/** Whether secrets are taken out of command lines and log lines before they leave the host. */
export const redactionConfigSchema = z.strictObject({
  enabled: z.boolean().default(true),
})
