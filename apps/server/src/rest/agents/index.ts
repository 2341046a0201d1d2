import { randomBytes } from 'node:crypto'
import type { AgentId } from '@vedette/model'
import type { EnrolledAgent, EnrolmentSecret, PendingAgent } from '@vedette/store'
import { z } from 'zod'
import { newToken, tokenHash } from '../../access/token.ts'
import { PublicError } from '../../access/public-error.ts'
import { type Passed, type Route, signedIn } from '../../http/route.ts'

const DAY_MS = 86_400_000
const idSchema = z.string().regex(/^[0-9a-f]{16}$/)
const secretSchema = z.strictObject({
  uses: z.int().min(1).max(100_000).default(1),
  /** At most a week: what lets agents in should not lie about. */
  valid_minutes: z
    .int()
    .min(1)
    .max(7 * 24 * 60)
    .default(60),
})

const moveSchema = z.strictObject({ secret: z.string().min(16).max(512) })

const list: Route = {
  method: 'GET',
  url: '/agents',
  async handle(passed) {
    const { enrolments } = own(passed)
    const [agents, pending] = await Promise.all([enrolments.list(), enrolments.pending()])
    return { agents: agents.map((agent) => told(passed, agent)), pending: pending.map(waiting) }
  },
}

const show: Route = {
  method: 'GET',
  url: '/agents/:id',
  async handle(passed) {
    const agent = await own(passed).enrolments.get(idOf(passed))
    if (agent === undefined) throw none()
    return told(passed, agent)
  },
}

/** Takes effect at once on its open connection; it does not come back but by a new enrolment. */
const remove: Route = {
  method: 'POST',
  url: '/agents/:id/remove',
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
    services.silence.forget(id)
    return told(passed, removed)
  },
}

/** Hands it to the tenant whose enrolment secret is shown, which is what says that it may come there. */
const move: Route = {
  method: 'POST',
  url: '/agents/:id/move',
  limit: ({ limits }) => limits.enrolment,
  async handle(passed) {
    const { services, request } = passed
    const viewer = signedIn(passed)
    const id = idOf(passed)
    const parsed = moveSchema.safeParse(request.body)
    if (!parsed.success)
      throw new PublicError('bad-input', 'secret: expected an enrolment secret of the other tenant')
    const agent = await own(passed).enrolments.get(id)
    if (agent?.state !== 'active') throw none()
    const hash = tokenHash(parsed.data.secret)
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
    services.silence.forget(id)
    return { id, moved_to: secret.tenant }
  },
}

const approve: Route = {
  method: 'POST',
  url: '/agents/:id/approve',
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
}

const refuse: Route = {
  method: 'POST',
  url: '/agents/:id/refuse',
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
}

const secrets: Route = {
  method: 'GET',
  url: '/agents/secrets',
  handle: async (passed) => ({ secrets: (await own(passed).enrolments.secrets()).map(secretTold) }),
}

/** The secret itself is told once, here. */
const addSecret: Route = {
  method: 'POST',
  url: '/agents/secrets',
  async handle(passed) {
    const { services, request } = passed
    const viewer = signedIn(passed)
    const parsed = secretSchema.safeParse(request.body ?? {})
    if (!parsed.success) {
      const [issue] = parsed.error.issues
      throw new PublicError('bad-input', `${issue?.path.join('.') || 'body'}: ${issue?.message ?? 'wrong'}`)
    }
    if (services.authority === undefined) {
      throw new PublicError('not-open', 'No agent can come in: set api.agents_listen, such as 0.0.0.0:8443')
    }
    const now = services.clock.now()
    const { uses, valid_minutes: minutes } = parsed.data
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
      expires_at: new Date(expiresAt).toISOString(),
      server: services.agentsUrl() ?? null,
      ca_fingerprint: services.authority.fingerprint,
    }
  },
}

const revokeSecret: Route = {
  method: 'POST',
  url: '/agents/secrets/:id/revoke',
  async handle(passed) {
    const id = z
      .string()
      .regex(/^[0-9a-f]{8}$/)
      .safeParse((passed.request.params as { id: string }).id)
    if (!id.success) throw new PublicError('not-found', 'There is no such secret')
    const wasThere = await passed.services.audited.act(
      {
        actor: signedIn(passed).name,
        action: 'agent.secret.revoke',
        target: `secret ${id.data}`,
        detail: {},
      },
      () => own(passed).enrolments.revokeSecret(id.data),
      (found) => (found ? 'done' : 'refused'),
    )
    if (!wasThere) throw new PublicError('not-found', 'There is no such secret')
    return { revoked: id.data }
  },
}

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

function idOf({ request }: Passed): AgentId {
  const id = idSchema.safeParse((request.params as { id: string }).id)
  if (!id.success) throw none()
  return id.data as AgentId
}

async function waitingOne(passed: Passed): Promise<PendingAgent> {
  const id = idOf(passed)
  const pending = (await own(passed).enrolments.pending()).find((agent) => agent.id === id)
  if (pending === undefined) throw new PublicError('not-found', 'No such agent waits')
  return pending
}

function none(): PublicError {
  return new PublicError('not-found', 'There is no such agent')
}

const iso = (time: number | undefined) => (time === undefined ? null : new Date(time).toISOString())

function told({ services, viewer }: Passed, agent: EnrolledAgent) {
  const isHere = viewer !== undefined && services.fleet.isReporting(viewer.tenant, agent.id)
  return {
    id: agent.id,
    hostname: agent.hostname,
    state: agent.state === 'removed' ? 'removed' : isHere ? 'connected' : 'away',
    key: `sha256:${agent.keyHash}`,
    enrolled_at: iso(agent.enrolledAt),
    enrolled_by: agent.enrolledBy,
    last_seen: iso(agent.lastSeen),
    removed_at: iso(agent.removedAt),
    moved_to: agent.movedTo ?? null,
    certificate:
      agent.certificate === undefined
        ? null
        : {
            serial: agent.certificate.serial,
            issued_at: iso(agent.certificate.issuedAt),
            expires_at: iso(agent.certificate.expiresAt),
            revoked_at: iso(agent.certificate.revokedAt),
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
