import type { Alert, AlertId, Incident, IncidentEntry, IncidentId, RiskEntry } from '@vedette/model'

/** Fingerprint and span in which an alert counts as the same. */
export interface FingerprintSpan {
  readonly fingerprint: string
  /** Milliseconds since the epoch, both inclusive. */
  readonly since: number
  readonly until: number
}

/** An alert, and how far into each run of its agent its repeats were counted. */
export interface CountedAlert {
  readonly alert: Alert
  /** Number of the last event counted, by run of the agent; at most 8 runs. */
  readonly counted: Readonly<Record<string, number>>
}

/** Repeats of an alert, to be written to it. */
export interface RepeatUpdate {
  readonly id: AlertId
  readonly time: number
  readonly lastSeen: number
  readonly count: number
  readonly counted: Readonly<Record<string, number>>
}

/** An incident that correlation keeps, and what its title is made of. */
export interface CaseIncident {
  readonly incident: Incident
  /** Names for the title, in order of time: the tree's root, then the programs; at most 16. */
  readonly programs: readonly string[]
  /** Time of its last alert. */
  readonly lastAlert: number
}

/** What correlation remembers, within one transaction: all that is written here is there afterwards, or nothing. */
export interface CaseLedger {
  /** Which of these alerts exist. */
  known(ids: readonly AlertId[]): Promise<readonly AlertId[]>
  alertsLike(spans: readonly FingerprintSpan[]): Promise<readonly CountedAlert[]>
  /** Entries of these entities from `since` on, oldest first. */
  riskOf(entities: readonly string[], since: number): Promise<readonly RiskEntry[]>
  /** Incidents that are not closed, whose last alert is not before `since`, by the keys that lead to them. */
  incidentsOf(keys: readonly string[], since: number): Promise<readonly { key: string; case: CaseIncident }[]>
  /** Incidents of a host that correlation created from `since` on, newest first, closed ones too. */
  incidentsCreated(host: string, since: number): Promise<readonly CaseIncident[]>
  /** An alert whose id exists is left as it is. */
  insertAlerts(alerts: readonly CountedAlert[]): Promise<void>
  updateRepeats(repeats: readonly RepeatUpdate[]): Promise<void>
  addRisk(entries: readonly RiskEntry[]): Promise<void>
  /** Creates or replaces; what people decided of one that exists (status, assignee, resolution) stays. */
  putIncidents(cases: readonly CaseIncident[]): Promise<void>
  /** From now on these keys lead to that incident. */
  putKeys(keys: readonly { key: string; incident: IncidentId }[]): Promise<void>
  addEntries(entries: readonly { incident: IncidentId; entry: IncidentEntry }[]): Promise<void>
}
