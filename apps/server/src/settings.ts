import { responseSchema } from '@vedette/respond'
import { encryptionConfigSchema, givenMasterKeySchema } from '@vedette/store/keys'
import { z } from 'zod'
import { correlationConfigSchema } from '@vedette/correlate'
import { detectionConfigSchema } from '@vedette/detect'
import { threatIntelligenceSchema } from '@vedette/intel/config'
import { apiConfigSchema, storeConfigSchema } from './config.ts'

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'expected a SHA-256 as 64 lower-case hex digits')
const folder = z.string().startsWith('/').max(4096)

/** A section as it stands in the file; checked by its part's schema, and left out its defaults hold. */
const section = z
  .unknown()
  .optional()
  .transform((data) => data ?? {})

/**
 * What the supervisor tells the server: one line of JSON on standard input. Of tokens the server
 * keeps SHA-256 hashes alone, since they are random (256 bits, so a slow hash would add nothing).
 */
export const serverSettingsSchema = z.strictObject({
  version: z.string().max(64),
  /** The server's own folder, 0700 and owned by the user it runs as. */
  home: folder,
  secrets: z.strictObject({
    /** Of the operator's token: whoever has it acts as `cli` with the role admin. */
    cliTokenHash: sha256,
    agents: z
      .array(
        z.strictObject({
          id: z.string().min(1).max(128),
          credentialHash: sha256,
          hostname: z.string().max(255),
        }),
      )
      .max(10_000),
    /** Of the token that makes the first account; ignored once there is an account. */
    setupTokenHash: sha256.optional(),
    /** What the server's keys are wrapped with; left out, a file beside them. */
    masterKey: givenMasterKeySchema.optional(),
  }),
  /** Rules, techniques. */
  content: folder,
  /** The built console; left out, only the API is served. */
  console: folder.optional(),
  /** Sections of the configuration, each checked by the part that it is for. */
  config: z.strictObject({
    /** `api.listen.port` is what `--port` says where it says something. */
    api: apiConfigSchema.prefault({}),
    detection: section.pipe(detectionConfigSchema),
    threat_intelligence: section.pipe(threatIntelligenceSchema),
    store: section.pipe(storeConfigSchema),
    encryption: section.pipe(encryptionConfigSchema),
    correlation: section.pipe(correlationConfigSchema),
    /** When to act by itself; how to act is the agent's. */
    response: section.pipe(responseSchema),
  }),
  logLevel: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
})

export type ServerSettings = z.output<typeof serverSettingsSchema>
/** The line as the supervisor writes it. */
export type ServerSettingsLine = z.input<typeof serverSettingsSchema>

/** Lines of JSON that the server writes to standard output. */
export type ServerReport =
  | { readonly type: 'ready'; readonly url: string; readonly setupNeeded: boolean }
  | { readonly type: 'fatal'; readonly code: string; readonly message: string }
