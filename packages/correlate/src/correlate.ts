import type { Clock } from '@vedette/base'
import type { Alert, Detection, FingerprintSpan, Incident, TenantId } from '@vedette/model'
import { CaseBook } from './case-book.ts'
import type { CaseLedger } from './case-ledger.ts'
import type { CorrelationConfig } from './config.ts'
import { fingerprintOf } from './fingerprint.ts'
import { RepeatGroups } from './repeats.ts'
import { RiskBook } from './risk-book.ts'
import { RuleBudget } from './rule-budget.ts'

export interface CorrelateContext {
  readonly tenant: TenantId
  readonly clock: Clock
  readonly config: CorrelationConfig
}

/** What became of some detections. */
export interface Correlated {
  /** In order of time. */
  readonly created: readonly Alert[]
  /** Alerts that were there, with their repeats counted. */
  readonly repeated: readonly Alert[]
  /** Incidents that are new or changed, as they are now. */
  readonly incidents: readonly Incident[]
}

/**
 * Makes alerts and incidents of detections: repeats are counted instead of told again, points go to the ledger of the
 * process tree and of the host, a rule opens only so many alerts a minute, and alerts of one process tree (or, without a process, of one entity) become one
 * incident.
 *
 * Detections that were brought before change nothing, so after a crash they may come again, grouped otherwise. Within a
 * call their order does not matter; from call to call those of one run of an agent come in the order of its events.
 *
 * @param ledger one transaction of the store: it keeps all of it or nothing
 */
export async function correlate(
  detections: readonly Detection[],
  ledger: CaseLedger,
  context: CorrelateContext,
): Promise<Correlated> {
  const { tenant, config } = context
  const inOrder = [...new Map(detections.map((detection) => [detection.id, detection])).values()].sort(byTime)
  const known = new Set(await ledger.known(inOrder.map(({ id }) => id)))
  const unknown = inOrder.filter(({ id }) => !known.has(id))
  if (unknown.length === 0) return { created: [], repeated: [], incidents: [] }

  const windowMs = config.suppression_seconds * 1000
  const groups = new RepeatGroups(await ledger.alertsLike(spansOf(unknown, windowMs)), windowMs)
  const now = context.clock.now()
  const budget = await RuleBudget.read(ledger, unknown, { limit: config.alerts_per_rule_minute, now })
  const fresh: Detection[] = []
  for (const detection of unknown) {
    if (budget.isCounted(detection) || groups.take(detection) || !budget.take(detection)) continue
    groups.open(alertOf(tenant, detection), detection)
    fresh.push(detection)
  }

  const cases = await CaseBook.read(ledger, fresh, { tenant, config, now })
  const risks = await RiskBook.read(ledger, fresh, config.risk_half_life_seconds * 1000)
  const created = fresh.map((detection) => {
    const { alert, counted } = groups.opened(detection)
    const incident = cases.add(alert)
    return {
      alert: {
        ...budget.opened(alert),
        risk: risks.add(detection),
        ...(incident !== undefined && { incident }),
      },
      counted,
    }
  })
  const repeated = groups.repeated()

  // Incidents first: an alert points at its own.
  const incidents = await cases.write(ledger)
  await ledger.insertAlerts(created, now)
  await budget.write(ledger)
  await ledger.updateRepeats(repeated.map(({ update }) => update))
  await risks.write(ledger)
  return {
    created: created.map(({ alert }) => alert),
    repeated: repeated.map(({ alert }) => alert),
    incidents,
  }
}

function byTime(a: Detection, b: Detection): number {
  return a.time - b.time || (a.id < b.id ? -1 : 1)
}

function alertOf(tenant: TenantId, detection: Detection): Alert {
  const { id, rule, title, time, device, process, entity, events, eventCount, matches, aggregate } = detection
  return {
    id,
    tenant,
    rule,
    title,
    time,
    lastSeen: time,
    count: 1,
    status: 'open',
    device,
    ...(process !== undefined && { process }),
    entity,
    events,
    eventCount,
    matches,
    ...(aggregate !== undefined && { aggregate }),
    fingerprint: fingerprintOf(detection),
    risk: 0,
  }
}

/** Where alerts may lie that these detections repeat: for each fingerprint one span around all its detections. */
function spansOf(detections: readonly Detection[], windowMs: number): FingerprintSpan[] {
  const spans = new Map<string, FingerprintSpan>()
  for (const detection of detections) {
    const fingerprint = fingerprintOf(detection)
    const { since, until } = spans.get(fingerprint) ?? { since: detection.time, until: detection.time }
    spans.set(fingerprint, {
      fingerprint,
      since: Math.min(since, detection.time - windowMs),
      until: Math.max(until, detection.time + windowMs),
    })
  }
  return [...spans.values()]
}
