import type {
  AlertId,
  CaseIncident,
  CountedAlert,
  IncidentEntry,
  IncidentId,
  OpenedAlert,
  RiskEntry,
  RuleId,
  SuppressedRun,
} from '@vedette/model'
import type { CaseLedger } from '../case-ledger.ts'

/** A ledger in memory: what the port promises, without a database. */
export class MemoryLedger implements CaseLedger {
  readonly alerts = new Map<AlertId, CountedAlert>()
  readonly risk = new Map<string, RiskEntry>()
  readonly cases = new Map<IncidentId, CaseIncident>()
  readonly keys = new Map<string, IncidentId>()
  readonly entries: { incident: IncidentId; entry: IncidentEntry }[] = []
  readonly opened: OpenedAlert[] = []
  readonly runs = new Map<string, SuppressedRun>()
  /** How often it was asked or told something. */
  calls = 0

  async known(ids: readonly AlertId[]) {
    this.calls += 1
    return ids.filter((id) => this.alerts.has(id))
  }

  async alertsLike(spans: Parameters<CaseLedger['alertsLike']>[0]) {
    this.calls += 1
    return [...this.alerts.values()].filter(({ alert }) =>
      spans.some(
        ({ fingerprint, since, until }) =>
          alert.fingerprint === fingerprint && alert.time >= since && alert.time <= until,
      ),
    )
  }

  async riskOf(entities: readonly string[], since: number) {
    this.calls += 1
    return [...this.risk.values()]
      .filter(({ entity, time }) => entities.includes(entity) && time >= since)
      .sort((a, b) => a.time - b.time)
  }

  async incidentsOf(keys: readonly string[], since: number) {
    this.calls += 1
    return keys
      .flatMap((key) => {
        const found = this.cases.get(this.keys.get(key) ?? ('' as IncidentId))
        return found === undefined ? [] : [{ key, case: found }]
      })
      .filter(({ case: { incident, lastAlert } }) => incident.status !== 'closed' && lastAlert >= since)
      .sort((a, b) => a.case.incident.createdAt - b.case.incident.createdAt)
  }

  async incidentsCreated(host: string, since: number) {
    this.calls += 1
    return [...this.cases.values()]
      .filter(({ incident }) => incident.host === host && incident.createdAt >= since)
      .sort((a, b) => b.incident.createdAt - a.incident.createdAt)
  }

  async openedBy(rules: readonly RuleId[], after: number, until: number) {
    this.calls += 1
    return this.opened
      .filter(({ rule, openedAt }) => rules.includes(rule) && openedAt > after && openedAt <= until)
      .sort((a, b) => a.openedAt - b.openedAt)
  }

  async suppressedRuns(rules: readonly RuleId[], runs: readonly string[]) {
    this.calls += 1
    return [...this.runs.values()].filter(({ rule, run }) => rules.includes(rule) && runs.includes(run))
  }

  async insertAlerts(alerts: readonly CountedAlert[], openedAt: number) {
    this.calls += 1
    for (const one of alerts) {
      if (this.alerts.has(one.alert.id)) continue
      const { id, rule, device } = one.alert
      this.alerts.set(id, one)
      this.opened.push({ id, rule: rule.id, host: device.uid, openedAt })
    }
  }

  async addSuppressed(...[counts, runs]: Parameters<CaseLedger['addSuppressed']>) {
    this.calls += 1
    for (const { alert: id, count } of counts) {
      const known = this.alerts.get(id)
      if (!known) continue
      const alert = { ...known.alert, suppressed: (known.alert.suppressed ?? 0) + count }
      this.alerts.set(id, { ...known, alert })
    }
    for (const run of runs) this.runs.set(`${run.rule} ${run.run}`, run)
  }

  async updateRepeats(repeats: Parameters<CaseLedger['updateRepeats']>[0]) {
    this.calls += 1
    for (const { id, time, lastSeen, count, counted } of repeats) {
      const known = this.alerts.get(id)
      if (known) this.alerts.set(id, { alert: { ...known.alert, time, lastSeen, count }, counted })
    }
  }

  async addRisk(entries: readonly RiskEntry[]) {
    this.calls += 1
    for (const entry of entries) {
      const key = `${entry.entity} ${entry.alert}`
      if (!this.risk.has(key)) this.risk.set(key, entry)
    }
  }

  async putIncidents(cases: readonly CaseIncident[]) {
    this.calls += 1
    for (const one of cases) this.cases.set(one.incident.id, one)
  }

  async putKeys(keys: Parameters<CaseLedger['putKeys']>[0]) {
    this.calls += 1
    for (const { key, incident } of keys) this.keys.set(key, incident)
  }

  async addEntries(entries: Parameters<CaseLedger['addEntries']>[0]) {
    this.calls += 1
    this.entries.push(...entries)
  }
}
