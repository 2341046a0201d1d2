import { createHash } from 'node:crypto'
import type { Clock } from '@vedette/base'
import {
  type Alert,
  compareSeverity,
  type Detection,
  type Incident,
  type IncidentEntry,
  type IncidentId,
  type RiskEntry,
  type TenantId,
} from '@vedette/model'
import type { CaseIncident, CaseLedger, CountedAlert } from './case-ledger.ts'
import type { CorrelationConfig } from './config.ts'
import { treeRoot } from './process-tree.ts'
import { riskAt } from './risk.ts'
import { storyTitle, withPrograms } from './story.ts'

export interface CorrelateContext {
  readonly tenant: TenantId
  readonly clock: Clock
  readonly config: CorrelationConfig
}

/** What became of some detections. */
export interface Correlated {
  readonly created: readonly Alert[]
  /** Alerts that were there, with their repeats counted. */
  readonly repeated: readonly Alert[]
  /** Incidents that are new or changed, as they are now. */
  readonly incidents: readonly Incident[]
}

const STORM_SPAN_MS = 3_600_000
/** After ten half-lives an entry counts for a thousandth of its points. */
const FORGET_AFTER_HALF_LIVES = 10
const MAX_COUNTED_RUNS = 8

/**
 * Makes alerts and incidents of detections: repeats are counted instead of told again, points go to the ledger of the
 * process tree and of the host, and alerts of one process tree (or, without a process, of one entity) become one
 * incident. Detections that were brought before change nothing, so a batch may come twice.
 *
 * @param ledger one transaction of the store: it keeps all of it or nothing
 */
export async function correlate(
  detections: readonly Detection[],
  ledger: CaseLedger,
  context: CorrelateContext,
): Promise<Correlated> {
  const desk = new Desk(ledger, context)
  const known = new Set(await ledger.known(detections.map(({ id }) => id)))
  for (const detection of detections.toSorted((a, b) => a.time - b.time)) {
    if (!known.has(detection.id)) {
      known.add(detection.id)
      await desk.take(detection)
    }
  }
  return desk.settle()
}

/** The work on one group of detections; reads as it goes and writes at the end. */
class Desk {
  readonly #ledger: CaseLedger
  readonly #context: CorrelateContext
  /** Alerts by fingerprint, read or made in this group, newest last. */
  readonly #alerts = new Map<string, CountedAlert[]>()
  readonly #created = new Set<string>()
  readonly #repeated = new Set<string>()
  readonly #risk = new Map<string, RiskEntry[]>()
  readonly #newRisk: RiskEntry[] = []
  readonly #cases = new Map<IncidentId, CaseIncident>()
  readonly #changedCases = new Set<IncidentId>()
  readonly #keys = new Map<string, IncidentId>()
  readonly #newKeys: { key: string; incident: IncidentId }[] = []
  readonly #entries: { incident: IncidentId; entry: IncidentEntry }[] = []

  constructor(ledger: CaseLedger, context: CorrelateContext) {
    this.#ledger = ledger
    this.#context = context
  }

  async take(detection: Detection): Promise<void> {
    const fingerprint = fingerprintOf(detection)
    const like = await this.#alertsLike(fingerprint, detection.time)
    const original = like.find((counted) => this.#isRepeat(detection, counted))
    if (original) this.#count(detection, original)
    else await this.#open(detection, fingerprint)
  }

  async settle(): Promise<Correlated> {
    const all = [...this.#alerts.values()].flat()
    const created = all.filter(({ alert }) => this.#created.has(alert.id))
    const repeated = all.filter(({ alert }) => this.#repeated.has(alert.id) && !this.#created.has(alert.id))
    const changed = [...this.#changedCases].flatMap((id) => this.#cases.get(id) ?? [])
    // Incidents first: an alert points at its own.
    await this.#ledger.putIncidents(changed)
    await this.#ledger.putKeys(this.#newKeys)
    await this.#ledger.insertAlerts(created)
    await this.#ledger.updateRepeats(
      repeated.map(({ alert: { id, time, lastSeen, count }, counted }) => ({
        id,
        time,
        lastSeen,
        count,
        counted,
      })),
    )
    await this.#ledger.addRisk(this.#newRisk)
    await this.#ledger.addEntries(this.#entries)
    return {
      created: created.map(({ alert }) => alert),
      repeated: repeated.map(({ alert }) => alert),
      incidents: changed.map(({ incident }) => incident),
    }
  }

  async #alertsLike(fingerprint: string, time: number): Promise<CountedAlert[]> {
    const known = this.#alerts.get(fingerprint)
    if (known) return known
    const spanMs = this.#context.config.suppression_seconds * 1000
    const like = [
      ...(await this.#ledger.alertsLike([{ fingerprint, since: time - spanMs, until: time + spanMs }])),
    ]
    this.#alerts.set(fingerprint, like)
    return like
  }

  /** A resolved alert is done with: what happens afterwards is news. */
  #isRepeat(detection: Detection, { alert }: CountedAlert): boolean {
    const spanMs = this.#context.config.suppression_seconds * 1000
    return alert.status !== 'resolved' && Math.abs(detection.time - alert.time) <= spanMs
  }

  #count(detection: Detection, original: CountedAlert): void {
    const { run, number } = lastEventOf(detection)
    if (number <= (original.counted[run] ?? -1)) return
    const { alert } = original
    this.#replace({
      alert: { ...alert, count: alert.count + 1, lastSeen: Math.max(alert.lastSeen, detection.time) },
      counted: countedWith(original.counted, run, number),
    })
    this.#repeated.add(alert.id)
  }

  #replace(changed: CountedAlert): void {
    const like = this.#alerts.get(changed.alert.fingerprint) ?? []
    const index = like.findIndex(({ alert }) => alert.id === changed.alert.id)
    if (index >= 0) like[index] = changed
    else like.push(changed)
    this.#alerts.set(changed.alert.fingerprint, like)
  }

  async #open(detection: Detection, fingerprint: string): Promise<void> {
    const risk = await this.#addRisk(detection)
    const { eventCount, matches, events, device, entity, rule, title, time, id, aggregate } = detection
    const incident = await this.#incidentFor(detection)
    const alert: Alert = {
      id,
      tenant: this.#context.tenant,
      rule,
      title,
      time,
      lastSeen: time,
      count: 1,
      status: 'open',
      device,
      ...(detection.process && { process: detection.process }),
      entity,
      events,
      eventCount,
      matches,
      ...(aggregate && { aggregate }),
      fingerprint,
      ...(incident !== undefined && { incident }),
      risk,
    }
    const { run, number } = lastEventOf(detection)
    this.#replace({ alert, counted: { [run]: number } })
    this.#created.add(id)
  }

  /** Writes the points down for tree and host, and says how high the risk of the tree (else of the host) is now. */
  async #addRisk(detection: Detection): Promise<number> {
    const { config } = this.#context
    const halfLifeMs = config.risk_half_life_seconds * 1000
    const entities = riskEntities(detection)
    for (const entity of entities) {
      const entry: RiskEntry = {
        entity,
        time: detection.time,
        points: detection.rule.riskPoints,
        reason: detection.rule.title,
        alert: detection.id,
        rule: detection.rule.id,
      }
      const since = detection.time - FORGET_AFTER_HALF_LIVES * halfLifeMs
      const entries = this.#risk.get(entity) ?? [...(await this.#ledger.riskOf([entity], since))]
      entries.push(entry)
      this.#risk.set(entity, entries)
      this.#newRisk.push(entry)
    }
    return riskAt(this.#risk.get(entities[0] ?? '') ?? [], detection.time, halfLifeMs)
  }

  async #incidentFor(detection: Detection): Promise<IncidentId | undefined> {
    const key = caseKey(detection)
    const found = (await this.#openCase(key, detection)) ?? (await this.#stormCase(key, detection))
    if (found) {
      this.#join(found, detection)
      return found.incident.id
    }
    const { config } = this.#context
    if (compareSeverity(detection.rule.severity, config.incident_severity) < 0) return undefined
    return this.#openIncident(key, detection)
  }

  async #openCase(key: string, detection: Detection): Promise<CaseIncident | undefined> {
    const id = this.#keys.get(key)
    if (id !== undefined) return this.#cases.get(id)
    const since = detection.time - this.#context.config.incident_seconds * 1000
    for (const found of await this.#ledger.incidentsOf([key], since)) {
      this.#remember(key, found.case)
    }
    return this.#cases.get(this.#keys.get(key) ?? ('' as IncidentId))
  }

  /** The newest open incident of a host on which too many were opened: one attack with many faces is one story. */
  async #stormCase(key: string, detection: Detection): Promise<CaseIncident | undefined> {
    const { hostname } = detection.device
    const since = detection.time - STORM_SPAN_MS
    const stored = await this.#ledger.incidentsCreated(hostname, since)
    const ids = new Set(stored.map(({ incident }) => incident.id))
    const fresh = [...this.#cases.values()].filter(
      ({ incident }) => incident.host === hostname && incident.createdAt >= since && !ids.has(incident.id),
    )
    if (ids.size + fresh.length < this.#context.config.storm_incidents) return undefined
    const candidates = [...stored.map((one) => this.#cases.get(one.incident.id) ?? one), ...fresh]
    const newest = candidates
      .filter(({ incident }) => incident.status !== 'closed')
      .toSorted((a, b) => b.lastAlert - a.lastAlert)[0]
    if (!newest) return undefined
    this.#remember(key, newest)
    this.#newKeys.push({ key, incident: newest.incident.id })
    return newest
  }

  #remember(key: string, found: CaseIncident): void {
    const { id } = found.incident
    if (!this.#cases.has(id)) this.#cases.set(id, found)
    this.#keys.set(key, id)
  }

  #join(found: CaseIncident, detection: Detection): void {
    const { incident } = found
    const programs = withPrograms(found.programs, programsOf(detection))
    const alertCount = incident.alertCount + 1
    const severer = compareSeverity(detection.rule.severity, incident.severity) > 0
    this.#put({
      programs,
      lastAlert: Math.max(found.lastAlert, detection.time),
      incident: {
        ...incident,
        title: storyTitle(
          incident.host ?? detection.device.hostname,
          { programs },
          alertCount,
          detection.title,
        ),
        severity: severer ? detection.rule.severity : incident.severity,
        alertCount,
        updatedAt: this.#context.clock.now(),
      },
    })
    this.#note(incident.id, detection, 'alert_added')
  }

  #openIncident(key: string, detection: Detection): IncidentId {
    const now = this.#context.clock.now()
    const { hostname } = detection.device
    const programs = withPrograms([], programsOf(detection))
    // From the alert, so that the same batch opens the same incident.
    const id = hash('incident', detection.id).slice(0, 32) as IncidentId
    this.#keys.set(key, id)
    this.#newKeys.push({ key, incident: id })
    this.#put({
      programs,
      lastAlert: detection.time,
      incident: {
        id,
        tenant: this.#context.tenant,
        title: storyTitle(hostname, { programs }, 1, detection.title),
        description: detection.rule.explanation,
        severity: detection.rule.severity,
        status: 'open',
        createdAt: now,
        updatedAt: now,
        alertCount: 1,
        host: hostname,
      },
    })
    this.#note(id, detection, 'created')
    return id
  }

  #put(changed: CaseIncident): void {
    this.#cases.set(changed.incident.id, changed)
    this.#changedCases.add(changed.incident.id)
  }

  #note(incident: IncidentId, detection: Detection, action: IncidentEntry['action']): void {
    const entry = { time: detection.time, actor: 'vedette', action, text: detection.title }
    this.#entries.push({ incident, entry })
  }
}

/** Rule, host and entity: alerts that agree in these are repeats of each other. */
export function fingerprintOf({ rule, device, entity }: Detection): string {
  return hash(rule.id, device.uid, entity).slice(0, 32)
}

function hash(...parts: readonly string[]): string {
  // Lengths keep ("a", "bc") apart from ("ab", "c").
  const digest = createHash('sha256')
  for (const part of parts) digest.update(`${part.length}:${part}`)
  return digest.digest('hex')
}

/** Ledgers that a detection's points go to; the first one's risk is the alert's. */
function riskEntities({ process, device }: Detection): string[] {
  const host = `host:${device.uid}`
  return process ? [`process:${treeRoot(process).uid}`, host] : [host]
}

function caseKey(detection: Detection): string {
  const { process, device, entity } = detection
  return process ? `tree:${device.uid}:${treeRoot(process).uid}` : `entity:${device.uid}:${hash(entity)}`
}

function programsOf({ process }: Detection): string[] {
  return process ? [treeRoot(process).name, process.name] : []
}

/** Run and number of the last event, from its id `<agent>-<run>-<number>`. */
function lastEventOf({ events, id }: Detection): { run: string; number: number } {
  const eventId = events.at(-1)?.id ?? id
  const parts = eventId.split('-')
  const number = Number(parts.at(-1))
  return { run: parts.at(-2) ?? '', number: Number.isSafeInteger(number) ? number : Number.MAX_SAFE_INTEGER }
}

function countedWith(
  counted: Readonly<Record<string, number>>,
  run: string,
  number: number,
): Readonly<Record<string, number>> {
  const { [run]: _, ...others } = counted
  return Object.fromEntries([...Object.entries(others).slice(-(MAX_COUNTED_RUNS - 1)), [run, number]])
}
