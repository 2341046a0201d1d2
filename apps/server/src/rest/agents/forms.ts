import { z } from 'zod'
import { moment, named, nextCursor } from '../forms.ts'

export const agentId = z
  .string()
  .regex(/^[0-9a-f]{16}$/)
  .meta({ description: '16 hex digits.', examples: ['8d1f0c2b5a6e4f30'] })

export const agentSchema = named(
  'Agent',
  z.object({
    id: z.string(),
    hostname: z.string(),
    state: z.enum(['connected', 'away', 'removed']),
    key: z.string().meta({ description: "SHA-256 of the agent's public key." }),
    enrolled_at: moment,
    enrolled_by: z.string(),
    last_seen: moment.nullable(),
    removed_at: moment.nullable(),
    moved_to: z.string().nullable().meta({ description: 'The tenant that it was handed to.' }),
    certificate: z
      .object({
        serial: z.string(),
        issued_at: moment,
        expires_at: moment,
        revoked_at: moment.nullable(),
      })
      .nullable(),
  }),
)

export const pendingSchema = named(
  'PendingAgent',
  z.object({
    id: z.string(),
    hostname: z.string(),
    address: z.string(),
    key: z.string(),
    asked_at: moment,
  }),
)

export const agentPage = z.object({
  agents: z.array(agentSchema),
  pending: z.array(pendingSchema).meta({ description: 'On the first page.' }),
  next_cursor: nextCursor,
})

export const moveSchema = z.strictObject({
  secret: z.string().min(16).max(512).meta({ description: 'An enrolment secret of the other tenant.' }),
})
export const movedSchema = z.object({ id: z.string(), moved_to: z.string() })

export const secretId = z
  .string()
  .regex(/^[0-9a-f]{8}$/)
  .meta({ description: '8 hex digits.', examples: ['1f2e3d4c'] })

export const secretSchema = z.strictObject({
  uses: z.int().min(1).max(100_000).default(1),
  valid_minutes: z
    .int()
    .min(1)
    .max(7 * 24 * 60)
    .default(60)
    .meta({ description: 'At most a week: what lets agents in should not lie about.' }),
})

export const newSecretSchema = named(
  'NewEnrolmentSecret',
  z.object({
    id: z.string(),
    secret: z.string(),
    uses: z.int(),
    expires_at: moment,
    server: z.string().nullable().meta({ description: 'Where agents come to.' }),
    ca_fingerprint: z.string().meta({ description: "Of the server's authority: agents trust it alone." }),
  }),
)

export const secretList = z.object({
  secrets: z.array(
    named(
      'EnrolmentSecret',
      z.object({
        id: z.string(),
        created_by: z.string(),
        created_at: moment,
        expires_at: moment,
        uses: z.int(),
        uses_left: z.int(),
      }),
    ),
  ),
})

export const revokedSchema = z.object({ revoked: z.string() })
