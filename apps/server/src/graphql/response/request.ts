import { randomUUID } from 'node:crypto'
import { actionNames, type AlertId, type ResponseId, type ResponseRequest } from '@vedette/model'
import type { StoredResponse } from '@vedette/store'
import { PublicError } from '../../access/public-error.ts'
import { respond } from '../../respond/respond.ts'
import type { Context } from '../context.ts'
import { knownHost } from '../host/known-host.ts'
import { boundedText } from '../page.ts'

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
 * Asks for a response as the viewer.
 *
 * @throws {PublicError} `bad-input`, `not-found`, and what `respond` throws
 */
export async function requestResponse(
  context: Context,
  input: ResponseInput,
  execute: boolean,
): Promise<StoredResponse> {
  const host = await knownHost(context, input.host)
  const request = await readRequest(context, input, execute)
  return respond(context.services, context.tenant, host.id, request)
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
    action,
    target: { pid: input.pid, ...(startTicks !== undefined && { startTicks }) },
    tree: input.tree ?? false,
    execute,
    leaseMs: leaseSeconds * 1000,
    actor: viewer.name,
    reason: boundedText('reason', input.reason, 2000),
    ...(alert !== undefined && { alert: alert as AlertId }),
  }
}

function bad(field: keyof ResponseInput, expected: string): PublicError {
  return new PublicError('bad-input', `${field}: ${expected}`)
}
