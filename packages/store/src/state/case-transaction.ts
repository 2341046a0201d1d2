import type {
  AlertId,
  CaseIncident,
  CountedAlert,
  FingerprintSpan,
  IncidentEntry,
  IncidentId,
  OpenedAlert,
  RepeatUpdate,
  RiskEntry,
  RuleId,
  SuppressedRun,
} from '@vedette/model'

/** What correlation reads and writes, in one transaction of the state store. */
export interface CaseTransaction {
  /** Which of these alerts exist. */
  known(ids: readonly AlertId[]): Promise<readonly AlertId[]>
  /** Alerts whose time lies within the span of their fingerprint. */
  alertsLike(spans: readonly FingerprintSpan[]): Promise<readonly CountedAlert[]>
  /** Entries of these entities from `since` on, oldest first. */
  riskOf(entities: readonly string[], since: number): Promise<readonly RiskEntry[]>
  /** Incidents that are not closed, whose last alert is not before `since`, by the keys that lead to them; oldest first. */
  incidentsOf(
    keys: readonly string[],
    since: number,
  ): Promise<readonly { readonly key: string; readonly case: CaseIncident }[]>
  /** Incidents of a host that correlation created from `since` on, newest first, closed ones too. */
  incidentsCreated(host: string, since: number): Promise<readonly CaseIncident[]>
  /** Alerts of these rules that were opened after `after` and not after `until`, oldest first. */
  openedBy(rules: readonly RuleId[], after: number, until: number): Promise<readonly OpenedAlert[]>
  /** How far these runs were counted, by these rules. */
  suppressedRuns(rules: readonly RuleId[], runs: readonly string[]): Promise<readonly SuppressedRun[]>
  /** An alert whose id exists is left as it is. */
  insertAlerts(alerts: readonly CountedAlert[], openedAt: number): Promise<void>
  /** Adds to what alerts stand for that are there, and says how far that was counted. */
  addSuppressed(
    counts: readonly { readonly alert: AlertId; readonly count: number }[],
    runs: readonly SuppressedRun[],
    now: number,
  ): Promise<void>
  updateRepeats(repeats: readonly RepeatUpdate[]): Promise<void>
  /** An entry whose entity and alert are there already is left as it is. */
  addRisk(entries: readonly RiskEntry[]): Promise<void>
  /** Creates or replaces; what people set (status, assignee, resolution) on one that exists stays. */
  putIncidents(cases: readonly CaseIncident[]): Promise<void>
  /** From now on these keys lead to that incident. */
  putKeys(keys: readonly { readonly key: string; readonly incident: IncidentId }[]): Promise<void>
  addEntries(
    entries: readonly { readonly incident: IncidentId; readonly entry: IncidentEntry }[],
  ): Promise<void>
}
