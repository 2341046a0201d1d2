import type { TenantId } from '@vedette/model'
import { PublicError } from '../../access/public-error.ts'
import type { Route } from '../../http/route.ts'
import { ownKeys } from '../../people/keys.ts'
import { FIRST_TENANT } from '../../people/manager.ts'
import { iso, isoOrNull } from '../forms.ts'
import { restRoute } from '../rest-route.ts'
import { setPassword } from './accounts.ts'
import { accountSchema, endedSchema, endSchema, passwordSchema, tenantSchema, turnedSchema } from './forms.ts'
import { confirmed, personOf } from './person.ts'

const account = restRoute({
  method: 'GET',
  url: '/auth/account',
  id: 'getOwnAccount',
  tag: 'auth',
  summary: 'Whoever is signed in: their second factor, tenants and sessions.',
  answer: accountSchema,
  async handle(passed) {
    const { services } = passed
    const person = personOf(passed)
    const { organisation, id, tenant, credential } = person
    const people = services.state.of(organisation)
    const [own, factor, sessions, tenants, keys, passkeys] = await Promise.all([
      people.accounts.get(id),
      people.secondFactors.get(id),
      people.sessions.list(id, services.clock.now()),
      people.tenants.list(),
      ownKeys(services, person),
      people.passkeys.list(id),
    ])
    const names = new Map(tenants.map((each) => [each.id, each.name])).set(organisation, FIRST_TENANT)
    return {
      has_password: own?.issuer === undefined,
      second_factor: factor?.confirmed === true ? { recovery_codes: factor.recoveryCodes } : null,
      tenants: (own?.roles ?? []).map((each) => ({
        id: each.tenant,
        name: names.get(each.tenant) ?? each.tenant,
        role: each.role,
        current: each.tenant === tenant,
      })),
      sessions: sessions.map((each) => ({
        id: each.id,
        current: each.tokenHash === credential.hash,
        created_at: iso(each.createdAt),
        expires_at: iso(each.expiresAt),
        address: each.address,
        program: each.program,
      })),
      passkeys: passkeys.map((each) => ({
        id: each.id,
        name: each.name,
        backed_up: each.backedUp,
        host: each.rpId,
        created_at: iso(each.createdAt),
        last_used: isoOrNull(each.lastUsed),
      })),
      keys: keys.map((each) => ({
        id: each.id,
        name: each.name,
        tenant: names.get(each.tenant) ?? each.tenant,
        operations: each.operations ? [...each.operations] : null,
        created_at: iso(each.createdAt),
        expires_at: isoOrNull(each.expiresAt),
        last_used_at: isoOrNull(each.lastUsedAt),
      })),
    }
  },
})

const password = restRoute({
  method: 'POST',
  url: '/auth/password',
  id: 'changePassword',
  tag: 'auth',
  summary: 'Sets another password; all other sessions end.',
  body: passwordSchema,
  answer: endedSchema,
  async handle(passed) {
    const { services, body } = passed
    const person = personOf(passed)
    const { password: before, new_password: next } = body
    const own = await confirmed(services, person, before)
    await setPassword(services, own, next, before)
    const { sessions } = services.state.of(own.tenant)
    const ended = await sessions.revokeAll(own.id, person.credential.hash)
    for (const hash of ended) services.openSockets.closeOf(hash)
    return { sessions_ended: ended.length }
  },
})

const endSessions = restRoute({
  method: 'POST',
  url: '/auth/sessions/end',
  id: 'endOwnSessions',
  tag: 'auth',
  summary: "Ends one of one's own sessions, or all but this one.",
  body: endSchema,
  answer: endedSchema,
  async handle(passed) {
    const { services, body } = passed
    const { organisation, id, name, credential } = personOf(passed)
    const { id: wanted } = body
    const { sessions } = services.state.of(organisation)
    const all = await sessions.list(id, services.clock.now())
    const ended = all.filter((each) =>
      wanted === undefined ? each.tokenHash !== credential.hash : each.id === wanted,
    )
    if (wanted !== undefined && ended.length === 0)
      throw new PublicError('not-found', 'There is no such session')
    const detail = { sessions: ended.map((each) => each.id) }
    await services.audited.act(
      { actor: name, action: 'session.revoke', target: 'session', detail },
      async () => {
        for (const { tokenHash } of ended) {
          await sessions.revoke(tokenHash)
          services.openSockets.closeOf(tokenHash)
        }
      },
    )
    return { sessions_ended: ended.length }
  },
})

const turn = restRoute({
  method: 'POST',
  url: '/auth/tenant',
  id: 'turnToTenant',
  tag: 'auth',
  summary: 'Turns the session to another tenant in which its owner has a role.',
  body: tenantSchema,
  answer: turnedSchema,
  async handle(passed) {
    const { services, body } = passed
    const { organisation, id, name, credential } = personOf(passed)
    const { tenant } = body
    const people = services.state.of(organisation)
    const own = await people.accounts.get(id)
    const role = own?.roles.find((each) => each.tenant === tenant)
    if (!role) throw new PublicError('not-found', 'You have no role in such a tenant')
    const act = { actor: name, action: 'session.turn', target: `tenant ${role.tenant}`, detail: {} }
    await services.audited.act(act, () => people.sessions.turn(credential.hash, tenant as TenantId))
    services.openSockets.closeOf(credential.hash)
    return { tenant: role.tenant, role: role.role }
  },
})

export const ownAccountRoutes: readonly Route[] = [account, password, endSessions, turn]
