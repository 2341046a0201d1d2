import { roles } from '@vedette/store'
import { z } from 'zod'
import { moment, named } from '../forms.ts'

const password = z.string().max(4096)
const code = z.string().max(64)

export const authStateSchema = named(
  'AuthState',
  z.object({
    setupNeeded: z.boolean().meta({ description: 'The first account has still to be made.' }),
    user: z
      .object({
        id: z.string(),
        name: z.string(),
        role: z.enum(roles),
        may: z.array(z.string()).meta({
          description: 'Operations that this person may do, such as `Mutation.executeResponse`.',
        }),
      })
      .optional(),
  }),
)

export const setUpSchema = z.strictObject({
  token: z.string().max(512),
  name: z.string().max(64),
  password,
})
export const signInSchema = z.strictObject({
  name: z.string().max(64).meta({ example: 'anna' }),
  password: password.meta({ example: 'a quiet morning by the sea' }),
  code: code
    .optional()
    .meta({ description: 'One-time password or recovery code, for whoever has a second factor.' }),
  new_password: password.optional().meta({ description: 'For whoever has to set another.' }),
})

export const accountSchema = named(
  'OwnAccount',
  z.object({
    second_factor: z
      .object({ recovery_codes: z.int().meta({ description: 'How many are left.' }) })
      .nullable(),
    tenants: z.array(
      z.object({ id: z.string(), name: z.string(), role: z.enum(roles), current: z.boolean() }),
    ),
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
export const turnedSchema = z.object({ tenant: z.string(), role: z.enum(roles) })

export const beginSchema = z.strictObject({ password })
export const begunSchema = z.object({
  secret: z.string(),
  uri: z.string().meta({ description: 'For a QR code (otpauth).' }),
})
export const confirmSchema = z.strictObject({ code })
export const confirmedSchema = z.object({ recovery_codes: z.array(z.string()) })
export const removeSchema = z.strictObject({ password, code })

export const serviceTokenSchema = named(
  'ServiceToken',
  z.object({
    access_token: z.string().meta({ description: 'A JWT (EdDSA) of a quarter of an hour.' }),
    token_type: z.literal('Bearer'),
    expires_at: moment,
  }),
)
