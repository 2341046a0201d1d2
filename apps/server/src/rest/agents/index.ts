import { randomBytes } from 'node:crypto'
import type { AgentId } from '@vedette/model'
import type { EnrolledAgent, EnrolmentSecret, PendingAgent } from '@vedette/store'
import { z } from 'zod'
import { newToken, tokenHash } from '../../access/token.ts'
import { PublicError } from '../../access/public-error.ts'
import { type Passed, type Route, signedIn } from '../../http/route.ts'
import { cursorOf, placeOf } from '../cursor.ts'
import { iso, isoOrNull, pageQuery } from '../forms.ts'
import { restRoute } from '../rest-route.ts'
import {
  agentId,
  agentPage,
  agentSchema,
  moveSchema,
  movedSchema,
  newSecretSchema,
  pendingSchema,
  revokedSchema,
  secretId,
  secretList,
  secretSchema,
} from './forms.ts'

const DAY_MS = 86_400_000
const byId = z.object({ id: agentId })

const list = restRoute({
  method: 'GET',
  url: '/api/agents',
  id: 'listAgents',
  tag: 'agents',
  summary: 'Agents that enrolled, by host name, and those that wait for an approval.',
  query: z.strictObject({
    ...pageQuery,
    state: z.enum(['connected', 'away', 'removed']).optional().meta({ description: 'Only those.' }),
  }),
  answer: agentPage,
  async handle(passed) {
    const { enrolments } = own(passed)
    const { limit, cursor, state } = passed.query
    const [agents, pending] = await Promise.all([enrolments.list(), enrolments.pending()])
    const wanted = agents
      .map((agent) => told(passed, agent))
      .filter((agent) => state === undefined || agent.state === state)
      .sort(inOrder)
    const place = cursor === undefined ? undefined : placeOf(cursor, z.tuple([z.string(), z.string()]))
    const [hostname, id] = place ?? []
    const rest =
      hostname === undefined || id === undefined
        ? wanted
        : wanted.filter((agent) => inOrder(agent, { hostname, id }) > 0)
    const page = rest.slice(0, limit)
    const last = page.at(-1)
    return {
      agents: page,
      // Few, and they want to be seen: all of them stand on the first page.
      pending: cursor === undefined ? pending.map(waiting) : [],
      next_cursor: last && rest.length > limit ? cursorOf([last.hostname, last.id]) : null,
    }
  },
})

const show = restRoute({
  method: 'GET',
  url: '/api/agents/:id',
  id: 'getAgent',
  tag: 'agents',
  summary: 'One agent.',
  params: byId,
  answer: agentSchema,
  async handle(passed) {
    const agent = await own(passed).enrolments.get(idOf(passed))
    if (agent === undefined) throw none()
    return told(passed, agent)
  },
})

/** Takes effect at once on its open connection; it does not come back but by a new enrolment. */
const remove = restRoute({
  method: 'DELETE',
  url: '/api/agents/:id',
  id: 'removeAgent',
  tag: 'agents',
  summary: 'Removes an agent for good.',
  description: 'Takes effect at once on its open connection; it comes back by a new enrolment alone.',
  params: byId,
  answer: agentSchema,
  async handle(passed) {
    const { services } = passed
    const viewer = signedIn(passed)
    const id = idOf(passed)
    if ((await own(passed).enrolments.get(id))?.state !== 'active') throw none()
    const removed = await services.audited.act(
      { actor: viewer.name, action: 'agent.remove', target: id, detail: {} },
      () => own(passed).enrolments.remove(id, services.clock.now()),
      (result) => (result === undefined ? 'refused' : 'done'),
    )
    if (removed === undefined) throw none()
    await services.revocations?.look()
    services.fleet.end(viewer.tenant, id)
    services.silence.forget(viewer.tenant, id)
    return told(passed, removed)
  },
})

/** Hands it to the tenant whose enrolment secret is shown, which is what says that it may come there. */
const move = restRoute({
  method: 'POST',
  url: '/api/agents/:id/move',
  id: 'moveAgent',
  tag: 'agents',
  summary: 'Hands an agent to another tenant.',
  description: 'An enrolment secret of that tenant says that it may come there.',
  params: byId,
  body: moveSchema,
  answer: movedSchema,
  limit: ({ limits }) => limits.enrolment,
  async handle(passed) {
    const { services, body } = passed
    const viewer = signedIn(passed)
    const id = idOf(passed)
    const agent = await own(passed).enrolments.get(id)
    if (agent?.state !== 'active') throw none()
    const hash = tokenHash(body.secret)
    const secret = await services.state.credentials.enrolmentSecret(hash)
    if (secret === undefined || secret.tenant === viewer.tenant) {
      throw new PublicError('enrolment-refused', 'This is no enrolment secret of another tenant')
    }
    const now = services.clock.now()
    const detail = { to: secret.tenant, secret: secret.id, hostname: agent.hostname }
    await services.audited.act({ actor: viewer.name, action: 'agent.move', target: id, detail }, async () => {
      // There first: an agent that is of two tenants for a moment is better than one of none.
      const there = await services.state.of(secret.tenant).enrolments.redeem(hash, agent, now)
      if (there === undefined) throw new PublicError('enrolment-refused', 'This secret is used up or expired')
      await own(passed).enrolments.remove(id, now, secret.tenant)
    })
    await services.revocations?.look()
    services.fleet.end(viewer.tenant, id)
    services.silence.forget(viewer.tenant, id)
    return { id, moved_to: secret.tenant }
  },
})

const approve = restRoute({
  method: 'POST',
  url: '/api/agents/:id/approve',
  id: 'approveAgent',
  tag: 'agents',
  summary: 'Lets in an agent that waits.',
  params: byId,
  answer: agentSchema,
  async handle(passed) {
    const { services } = passed
    const viewer = signedIn(passed)
    const pending = await waitingOne(passed)
    const detail = { hostname: pending.hostname, address: pending.address, key: pending.keyHash }
    const approved = await services.audited.act(
      { actor: viewer.name, action: 'agent.approve', target: pending.id, detail },
      () => own(passed).enrolments.approve(pending.id, viewer.name, services.clock.now()),
      (result) => (result === undefined ? 'refused' : 'done'),
    )
    if (approved === undefined) throw none()
    return told(passed, approved)
  },
})

const refuse = restRoute({
  method: 'POST',
  url: '/api/agents/:id/refuse',
  id: 'refuseAgent',
  tag: 'agents',
  summary: 'Refuses an agent that waits.',
  params: byId,
  answer: pendingSchema,
  async handle(passed) {
    const pending = await waitingOne(passed)
    await passed.services.audited.act(
      {
        actor: signedIn(passed).name,
        action: 'agent.refuse',
        target: pending.id,
        detail: { hostname: pending.hostname, address: pending.address },
      },
      () => own(passed).enrolments.refuse(pending.id),
    )
    return waiting(pending)
  },
})

const secrets = restRoute({
  method: 'GET',
  url: '/api/agents/secrets',
  id: 'listEnrolmentSecrets',
  tag: 'agents',
  summary: 'Enrolment secrets that may still be used.',
  answer: secretList,
  handle: async (passed) => ({ secrets: (await own(passed).enrolments.secrets()).map(secretTold) }),
})

/** The secret itself is told once, here. */
const addSecret = restRoute({
  method: 'POST',
  url: '/api/agents/secrets',
  id: 'addEnrolmentSecret',
  tag: 'agents',
  summary: 'Makes a secret by which agents enrol.',
  description: 'The secret itself is told once, in this answer.',
  body: secretSchema,
  answer: newSecretSchema,
  async handle(passed) {
    const { services, body } = passed
    const viewer = signedIn(passed)
    if (services.authority === undefined) {
      throw new PublicError('not-open', 'No agent can come in: set api.agents_listen, such as 0.0.0.0:8443')
    }
    const now = services.clock.now()
    const { uses, valid_minutes: minutes } = body
    const id = randomBytes(4).toString('hex')
    const secret = newToken()
    const expiresAt = now + minutes * 60_000
    await services.audited.act(
      { actor: viewer.name, action: 'agent.secret.add', target: `secret ${id}`, detail: { uses, minutes } },
      async () => {
        // What nobody can use any more is not kept for ever.
        await own(passed).enrolments.sweep(now - 7 * DAY_MS)
        await own(passed).enrolments.addSecret(
          tokenHash(secret),
          { id, createdBy: viewer.name, expiresAt, uses },
          now,
        )
      },
    )
    return {
      id,
      secret,
      uses,
      expires_at: iso(expiresAt),
      server: services.agentsUrl() ?? null,
      ca_fingerprint: services.authority.fingerprint,
    }
  },
})

const revokeSecret = restRoute({
  method: 'DELETE',
  url: '/api/agents/secrets/:id',
  id: 'revokeEnrolmentSecret',
  tag: 'agents',
  summary: 'Takes an enrolment secret back.',
  params: z.object({ id: secretId }),
  answer: revokedSchema,
  async handle(passed) {
    const { id } = passed.params
    const wasThere = await passed.services.audited.act(
      {
        actor: signedIn(passed).name,
        action: 'agent.secret.revoke',
        target: `secret ${id}`,
        detail: {},
      },
      () => own(passed).enrolments.revokeSecret(id),
      (found) => (found ? 'done' : 'refused'),
    )
    if (!wasThere) throw new PublicError('not-found', 'There is no such secret')
    return { revoked: id }
  },
})

/** Agents of the viewer's tenant, and how new ones come in. */
export const fleetRoutes: readonly Route[] = [
  list,
  secrets,
  addSecret,
  revokeSecret,
  show,
  remove,
  move,
  approve,
  refuse,
]

function own(passed: Passed) {
  return passed.services.state.of(signedIn(passed).tenant)
}

function idOf({ params }: { readonly params: { readonly id: string } }): AgentId {
  return params.id as AgentId
}

async function waitingOne(
  passed: Passed & { readonly params: { readonly id: string } },
): Promise<PendingAgent> {
  const id = idOf(passed)
  const pending = (await own(passed).enrolments.pending()).find((agent) => agent.id === id)
  if (pending === undefined) throw new PublicError('not-found', 'No such agent waits')
  return pending
}

function none(): PublicError {
  return new PublicError('not-found', 'There is no such agent')
}

/** By host name; hosts of one name by id. */
function inOrder(a: AgentName, b: AgentName): number {
  return compare(a.hostname, b.hostname) || compare(a.id, b.id)
}

type AgentName = Readonly<Record<'hostname' | 'id', string>>

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

function told({ services, viewer }: Passed, agent: EnrolledAgent): z.output<typeof agentSchema> {
  const isHere = viewer !== undefined && services.fleet.isReporting(viewer.tenant, agent.id)
  return {
    id: agent.id,
    hostname: agent.hostname,
    state: agent.state === 'removed' ? 'removed' : isHere ? 'connected' : 'away',
    key: `sha256:${agent.keyHash}`,
    enrolled_at: iso(agent.enrolledAt),
    enrolled_by: agent.enrolledBy,
    last_seen: isoOrNull(agent.lastSeen),
    removed_at: isoOrNull(agent.removedAt),
    moved_to: agent.movedTo ?? null,
    certificate:
      agent.certificate === undefined
        ? null
        : {
            serial: agent.certificate.serial,
            issued_at: iso(agent.certificate.issuedAt),
            expires_at: iso(agent.certificate.expiresAt),
            revoked_at: isoOrNull(agent.certificate.revokedAt),
          },
  }
}

function waiting({ id, hostname, address, keyHash, askedAt }: PendingAgent) {
  return { id, hostname, address, key: `sha256:${keyHash}`, asked_at: iso(askedAt) }
}

function secretTold({ id, createdBy, createdAt, expiresAt, uses, usesLeft }: EnrolmentSecret) {
  return {
    id,
    created_by: createdBy,
    created_at: iso(createdAt),
    expires_at: iso(expiresAt),
    uses,
    uses_left: usesLeft,
  }
}
