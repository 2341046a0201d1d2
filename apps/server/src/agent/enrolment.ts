import { randomBytes } from 'node:crypto'
import { type AgentId, DEFAULT_TENANT, type TenantId } from '@vedette/model'
import type { EnrolledAgent } from '@vedette/store'
import { z } from 'zod'
import { PublicError } from '../access/public-error.ts'
import { tokenHash } from '../access/token.ts'
import type { Authority, CertificateRequest } from '../authority/authority.ts'
import type { Services } from '../services.ts'
import type { CertifiedAgent } from './certified.ts'

const request = z.string().max(4096)

/** What an agent sends to be enrolled. */
export const enrolSchema = z.strictObject({
  /** Left out, somebody has to approve it. */
  secret: z.string().min(16).max(512).optional(),
  /** PKCS #10, PEM; made with the key that the host keeps. */
  csr: request,
  hostname: z.string().min(1).max(255),
  /** SHA-256 of what names the machine, so that a copy is noticed; empty where nothing does. */
  machine_id: z
    .string()
    .regex(/^(?:[0-9a-f]{64})?$/)
    .default(''),
})

export const renewSchema = z.strictObject({ csr: request })

/** What an agent is told: a certificate, or that it has to wait. */
export type EnrolAnswer =
  | {
      readonly state: 'enrolled'
      readonly agent: AgentId
      readonly tenant: TenantId
      readonly certificate: string
      /** The authority's, PEM: the only one that the agent trusts from now on. */
      readonly authority: string
      readonly expires_at: string
    }
  | { readonly state: 'pending'; readonly agent: AgentId; readonly key: string }

/**
 * Lets an agent in. The same key again, as after an answer that was lost, gets a certificate for the same agent and uses
 * nothing up.
 *
 * @throws {PublicError} `bad-input`, `enrolment-refused`, `busy`
 */
export async function enrol(
  services: Services,
  body: z.output<typeof enrolSchema>,
  address: string,
): Promise<EnrolAnswer> {
  const authority = authorityOf(services)
  const asked = await readRequest(authority, body.csr)
  const { keyHash } = asked
  const hash = body.secret === undefined ? undefined : tokenHash(body.secret)
  const secret = hash === undefined ? undefined : await services.state.credentials.enrolmentSecret(hash)
  if (hash !== undefined && secret === undefined) throw refused(services, address, 'it is not known')
  const tenant = secret?.tenant ?? DEFAULT_TENANT
  const { enrolments } = services.state.of(tenant)
  const before = await enrolments.byKey(keyHash)
  if (before?.state === 'removed') throw refused(services, address, 'the agent was removed')
  if (before) {
    const detail = { tenant, hostname: before.hostname, address, key: keyHash }
    return services.audited.act(
      { actor: `agent ${before.id}`, action: 'agent.enrol', target: before.id, detail },
      () => certify(services, asked, tenant, before),
    )
  }

  const id = randomBytes(8).toString('hex') as AgentId
  const agent = { id, hostname: body.hostname, machineId: body.machine_id, keyHash }
  if (hash === undefined || secret?.needsApproval === true) {
    const waits = (await enrolments.pending()).some((one) => one.keyHash === keyHash)
    const now = services.clock.now()
    if (hash !== undefined && !waits && !(await enrolments.use(hash, now))) {
      throw refused(services, address, 'it is used up or expired')
    }
    const waiting = await enrolments.ask({ ...agent, address, askedAt: services.clock.now() })
    if (waiting === 'full') throw new PublicError('busy', 'Too many agents wait to be approved')
    return { state: 'pending', agent: waiting.id, key: `sha256:${keyHash}` }
  }
  const enrolled = await services.audited.act(
    {
      actor: `secret ${secret?.id ?? ''}`,
      action: 'agent.enrol',
      target: id,
      detail: { tenant, hostname: body.hostname, address, key: keyHash },
    },
    () => enrolments.redeem(hash, agent, services.clock.now()),
    (result) => (result === undefined ? 'refused' : 'done'),
  )
  if (enrolled === undefined) throw refused(services, address, 'it is used up or expired')
  return certify(services, asked, tenant, enrolled)
}

/**
 * A new certificate for an agent that has one, for a new key.
 *
 * @throws {PublicError} `bad-input`, `unauthenticated`, `enrolment-refused`
 */
export async function renew(
  services: Services,
  { csr }: z.output<typeof renewSchema>,
  who: CertifiedAgent,
): Promise<EnrolAnswer> {
  const asked = await readRequest(authorityOf(services), csr)
  const owner = await services.state.of(who.tenant).enrolments.byKey(asked.keyHash)
  if (owner !== undefined && owner.id !== who.agent) {
    throw new PublicError('enrolment-refused', 'This key is of another agent')
  }
  return services.audited.act(
    {
      actor: `agent ${who.agent}`,
      action: 'agent.renew',
      target: who.agent,
      detail: { tenant: who.tenant, key: asked.keyHash },
    },
    () => certify(services, asked, who.tenant, who.enrolled),
  )
}

async function certify(
  services: Services,
  asked: CertificateRequest,
  tenant: TenantId,
  { id }: EnrolledAgent,
): Promise<EnrolAnswer> {
  const authority = authorityOf(services)
  const certificate = await authority.issue(asked, { tenant, agent: id }, services.certificateMs)
  const isKept = await services.state.of(tenant).enrolments.certify(id, asked.keyHash, certificate)
  if (!isKept) throw new PublicError('enrolment-refused', 'This agent was removed')
  return {
    state: 'enrolled',
    agent: id,
    tenant,
    certificate: certificate.pem,
    authority: authority.certificate,
    expires_at: new Date(certificate.expiresAt).toISOString(),
  }
}

function authorityOf({ authority }: Services): Authority {
  if (authority === undefined) throw new TypeError('agents are served without an authority')
  return authority
}

async function readRequest(authority: Authority, csr: string): Promise<CertificateRequest> {
  const asked = await authority.readRequest(csr)
  if (asked === undefined) {
    throw new PublicError('bad-input', 'csr: expected a PKCS #10 request, PEM, for an ECDSA key on P-256')
  }
  return asked
}

/** Strangers are told nothing that would help them guess. */
function refused({ log }: Services, address: string, reason: string): PublicError {
  log.warn({ address, reason }, 'an enrolment is refused')
  return new PublicError('enrolment-refused', 'This secret lets nobody in, or not this agent')
}
