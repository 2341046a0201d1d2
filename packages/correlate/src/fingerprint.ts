import { createHash } from 'node:crypto'
import type { AlertId, Detection, IncidentId, TenantId } from '@vedette/model'
import { treeRoot } from './process-tree.ts'

/**
 * What detections have in common that are repeats of each other: the rule, the host, the entity, and the program at the
 * root of the process tree. So a job that cron starts each hour repeats itself, while two services that were broken into
 * are two alerts although both start the same shell. 32 hex digits.
 */
export function fingerprintOf({ rule, device, entity, process }: Detection): string {
  const root = process && treeRoot(process)
  return digest(['alert', rule.id, device.uid, entity, root?.path ?? root?.name ?? '']).slice(0, 32)
}

/** Made of the alert that opens it, so that the same alerts make the same incident again. 32 hex digits. */
export function incidentIdOf(tenant: TenantId, alert: AlertId): IncidentId {
  return digest(['incident', tenant, alert]).slice(0, 32) as IncidentId
}

function digest(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}

/** Where in a run of an agent a detection was made: run and number of its last event, as its id tells them. */
export function positionOf({
  events,
}: Detection): { readonly run: string; readonly number: number } | undefined {
  const match = /-([0-9a-f]{16})-(\d{1,15})$/.exec(events.at(-1)?.id ?? '')
  return match?.[1] === undefined ? undefined : { run: match[1], number: Number(match[2]) }
}
