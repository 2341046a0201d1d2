import type { AgentId, TenantId } from '@vedette/model'

/** Who an agent is, as its certificate says. */
export interface AgentName {
  readonly tenant: TenantId
  readonly agent: AgentId
}

const NAME = /^URI:vedette:\/\/([0-9a-f]{32})\/tenant\/([A-Za-z0-9-]{1,64})\/agent\/([0-9a-f]{16})$/

/** The URI in an agent's certificate (RFC 5280, 4.2.1.6). */
export function agentUri(server: string, { tenant, agent }: AgentName): string {
  return `vedette://${server}/tenant/${tenant}/agent/${agent}`
}

/** The URI in a server's certificate, by which an agent knows it whatever its address is. */
export function serverUri(server: string): string {
  return `vedette://${server}/server`
}

/**
 * Reads a subject alternative name as Node writes it. Left out unless it is one URI and nothing else, of an agent of this
 * server.
 */
export function readAgentName(subjectAltName: string | undefined, server: string): AgentName | undefined {
  const found = NAME.exec(subjectAltName ?? '')
  const [, issuer, tenant, agent] = found ?? []
  if (issuer !== server || tenant === undefined || agent === undefined) return undefined
  return { tenant: tenant as TenantId, agent: agent as AgentId }
}
