import { z } from 'zod'
import type { Route } from '../../http/route.ts'
import { createOwnKey, revokeOwnKey } from '../../people/keys.ts'
import { parse } from './parse.ts'
import { confirmed, personOf } from './person.ts'

const DAY_MS = 86_400_000

const createSchema = z.strictObject({
  name: z.string().max(64),
  days: z.int().min(1).max(366),
  /** Such as `Query.alert`, `GET /indicators/*`. Left out: all that the role may do. */
  operations: z.array(z.string().max(100)).min(1).max(100).optional(),
  password: z.string().max(4096),
})
const revokeSchema = z.strictObject({ id: z.string().max(64) })

/** Makes a key of one's own. Its text is told once. */
const create: Route = {
  method: 'POST',
  url: '/auth/keys',
  async handle(passed) {
    const { services, request } = passed
    const person = personOf(passed)
    const { name, days, operations, password } = parse(createSchema, request.body)
    await confirmed(services, person, password)
    const expiresAt = services.clock.now() + days * DAY_MS
    const { key, token } = await createOwnKey(services, person, { name, operations, expiresAt })
    return { id: key.id, name: key.name, token, expires_at: new Date(expiresAt).toISOString() }
  },
}

const revoke: Route = {
  method: 'POST',
  url: '/auth/keys/revoke',
  async handle(passed) {
    await revokeOwnKey(passed.services, personOf(passed), parse(revokeSchema, passed.request.body).id)
    return {}
  },
}

export const ownKeyRoutes: readonly Route[] = [create, revoke]
