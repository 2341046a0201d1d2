import type { Route } from '../../http/route.ts'
import { createOwnKey, revokeOwnKey } from '../../people/keys.ts'
import { done, iso } from '../forms.ts'
import { restRoute } from '../rest-route.ts'
import { keySchema, newKeySchema, revokeKeySchema } from './forms.ts'
import { confirmed, personOf } from './person.ts'

const DAY_MS = 86_400_000

const create = restRoute({
  method: 'POST',
  url: '/auth/keys',
  id: 'createOwnKey',
  tag: 'auth',
  summary: "Makes a key of one's own: never more than its owner is. Its text is told once.",
  body: newKeySchema,
  answer: keySchema,
  async handle(passed) {
    const { services, body } = passed
    const person = personOf(passed)
    await confirmed(services, person, body.password)
    const expiresAt = services.clock.now() + body.days * DAY_MS
    const { key, token } = await createOwnKey(services, person, { ...body, expiresAt })
    return { id: key.id, name: key.name, token, expires_at: iso(expiresAt) }
  },
})

const revoke = restRoute({
  method: 'POST',
  url: '/auth/keys/revoke',
  id: 'revokeOwnKey',
  tag: 'auth',
  summary: "Takes back a key of one's own.",
  body: revokeKeySchema,
  answer: done,
  async handle(passed) {
    await revokeOwnKey(passed.services, personOf(passed), passed.body.id)
    return {}
  },
})

export const ownKeyRoutes: readonly Route[] = [create, revoke]
