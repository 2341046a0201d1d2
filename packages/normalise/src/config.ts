import { z } from 'zod'
import { executableHashConfigSchema } from './enrichers/executable-hash/config.ts'
import { processTreeConfigSchema } from './enrichers/process-tree/config.ts'
import { redactionConfigSchema } from './redaction/config.ts'

/** How records become Events. Every key has a default. */
export const normaliseConfigSchema = z.strictObject({
  process_tree: processTreeConfigSchema.prefault({}),
  executable_hash: executableHashConfigSchema.prefault({}),
  redaction: redactionConfigSchema.prefault({}),
  users: z
    .strictObject({
      /** The file with the names of users, as passwd(5) describes it. */
      passwd_file: z.string().startsWith('/').max(4096).default('/etc/passwd'),
    })
    .prefault({}),
})

export type NormaliseConfig = z.output<typeof normaliseConfigSchema>
