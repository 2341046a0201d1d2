import type { Alert, AlertId, Detection, SuppressedRun } from '@vedette/model'
import type { CaseLedger } from './case-ledger.ts'
import { positionOf } from './fingerprint.ts'

const SPAN_MS = 60_000

export interface BudgetContext {
  /** Alerts of a rule within a minute. */
  readonly limit: number
  /** Milliseconds since the epoch. */
  readonly now: number
}

/** What a rule opened within the last minute. */
interface Spent {
  readonly byHost: Map<string, number>
  rows: number
  /** The newest one of each host, and of all of them. */
  readonly newestOf: Map<string, AlertId>
  newest?: AlertId
}

/**
 * How many alerts each rule may still open in this minute. A rule that somebody floods then fills neither the store nor the
 * page, and nothing of it goes uncounted: what gets no alert of its own is counted with the newest alert of its host, and of
 * its rule where the host has none. One host has half of it at most, so that a flood on one hides no attack on another.
 */
export class RuleBudget {
  readonly #context: BudgetContext
  readonly #spent = new Map<string, Spent>()
  /** How far runs were counted before this call, and how far after it. */
  readonly #countedBefore = new Map<string, number>()
  readonly #runs = new Map<string, SuppressedRun>()
  readonly #suppressed = new Map<AlertId, number>()

  private constructor(context: BudgetContext) {
    this.#context = context
  }

  static async read(
    ledger: CaseLedger,
    detections: readonly Detection[],
    context: BudgetContext,
  ): Promise<RuleBudget> {
    const budget = new RuleBudget(context)
    const rules = [...new Set(detections.map(({ rule }) => rule.id))]
    const runs = [...new Set(detections.flatMap((detection) => runOf(detection)?.run ?? []))]
    for (const { id, rule, host } of await ledger.openedBy(rules, context.now - SPAN_MS, context.now)) {
      budget.#spend(rule, host, id)
    }
    for (const { rule, run, number } of await ledger.suppressedRuns(rules, runs)) {
      budget.#countedBefore.set(keyOf(rule, run), number)
    }
    return budget
  }

  /** Whether it was brought before. Those of a run come in order: what lies before the last one counted has been here. */
  isCounted(detection: Detection): boolean {
    const position = runOf(detection)
    if (position === undefined) return false
    return position.number <= (this.#countedBefore.get(keyOf(detection.rule.id, position.run)) ?? -1)
  }

  /** True when it may become an alert; else it is counted. */
  take(detection: Detection): boolean {
    const rule = detection.rule.id
    const host = detection.device.uid
    const { limit } = this.#context
    const spent = this.#spent.get(rule)
    if (
      spent?.newest === undefined ||
      (spent.rows < limit && (spent.byHost.get(host) ?? 0) < Math.ceil(limit / 2))
    ) {
      this.#spend(rule, host, detection.id)
      return true
    }
    const alert = spent.newestOf.get(host) ?? spent.newest
    this.#suppressed.set(alert, (this.#suppressed.get(alert) ?? 0) + 1)
    const position = runOf(detection)
    if (position) {
      const key = keyOf(rule, position.run)
      const number = Math.max(position.number, this.#runs.get(key)?.number ?? -1)
      this.#runs.set(key, { rule, run: position.run, number })
    }
    return false
  }

  /** The alert as it is opened, with what is counted with it. */
  opened(alert: Alert): Alert {
    const suppressed = this.#suppressed.get(alert.id)
    if (suppressed === undefined) return alert
    this.#suppressed.delete(alert.id)
    return { ...alert, suppressed }
  }

  /** Writes down what was counted with alerts that were there before; after all that are opened were asked for. */
  async write(ledger: CaseLedger): Promise<void> {
    if (this.#suppressed.size === 0 && this.#runs.size === 0) return
    const counts = [...this.#suppressed].map(([alert, count]) => ({ alert, count }))
    await ledger.addSuppressed(counts, [...this.#runs.values()], this.#context.now)
  }

  #spend(rule: string, host: string, alert: AlertId): void {
    const spent: Spent = this.#spent.get(rule) ?? { byHost: new Map(), rows: 0, newestOf: new Map() }
    this.#spent.set(rule, spent)
    spent.byHost.set(host, (spent.byHost.get(host) ?? 0) + 1)
    spent.rows += 1
    spent.newestOf.set(host, alert)
    spent.newest = alert
  }
}

function runOf(detection: Detection): { readonly run: string; readonly number: number } | undefined {
  const position = positionOf(detection)
  return position && { run: `${detection.device.uid} ${position.run}`, number: position.number }
}

function keyOf(rule: string, run: string): string {
  return `${rule} ${run}`
}
