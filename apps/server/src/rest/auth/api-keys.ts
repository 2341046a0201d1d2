import type { ApiToken } from '@vedette/store'
import { z } from 'zod'
import { actingFor, type Route } from '../../http/route.ts'
import { createKey, listKeys, revokeKey } from '../../people/keys.ts'
import { iso, isoOrNull, moment, momentGiven, named } from '../forms.ts'
import { restRoute, type Told } from '../rest-route.ts'

const DAY_MS = 86_400_000
const DAYS = 90

const keySchema = named(
  'ApiKey',
  z.object({
    id: z.string(),
    name: z.string(),
    tenant: z.string(),
    role: z.string(),
    operations: z
      .array(z.string())
      .nullable()
      .meta({ description: 'What it is for, of that which the role may do; null for all of it.' }),
    made_by: z.string(),
    created_at: moment,
    expires_at: moment.nullable(),
    last_used_at: moment.nullable(),
  }),
)

const list = restRoute({
  method: 'GET',
  url: '/auth/api-keys',
  id: 'listApiKeys',
  tag: 'auth',
  summary: 'Keys of programs, of all tenants of the organisation.',
  answer: z.object({ keys: z.array(keySchema) }),
  handle: async (passed) => ({ keys: (await listKeys(actingFor(passed))).map(told) }),
})

const create = restRoute({
  method: 'POST',
  url: '/auth/api-keys',
  id: 'createApiKey',
  tag: 'auth',
  summary: 'Makes a key for a program. Its text is told once.',
  body: z.strictObject({
    name: z
      .string()
      .max(64)
      .meta({ examples: ['nightly-report'] }),
    role: z
      .string()
      .max(64)
      .meta({ examples: ['viewer'] }),
    tenant: z.string().max(64).optional().meta({ description: 'Its id or name; the first one by default.' }),
    operations: z.array(z.string().max(100)).max(100).optional().meta({
      description: 'Such as `Query.alert`, `GET /api/events`. Left out: all that the role may do.',
    }),
    expires_at: momentGiven
      .optional()
      .meta({ format: 'date-time', description: `In ${DAYS} days by default; a year at most.` }),
  }),
  answer: z.object({
    key: keySchema,
    token: z.string().meta({ description: 'Told once; only its hash is kept.' }),
  }),
  async handle(passed) {
    const { services, body } = passed
    const { expires_at: given, ...input } = body
    const expiresAt = given ?? services.clock.now() + DAYS * DAY_MS
    const { key, token } = await createKey(actingFor(passed), { ...input, expiresAt })
    return { key: told(key), token }
  },
})

const revoke = restRoute({
  method: 'DELETE',
  url: '/auth/api-keys/:id',
  id: 'revokeApiKey',
  tag: 'auth',
  summary: 'Takes a key back, by its id or name; in force at once.',
  params: z.object({ id: z.string().min(1).max(64) }),
  answer: keySchema,
  handle: async (passed) => told(await revokeKey(actingFor(passed), passed.params.id)),
})

export const apiKeyRoutes: readonly Route[] = [list, create, revoke]

function told(key: ApiToken): Told<z.output<typeof keySchema>> {
  return {
    id: key.id,
    name: key.name,
    tenant: key.tenant,
    role: key.role,
    operations: key.operations ?? null,
    made_by: key.madeBy,
    created_at: iso(key.createdAt),
    expires_at: isoOrNull(key.expiresAt),
    last_used_at: isoOrNull(key.lastUsedAt),
  }
}
