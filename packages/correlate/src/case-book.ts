import {
  type Alert,
  type CaseIncident,
  compareSeverity,
  type Detection,
  type Incident,
  type IncidentEntry,
  type IncidentId,
  type TenantId,
} from '@vedette/model'
import type { CaseLedger } from './case-ledger.ts'
import type { CorrelationConfig } from './config.ts'
import { incidentIdOf } from './fingerprint.ts'
import { treePath } from './process-tree.ts'
import { storyTitle, withPrograms } from './story.ts'

const STORM_SPAN_MS = 3_600_000
/** So many alerts of an incident get a line of its history each; the alerts themselves are all there. */
const MAX_ENTRIES = 200

interface OpenCase {
  case: CaseIncident
  isChanged: boolean
}

interface BookContext {
  readonly tenant: TenantId
  readonly config: CorrelationConfig
  /** Milliseconds since the epoch. */
  readonly now: number
}

/** The incidents that the alerts of one call may belong to: read once, worked on in memory, written once. */
export class CaseBook {
  readonly #context: BookContext
  readonly #cases = new Map<IncidentId, OpenCase>()
  readonly #byKey = new Map<string, OpenCase>()
  /** Incidents that correlation created within the last hour, by host. */
  readonly #createdLately = new Map<string, OpenCase[]>()
  readonly #newKeys = new Map<string, IncidentId>()
  readonly #entries: { incident: IncidentId; entry: IncidentEntry }[] = []

  private constructor(context: BookContext) {
    this.#context = context
  }

  static async read(
    ledger: CaseLedger,
    detections: readonly Detection[],
    context: BookContext,
  ): Promise<CaseBook> {
    const book = new CaseBook(context)
    if (detections.length === 0) return book
    const keys = [...new Set(detections.flatMap(keysOf))]
    const oldest = Math.min(...detections.map(({ time }) => time))
    const since = oldest - context.config.incident_seconds * 1000
    for (const { key, case: known } of await ledger.incidentsOf(keys, since)) {
      if (!book.#byKey.has(key)) book.#byKey.set(key, book.#known(known))
    }
    for (const host of new Set(detections.map(({ device }) => device.hostname))) {
      const created = await ledger.incidentsCreated(host, context.now - STORM_SPAN_MS)
      book.#createdLately.set(
        host,
        created.map((known) => book.#known(known)),
      )
    }
    return book
  }

  /** Adds an alert to its incident, and opens one where there is none and the alert is severe enough. */
  add(alert: Alert): IncidentId | undefined {
    const { config } = this.#context
    const keys = keysOf(alert)
    const known = this.#find(alert.device.hostname, keys)
    if (known === undefined && compareSeverity(alert.rule.severity, config.incident_severity) < 0)
      return undefined
    const found = known ?? this.#open(alert)
    this.#join(found, alert)
    const { id } = found.case.incident
    for (const key of keys) {
      if (this.#byKey.get(key) === found) continue
      this.#byKey.set(key, found)
      this.#newKeys.set(key, id)
    }
    return id
  }

  /** Writes what changed, and gives the incidents that are new or changed. */
  async write(ledger: CaseLedger): Promise<readonly Incident[]> {
    const changed = [...this.#cases.values()].filter(({ isChanged }) => isChanged)
    await ledger.putIncidents(changed.map((open) => open.case))
    await ledger.putKeys([...this.#newKeys].map(([key, incident]) => ({ key, incident })))
    await ledger.addEntries(this.#entries)
    return changed.map((open) => open.case.incident)
  }

  #find(host: string, keys: readonly string[]): OpenCase | undefined {
    const found = [...new Set(keys.flatMap((key) => this.#byKey.get(key) ?? []))]
    if (found.length > 0) return found.sort(byAge)[0]
    // One attack with many faces is one story: a host on which too many were opened gets no more of them.
    const lately = this.#createdLately.get(host) ?? []
    if (lately.length < this.#context.config.storm_incidents) return undefined
    return lately
      .filter((open) => open.case.incident.status !== 'closed')
      .sort((a, b) => b.case.lastAlert - a.case.lastAlert)[0]
  }

  #open(alert: Alert): OpenCase {
    const { tenant, now } = this.#context
    const { hostname } = alert.device
    const opened = this.#known({
      incident: {
        id: incidentIdOf(tenant, alert.id),
        tenant,
        title: '',
        description: alert.rule.explanation,
        severity: alert.rule.severity,
        status: 'open',
        createdAt: now,
        updatedAt: now,
        alertCount: 0,
        host: hostname,
      },
      programs: [],
      lastAlert: alert.time,
    })
    this.#createdLately.set(hostname, [opened, ...(this.#createdLately.get(hostname) ?? [])])
    return opened
  }

  #join(open: OpenCase, alert: Alert): void {
    const { incident, programs, lastAlert } = open.case
    const { device, process, rule } = alert
    const told = withPrograms(programs, process === undefined ? [] : programsOf(process))
    const alertCount = incident.alertCount + 1
    open.case = {
      incident: {
        ...incident,
        title: storyTitle(incident.host ?? device.hostname, { programs: told }, alertCount, alert.title),
        severity: compareSeverity(rule.severity, incident.severity) > 0 ? rule.severity : incident.severity,
        alertCount,
        updatedAt: this.#context.now,
      },
      programs: told,
      lastAlert: Math.max(lastAlert, alert.time),
    }
    open.isChanged = true
    if (alertCount > MAX_ENTRIES) return
    const action = alertCount === 1 ? 'created' : 'alert_added'
    this.#entries.push({
      incident: incident.id,
      entry: { time: alert.time, actor: 'vedette', action, text: alert.title },
    })
  }

  #known(known: CaseIncident): OpenCase {
    const open = this.#cases.get(known.incident.id) ?? { case: known, isChanged: false }
    this.#cases.set(known.incident.id, open)
    return open
  }
}

/**
 * What leads from an alert to its incident: each process from its own up to the root of its tree, so that a branch that
 * was cut off its tree (its parent ended) is still known; without a process, the host and the entity.
 */
function keysOf({ device, process, entity }: Alert | Detection): string[] {
  if (process === undefined) return [`entity:${device.uid}:${entity}`]
  return treePath(process).map(({ uid }) => `process:${device.uid}:${uid}`)
}

/** The root of the tree and the process itself, by name. */
function programsOf(process: NonNullable<Detection['process']>): string[] {
  return [treePath(process).at(-1)?.name ?? process.name, process.name]
}

function byAge(a: OpenCase, b: OpenCase): number {
  const [one, other] = [a.case.incident, b.case.incident]
  return one.createdAt - other.createdAt || (one.id < other.id ? -1 : 1)
}
