import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { TLSSocket } from 'node:tls'
import type { EnrolledAgent } from '@vedette/store'
import { PublicError } from '../access/public-error.ts'
import { type AgentName, readAgentName } from '../authority/agent-name.ts'
import type { Services } from '../services.ts'
import { tellClone } from './tell-clone.ts'

/** An agent that came with a certificate which holds. */
export interface CertifiedAgent extends AgentName {
  readonly serial: string
  /** When the certificate ends. */
  readonly expiresAt: number
  readonly enrolled: EnrolledAgent
}

/**
 * Who is at the other end, by the certificate alone: one of this server's own authority, over TLS 1.3, of an agent that was
 * not removed. Left out where no certificate was shown.
 *
 * @param options `orMoved`: also one that another tenant took over, as an agent of that
 * @throws {PublicError} `unauthenticated` when it does not hold
 */
export async function certifiedAgent(
  socket: Socket | Duplex,
  services: Services,
  { orMoved = false }: { readonly orMoved?: boolean } = {},
): Promise<CertifiedAgent | undefined> {
  const { authority, state, clock, log } = services
  if (!(socket instanceof TLSSocket) || authority === undefined) return undefined
  const certificate = socket.getPeerX509Certificate()
  if (certificate === undefined) return undefined
  const refuse = (reason: string): never => {
    log.warn({ address: socket.remoteAddress, reason }, 'a certificate of an agent is refused')
    throw new PublicError('unauthenticated', 'This certificate opens nothing here')
  }
  const reason = socket.authorized ? undefined : String(socket.authorizationError)
  if (reason !== undefined && reason !== 'CERT_REVOKED') return refuse(reason)
  if (socket.getProtocol() !== 'TLSv1.3') return refuse('an older TLS')
  const name = readAgentName(certificate.subjectAltName, authority.serverId)
  if (name === undefined) return refuse('it names no agent of this server')
  // Of one on the list, OpenSSL tells no more than that it is on it.
  if (reason !== undefined && !certificate.verify(authority.publicKey)) return refuse('it is forged')
  const serial = certificate.serialNumber.toLowerCase()
  const own = state.of(name.tenant).enrolments
  const [enrolled, kept] = await Promise.all([own.get(name.agent), own.certificate(name.agent, serial)])
  // One that we signed and do not know: the state is older than the key, so nobody can say what was revoked.
  if (enrolled === undefined || kept === undefined) return refuse('it is not known')
  if (
    orMoved &&
    enrolled.movedTo !== undefined &&
    kept.reason === 'removed' &&
    kept.expiresAt > clock.now()
  ) {
    const there = await state.of(enrolled.movedTo).enrolments.get(name.agent)
    if (there?.state === 'active') {
      return { ...name, tenant: enrolled.movedTo, serial, expiresAt: kept.expiresAt, enrolled: there }
    }
  }
  if (enrolled.state === 'removed') return refuse('the agent was removed')
  if (kept.revokedAt !== undefined) {
    // Its owner has a newer one, and has shown it: who comes with this one copied it.
    await tellClone(services, name, socket.remoteAddress ?? '', 'a certificate that was replaced')
    return refuse('it was replaced by a newer one')
  }
  if (reason !== undefined) return refuse(reason)
  if (kept.expiresAt <= clock.now()) return refuse('it expired')
  return { ...name, serial, expiresAt: kept.expiresAt, enrolled }
}
