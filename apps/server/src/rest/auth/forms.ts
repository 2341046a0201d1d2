import { z } from 'zod'
import { assertionSchema, registrationSchema } from '../../access/passkey.ts'
import { moment, named } from '../forms.ts'

const password = z.string().max(4096)
const code = z.string().max(64)
const role = z
  .string()
  .meta({ description: "One of the house, or of the tenant's own.", examples: ['analyst'] })

export const authStateSchema = named(
  'AuthState',
  z.object({
    setupNeeded: z.boolean().meta({ description: 'The first account has still to be made.' }),
    user: z
      .object({
        id: z.string(),
        name: z.string(),
        role,
        may: z.array(z.string()).meta({
          description: 'Operations that this person may do, such as `Mutation.executeResponse`.',
        }),
      })
      .optional(),
    providers: z
      .array(z.object({ name: z.string() }))
      .optional()
      .meta({ description: 'Identity providers that prove people of the first organisation.' }),
  }),
)

export const beginAtProviderSchema = z.strictObject({
  provider: z.string().max(64).meta({ description: 'Its name.' }),
  organisation: z.string().max(64).optional().meta({ description: 'Left out: the first.' }),
})
export const begunAtProviderSchema = z.object({ url: z.string() })

export const setUpSchema = z.strictObject({
  token: z.string().max(512),
  name: z.string().max(64),
  password,
})
export const signInSchema = z.strictObject({
  name: z
    .string()
    .max(64)
    .meta({ examples: ['anna'] }),
  password: password.meta({ examples: ['a quiet morning by the sea'] }),
  code: code
    .optional()
    .meta({ description: 'One-time password or recovery code, for whoever has a second factor.' }),
  passkey: assertionSchema.optional().meta({ description: 'In place of the code, by a passkey.' }),
  new_password: password.optional().meta({ description: 'For whoever has to set another.' }),
})

export const accountSchema = named(
  'OwnAccount',
  z.object({
    has_password: z.boolean().meta({ description: 'False for whom an identity provider proves.' }),
    second_factor: z
      .object({ recovery_codes: z.int().meta({ description: 'How many are left.' }) })
      .nullable(),
    tenants: z.array(z.object({ id: z.string(), name: z.string(), role, current: z.boolean() })),
    sessions: z.array(
      z.object({
        id: z.string(),
        current: z.boolean(),
        created_at: moment,
        expires_at: moment,
        address: z.string(),
        program: z.string().meta({ description: 'What the browser said of itself.' }),
      }),
    ),
    passkeys: z.array(
      z.object({
        id: z.string(),
        name: z.string(),
        backed_up: z.boolean().meta({ description: 'A copy of it is elsewhere.' }),
        host: z.string().meta({ description: 'The host name that it is for.' }),
        created_at: moment,
        last_used: moment.nullable(),
      }),
    ),
    keys: z.array(
      z.object({
        id: z.string(),
        name: z.string(),
        tenant: z.string().meta({ description: 'Its name.' }),
        operations: z
          .array(z.string())
          .nullable()
          .meta({ description: 'What it is for; null for all that its owner may do.' }),
        created_at: moment,
        expires_at: moment.nullable(),
        last_used_at: moment.nullable(),
      }),
    ),
  }),
)

export const passwordSchema = z.strictObject({ password, new_password: password })
export const endSchema = z.strictObject({
  id: z
    .string()
    .regex(/^[0-9a-f]{16}$/)
    .optional()
    .meta({ description: 'Left out: all but this one.' }),
})
export const endedSchema = z.object({ sessions_ended: z.int() })
export const tenantSchema = z.strictObject({ tenant: z.string().min(1).max(64) })
export const turnedSchema = z.object({ tenant: z.string(), role })

export const beginSchema = z.strictObject({ password })
export const begunSchema = z.object({
  secret: z.string(),
  uri: z.string().meta({ description: 'For a QR code (otpauth).' }),
})
export const confirmSchema = z.strictObject({ code })
export const confirmedSchema = z.object({ recovery_codes: z.array(z.string()) })
export const removeSchema = z.strictObject({ password, code })

/** WebAuthn, 5.4 and 5.5, as JSON. */
export const passkeyOptionsSchema = z.record(z.string(), z.unknown())
export const finishPasskeySchema = z.strictObject({ name: z.string().max(64), response: registrationSchema })
export const passkeySignInSchema = z.strictObject({ response: assertionSchema })
export const removePasskeySchema = z.strictObject({ id: z.string().max(1400), password })

export const newKeySchema = z.strictObject({
  name: z
    .string()
    .max(64)
    .meta({ examples: ['nightly-report'] }),
  days: z.int().min(1).max(366).meta({ description: 'How long it holds.' }),
  operations: z
    .array(z.string().max(100))
    .min(1)
    .max(100)
    .optional()
    .meta({ description: 'What it is for, such as `Query.alert`. Left out: all that its owner may do.' }),
  password,
})
export const keySchema = z.object({
  id: z.string(),
  name: z.string(),
  token: z.string().meta({ description: 'Told once; only its hash is kept.' }),
  expires_at: moment,
})
export const revokeKeySchema = z.strictObject({ id: z.string().max(64) })

export const serviceTokenSchema = named(
  'ServiceToken',
  z.object({
    access_token: z.string().meta({ description: 'A JWT (EdDSA) of a quarter of an hour.' }),
    token_type: z.literal('Bearer'),
    expires_at: moment,
  }),
)
