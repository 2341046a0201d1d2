import { createHash } from 'node:crypto'
import type { AlertId, Detection, IncidentId, TenantId } from '@vedette/model'

/** What detections have in common that are repeats of each other: the rule, the host and the entity. 32 hex digits. */
export function fingerprintOf({ rule, device, entity }: Detection): string {
  return digest(['alert', rule.id, device.uid, entity]).slice(0, 32)
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
