import { randomUUID } from 'node:crypto'
import {
  type ActionName,
  actionNames,
  type AlertId,
  type IncidentEntry,
  type ResponseId,
  type ResponseRequest,
} from '@vedette/model'
import type { AuditEntry, StoredResponse } from '@vedette/store'
import { PublicError } from '../../access/public-error.ts'
import type { Context } from '../context.ts'
import { knownHost } from '../host/known-host.ts'
import { boundedText } from '../page.ts'

/** An agent looks at one process tree: it answers in milliseconds, or something is wrong. */
const ANSWER_WITHIN_MS = 15_000

export interface ResponseInput {
  readonly action: string
  readonly host: string
  readonly pid: number
  readonly start_ticks?: number | null | undefined
  readonly tree?: boolean | null | undefined
  readonly lease_seconds?: number | null | undefined
  readonly reason: string
  readonly alert_id?: string | null | undefined
}

/**
 * Asks a host's agent to show what an action would touch, or to do it. What is done is written down before it is asked
 * for, and kept from then on, so that an answer that is lost does not hide it.
 *
 * @throws {PublicError} `bad-input`, `not-found`, `host-silent`, `no-answer`, `audit-failed`
 */
export async function respond(
  context: Context,
  input: ResponseInput,
  execute: boolean,
): Promise<StoredResponse> {
  const { services, tenant, viewer, state } = context
  const host = await knownHost(context, input.host)
  const request = await readRequest(context, input, execute)
  const kept = {
    actor: request.actor,
    reason: request.reason,
    ...(request.alert && { alert: request.alert }),
  }
  const ask = async () => {
    const result = await services.fleet.respond(tenant, host.id, request, ANSWER_WITHIN_MS)
    return { ...result, agent: host.id, id: request.id, ...kept }
  }
  if (!execute) return ask()

  const pending: StoredResponse = {
    id: request.id,
    agent: host.id,
    action: request.action,
    outcome: 'failed',
    summary: 'The agent has not answered yet; it may still act',
    affected: [],
    time: services.clock.now(),
    ...kept,
  }
  const done = await services.audited.act(
    {
      actor: viewer.name,
      action: `respond.${request.action}`,
      target: `host ${host.id}, process ${request.target.pid}`,
      detail: {
        response: request.id,
        tree: request.tree,
        reason: request.reason,
        start_ticks: request.target.startTicks ?? null,
        alert: request.alert ?? null,
      },
    },
    async () => {
      await state.responses.put(pending)
      const answer = await ask()
      await state.responses.put(answer)
      return answer
    },
    ({ outcome }) => auditOutcome(outcome),
  )
  await noteOnIncident(context, done)
  return done
}

function auditOutcome(outcome: StoredResponse['outcome']): AuditEntry['outcome'] {
  return outcome === 'preview' || outcome === 'would_have' ? 'done' : outcome
}

async function readRequest(
  { viewer, state }: Context,
  input: ResponseInput,
  execute: boolean,
): Promise<ResponseRequest> {
  const action = actionNames.find((name) => name === input.action)
  if (action === undefined) throw bad('action', `expected one of ${actionNames.join(', ')}`)
  if (input.pid < 1) throw bad('pid', 'expected 1 or more')
  const startTicks = input.start_ticks ?? undefined
  if (startTicks !== undefined && !(Number.isSafeInteger(startTicks) && startTicks >= 0)) {
    throw bad('start_ticks', 'expected a whole number of clock ticks')
  }
  const leaseSeconds = input.lease_seconds ?? 600
  if (leaseSeconds < 1 || leaseSeconds > 86_400) throw bad('lease_seconds', 'expected 1 to 86400')
  const alert = input.alert_id ?? undefined
  if (alert !== undefined && !(await state.alerts.get(alert as AlertId))) {
    throw new PublicError('not-found', 'There is no such alert')
  }
  return {
    id: randomUUID() as ResponseId,
    action: action satisfies ActionName,
    target: { pid: input.pid, ...(startTicks !== undefined && { startTicks }) },
    tree: input.tree ?? false,
    execute,
    leaseMs: leaseSeconds * 1000,
    actor: viewer.name,
    reason: boundedText('reason', input.reason, 2000),
    ...(alert !== undefined && { alert: alert as AlertId }),
  }
}

/** What was done about an alert belongs to its story. */
async function noteOnIncident(
  { services, state }: Context,
  { alert, actor, summary, time }: StoredResponse,
): Promise<void> {
  const incident = alert === undefined ? undefined : (await state.alerts.get(alert))?.incident
  if (incident === undefined) return
  const entry: IncidentEntry = { time, actor, action: 'response', text: summary }
  const changed = await state.incidents.note(incident, entry)
  if (changed) services.bus.publish('incident', changed)
}

function bad(field: keyof ResponseInput, expected: string): PublicError {
  return new PublicError('bad-input', `${field}: ${expected}`)
}
