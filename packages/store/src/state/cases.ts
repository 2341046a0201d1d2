import type {
  AgentId,
  Alert,
  AlertId,
  AlertStatus,
  Incident,
  IncidentEntry,
  IncidentId,
  IncidentStatus,
  ProcessUid,
  RiskEntry,
  RuleId,
  Severity,
  Verdict,
} from '@vedette/model'
import type { Page } from '../events/event-store.ts'

/** Which alerts. Everything that is given has to hold. */
export interface AlertFilter {
  readonly status?: AlertStatus
  readonly severity?: Severity
  readonly host?: AgentId
  readonly incident?: IncidentId
  readonly rule?: string
  /** About this process. */
  readonly process?: ProcessUid
  /** Text in title, entity, host, rule or command line, upper and lower case alike; at most 1000 characters. */
  readonly search?: string
  /** Milliseconds since the epoch, inclusive. */
  readonly since?: number
  /** Milliseconds since the epoch, exclusive. */
  readonly until?: number
}

export interface Alerts {
  /** Newest first. */
  list(filter: AlertFilter, page?: Page): Promise<Alert[]>
  get(id: AlertId): Promise<Alert | undefined>
  count(filter: AlertFilter): Promise<number>
  /** Alerts that are not resolved. Every severity has its entry. */
  openBySeverity(): Promise<Readonly<Record<Severity, number>>>
  countByStatus(): Promise<Readonly<Record<AlertStatus, number>>>
  /** Hosts with alerts that are not resolved. */
  openByHost(): Promise<ReadonlyMap<AgentId, number>>
  /** Detections that have no alert of their own, by rule; rules without any are left out. */
  suppressedByRule(): Promise<ReadonlyMap<RuleId, number>>
  /** One slot a minute, oldest first, empty ones too; by the time of the alert. At most 10 000 slots. */
  perMinute(since: number, until: number): Promise<{ readonly time: number; readonly alerts: number }[]>
  /** Other alerts of the same rule or the same entity; those that share both come first, then the newest. */
  similar(id: AlertId, limit?: number): Promise<Alert[]>
  /** Left out when there is no such alert. A resolved one stays resolved. */
  acknowledge(id: AlertId, actor: string, now: number): Promise<Alert | undefined>
  resolve(id: AlertId, verdict: Verdict | undefined, actor: string, now: number): Promise<Alert | undefined>
}

export interface IncidentFilter {
  readonly status?: IncidentStatus
  readonly severity?: Severity
}

export interface NewIncident {
  readonly id: IncidentId
  readonly title: string
  readonly description: string
  readonly severity: Severity
}

/** Each change writes a line of the incident's history in the same transaction. */
export interface Incidents {
  /** Last changed first. */
  list(filter: IncidentFilter, page?: Page): Promise<Incident[]>
  get(id: IncidentId): Promise<Incident | undefined>
  count(filter: IncidentFilter): Promise<number>
  countOpen(): Promise<number>
  create(incident: NewIncident, actor: string, now: number): Promise<Incident>
  /** Left out when there is no such incident. Moves an open one to `investigating`. */
  assign(id: IncidentId, assignee: string, actor: string, now: number): Promise<Incident | undefined>
  close(id: IncidentId, resolution: string, actor: string, now: number): Promise<Incident | undefined>
  note(id: IncidentId, entry: IncidentEntry): Promise<Incident | undefined>
  /** Oldest first. */
  timeline(id: IncidentId): Promise<IncidentEntry[]>
  /** Oldest first; at most 1000. */
  alerts(id: IncidentId): Promise<Alert[]>
}

export interface RiskLedger {
  /** Newest first; at most 1000. */
  of(entity: string, limit?: number): Promise<RiskEntry[]>
  /** What made up the risk of an alert when it fired: the entries of its process tree (else its host), newest first. */
  ofAlert(id: AlertId): Promise<RiskEntry[]>
}
