import type { Alert, AlertId, CountedRuns, Event, TenantId } from '@vedette/model'
import type { Insertable, Selectable } from 'kysely'
import type { AlertTable } from '../database.ts'
import { storable } from '../storable.ts'
import { toTimestamp } from '../timestamps.ts'

/** Most events kept with an alert, and most text of them; the rest is counted in `event_count`. */
const MAX_EVENTS = 100
const MAX_EVENTS_LENGTH = 256 * 1024

/** Columns of an alert, without those that only searching needs. */
export const alertColumns = [
  'id',
  'tenant',
  'rule',
  'title',
  'time',
  'last_seen',
  'count',
  'suppressed',
  'status',
  'verdict',
  'assignee',
  'device',
  'process',
  'entity',
  'events',
  'event_count',
  'matches',
  'aggregate',
  'fingerprint',
  'incident',
  'risk',
] as const satisfies readonly (keyof AlertTable)[]

export type AlertRow = Pick<Selectable<AlertTable>, (typeof alertColumns)[number]>

export function alertFromRow(row: AlertRow): Alert {
  return {
    id: row.id as AlertId,
    tenant: row.tenant as TenantId,
    rule: row.rule,
    title: row.title,
    time: row.time,
    lastSeen: row.last_seen,
    count: row.count,
    status: row.status,
    device: row.device,
    entity: row.entity,
    events: row.events,
    eventCount: row.event_count,
    matches: row.matches,
    fingerprint: row.fingerprint,
    risk: row.risk,
    ...(row.suppressed > 0 && { suppressed: row.suppressed }),
    ...(row.verdict !== null && { verdict: row.verdict }),
    ...(row.assignee !== null && { assignee: row.assignee }),
    ...(row.process !== null && { process: row.process }),
    ...(row.aggregate !== null && { aggregate: row.aggregate }),
    ...(row.incident !== null && { incident: row.incident as NonNullable<Alert['incident']> }),
  }
}

export function alertToRow(
  tenant: TenantId,
  alert: Alert,
  counted: CountedRuns,
  openedAt: number,
): Insertable<AlertTable> {
  const { rule, device, process } = alert
  const searched = [
    alert.title,
    alert.entity,
    device.hostname,
    rule.id,
    rule.title,
    process?.name,
    process?.cmd_line,
  ]
  return {
    tenant,
    id: alert.id,
    rule_id: storable(rule.id, 200),
    rule: JSON.stringify(rule),
    title: storable(alert.title),
    severity: rule.severity,
    time: toTimestamp(alert.time),
    last_seen: toTimestamp(alert.lastSeen),
    count: alert.count,
    suppressed: alert.suppressed ?? 0,
    opened_at: toTimestamp(openedAt),
    status: alert.status,
    verdict: alert.verdict ?? null,
    assignee: alert.assignee ?? null,
    host: device.uid,
    device: JSON.stringify(device),
    process: process === undefined ? null : JSON.stringify(process),
    entity: storable(alert.entity),
    events: JSON.stringify(snapshot(alert.events)),
    event_count: alert.eventCount,
    matches: JSON.stringify(alert.matches.slice(0, MAX_EVENTS)),
    aggregate: alert.aggregate === undefined ? null : JSON.stringify(alert.aggregate),
    fingerprint: alert.fingerprint,
    counted: JSON.stringify(counted),
    incident: alert.incident ?? null,
    risk: Math.min(100, Math.max(0, Math.round(alert.risk))),
    searched: storable(searched.filter((text) => text !== undefined).join('\n'), 16_384),
  }
}

/** The newest events that fit; at least the last one, however long it is. Oldest first. */
function snapshot(events: readonly Event[]): readonly Event[] {
  let length = 0
  let from = events.length
  while (from > 0 && events.length - from < MAX_EVENTS) {
    length += JSON.stringify(events[from - 1]).length
    if (length > MAX_EVENTS_LENGTH && from < events.length) break
    from -= 1
  }
  return events.slice(from)
}
