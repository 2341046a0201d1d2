import type { AgentName } from '../authority/agent-name.ts'
import type { Services } from '../services.ts'

/**
 * Writes down that somebody came with a copy of an agent's identity and was refused, and raises an alert of it, at most once
 * a minute.
 *
 * @throws {PublicError} `audit-failed`
 */
export async function tellClone(
  { audited, silence, log }: Services,
  { tenant, agent }: AgentName,
  address: string,
  reason: string,
): Promise<void> {
  log.error({ agent, address, reason }, 'an agent was cloned')
  await audited.record({
    actor: `agent ${agent}`,
    action: 'agent.cloned',
    target: agent,
    outcome: 'refused',
    detail: { address, reason },
  })
  await silence.cloned(tenant, agent, reason)
}
