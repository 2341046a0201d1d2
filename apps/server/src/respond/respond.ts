import type { AgentId, IncidentEntry, ResponseRequest, TenantId } from '@vedette/model'
import type { AuditEntry, StoredResponse } from '@vedette/store'
import type { Services } from '../services.ts'

/** An agent looks at one process tree: it answers in milliseconds, or something is wrong. */
const ANSWER_WITHIN_MS = 15_000

/**
 * Asks a host's agent to show what an action would touch, or to do it. What is done is written down before it is asked
 * for, and kept from then on, so that an answer that is lost does not hide it. A preview is neither.
 *
 * @throws {PublicError} `host-silent`, `no-answer`, `busy`, `audit-failed`
 */
export async function respond(
  services: Services,
  tenant: TenantId,
  host: AgentId,
  request: ResponseRequest,
): Promise<StoredResponse> {
  const { fleet, audited, clock } = services
  const { responses } = services.state.of(tenant)
  const { id, action, target, tree, actor, reason, alert } = request
  const kept = { id, agent: host, action, actor, reason, ...(alert && { alert }) }
  const ask = async (): Promise<StoredResponse> => ({
    ...(await fleet.respond(tenant, host, request, ANSWER_WITHIN_MS)),
    ...kept,
  })
  if (!request.execute) return ask()

  const done = await audited.act(
    {
      actor,
      action: `respond.${action}`,
      target: `host ${host}, process ${target.pid}`,
      detail: { response: id, tree, reason, start_ticks: target.startTicks ?? null, alert: alert ?? null },
    },
    async () => {
      await responses.put({
        ...kept,
        outcome: 'failed',
        summary: 'The agent has not answered yet; it may still act',
        affected: [],
        time: clock.now(),
      })
      const answer = await ask()
      await responses.put(answer)
      return answer
    },
    ({ outcome }) => auditOutcome(outcome),
  )
  await noteOnIncident(services, tenant, done)
  return done
}

function auditOutcome(outcome: StoredResponse['outcome']): AuditEntry['outcome'] {
  return outcome === 'preview' || outcome === 'would_have' ? 'done' : outcome
}

/** What was done about an alert belongs to its story. */
async function noteOnIncident(
  { state, bus }: Services,
  tenant: TenantId,
  { alert, actor, summary, time }: StoredResponse,
): Promise<void> {
  const { alerts, incidents } = state.of(tenant)
  const incident = alert === undefined ? undefined : (await alerts.get(alert))?.incident
  if (incident === undefined) return
  const entry: IncidentEntry = { time, actor, action: 'response', text: summary }
  const changed = await incidents.note(incident, entry)
  if (changed) bus.publish('incident', changed)
}
