import { randomBytes } from 'node:crypto'
import type { AgentId } from '@vedette/model'
import { DEFAULT_TENANT } from '@vedette/model'
import { certificateRequest, newKey } from '../../../apps/agent/src/certificate-request.ts'
import { type Identity, machineId } from '../../../apps/agent/src/identity.ts'
import { newToken, tokenHash } from '../../../apps/server/src/access/token.ts'
import type { RunningServer } from '../../../apps/server/src/start.ts'

const AT_A_TIME = 8

/** An agent as it was let in; where its server is stands in the identity. */
export interface FleetMember {
  readonly identity: Identity
  readonly hostname: string
  readonly run: string
}

/**
 * Lets so many agents in, as enrolment does, without its limit of two a second: keys of their own, requests signed with them,
 * certificates of the server's authority, each known to its state.
 */
export async function makeMembers(
  { agentsUrl = '', services }: Pick<RunningServer, 'agentsUrl' | 'services'>,
  count: number,
): Promise<FleetMember[]> {
  const { authority, state, clock, certificateMs } = services
  if (authority === undefined) throw new Error('the server takes no agents')
  const { enrolments } = state.of(DEFAULT_TENANT)
  const hash = tokenHash(newToken())
  const now = clock.now()
  await enrolments.addSecret(
    hash,
    { id: 'fleet', createdBy: 'R10', expiresAt: now + 3_600_000, uses: count },
    now,
  )
  const members: FleetMember[] = []
  let next = 0
  const work = async () => {
    while (next < count) {
      const number = next
      next += 1
      const key = newKey()
      const asked = await authority.readRequest(certificateRequest(key))
      if (asked === undefined) throw new Error('a request is refused')
      const { keyHash } = asked
      const id = randomBytes(8).toString('hex') as AgentId
      const hostname = `host-${number}`
      const enrolled = await enrolments.redeem(hash, { id, hostname, machineId: machineId(), keyHash }, now)
      if (enrolled === undefined) throw new Error('an agent is not let in')
      const certificate = await authority.issue(asked, { tenant: DEFAULT_TENANT, agent: id }, certificateMs)
      await enrolments.certify(id, keyHash, certificate)
      members.push({
        hostname,
        run: randomBytes(8).toString('hex'),
        identity: {
          server: agentsUrl,
          agent: id,
          tenant: DEFAULT_TENANT,
          key,
          certificate: certificate.pem,
          authority: authority.certificate,
          obtained_at: now,
        },
      })
    }
  }
  await Promise.all(Array.from({ length: AT_A_TIME }, work))
  return members
}
