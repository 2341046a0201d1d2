import type { TenantId } from '@vedette/model'
import { z } from 'zod'
import { PublicError } from '../../access/public-error.ts'
import type { Route } from '../../http/route.ts'
import { FIRST_TENANT } from '../../people/manager.ts'
import { setPassword } from './accounts.ts'
import { parse } from './parse.ts'
import { confirmed, personOf } from './person.ts'

const passwordSchema = z.strictObject({ password: z.string().max(4096), new_password: z.string().max(4096) })
const endSchema = z.strictObject({
  id: z
    .string()
    .regex(/^[0-9a-f]{16}$/)
    .optional(),
})
const tenantSchema = z.strictObject({ tenant: z.string().min(1).max(64) })

/** Whoever is signed in: their second factor, tenants and sessions. */
const account: Route = {
  method: 'GET',
  url: '/auth/account',
  async handle(passed) {
    const { services } = passed
    const { organisation, id, tenant, credential } = personOf(passed)
    const people = services.state.of(organisation)
    const [own, factor, sessions, tenants] = await Promise.all([
      people.accounts.get(id),
      people.secondFactors.get(id),
      people.sessions.list(id, services.clock.now()),
      people.tenants.list(),
    ])
    const names = new Map(tenants.map((each) => [each.id, each.name])).set(organisation, FIRST_TENANT)
    return {
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
        created_at: new Date(each.createdAt).toISOString(),
        expires_at: new Date(each.expiresAt).toISOString(),
        address: each.address,
        program: each.program,
      })),
    }
  },
}

/** Sets another password; all other sessions end. */
const password: Route = {
  method: 'POST',
  url: '/auth/password',
  async handle(passed) {
    const { services, request } = passed
    const person = personOf(passed)
    const { password: before, new_password: next } = parse(passwordSchema, request.body)
    const own = await confirmed(services, person, before)
    await setPassword(services, own, next, before)
    const { sessions } = services.state.of(own.tenant)
    const ended = await sessions.revokeAll(own.id, person.credential.hash)
    for (const hash of ended) services.openSockets.closeOf(hash)
    return { sessions_ended: ended.length }
  },
}

/** Ends one of one's own sessions, or all but this one. */
const endSessions: Route = {
  method: 'POST',
  url: '/auth/sessions/end',
  async handle(passed) {
    const { services, request } = passed
    const { organisation, id, name, credential } = personOf(passed)
    const { id: wanted } = parse(endSchema, request.body)
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
}

/** Turns the session to another tenant in which its owner has a role. Open sockets close and come again. */
const turn: Route = {
  method: 'POST',
  url: '/auth/tenant',
  async handle(passed) {
    const { services, request } = passed
    const { organisation, id, name, credential } = personOf(passed)
    const { tenant } = parse(tenantSchema, request.body)
    const people = services.state.of(organisation)
    const own = await people.accounts.get(id)
    const role = own?.roles.find((each) => each.tenant === tenant)
    if (!role) throw new PublicError('not-found', 'You have no role in such a tenant')
    const act = { actor: name, action: 'session.turn', target: `tenant ${role.tenant}`, detail: {} }
    await services.audited.act(act, () => people.sessions.turn(credential.hash, tenant as TenantId))
    services.openSockets.closeOf(credential.hash)
    return { tenant: role.tenant, role: role.role }
  },
}

export const ownAccountRoutes: readonly Route[] = [account, password, endSessions, turn]
