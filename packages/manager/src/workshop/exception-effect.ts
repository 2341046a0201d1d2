import { setImmediate } from 'node:timers/promises'
import type { Engine } from '@vedette/detect'
import type { Alert, AlertId, AlertStatus, Verdict } from '@vedette/model'
import type { Alerts } from '@vedette/store'

/** An alert that an exception would have hidden. */
export interface HiddenAlert {
  readonly id: AlertId
  readonly title: string
  readonly time: number
  readonly host: string
  readonly status: AlertStatus
  readonly verdict?: Verdict
  /** Detections that it stands for. */
  readonly count: number
}

/** What an exception would have hidden of the alerts there are. */
export interface ExceptionEffect {
  /** Alerts of its rule that were looked at, the newest 10,000 at most; with those of the rule that a correlation counts. */
  readonly alerts: number
  /** Time of the oldest of them; absent where there are none. */
  readonly since?: number
  /** Whether there are older ones that were not looked at. */
  readonly cut: boolean
  readonly hidden: number
  /** Of the hidden ones. */
  readonly truePositives: number
  readonly acknowledged: number
  readonly open: number
  readonly falsePositives: number
  readonly benign: number
  /** Resolved without a verdict. */
  readonly unjudged: number
  /** Of counting rules: alerts of which it would hide some events and not all. */
  readonly partly: number
  /** True positives first, then acknowledged, then open ones, then the rest; newest first. At most 50. */
  readonly examples: readonly HiddenAlert[]
}

const PAGE = 500
const MOST = 10_000
const MOST_EXAMPLES = 50

/**
 * Judges the stored alerts of rules by an exception.
 *
 * @param rules their ids: that of a correlation, and of the rule that it counts
 * @param probe an engine of one rule, that is met by what the exception takes out
 */
export async function exceptionEffect(
  alerts: Alerts,
  rules: Iterable<string>,
  probe: Engine,
): Promise<ExceptionEffect> {
  const hidden: HiddenAlert[] = []
  let partly = 0
  let looked = 0
  let since: number | undefined
  let cut = false
  for (const rule of new Set(rules)) {
    for (let offset = 0; offset < MOST; offset += PAGE) {
      const page = await alerts.list({ rule }, { limit: PAGE, offset })
      for (const alert of page) {
        const { met, all } = taken(alert, probe)
        if (met && all) hidden.push(toHidden(alert))
        else if (met) partly += 1
        since = Math.min(since ?? alert.time, alert.time)
      }
      looked += page.length
      if (page.length < PAGE) break
      cut ||= offset + PAGE >= MOST
      await setImmediate()
    }
  }
  hidden.sort((a, b) => rank(a) - rank(b) || b.time - a.time)
  const count = (holds: (alert: HiddenAlert) => boolean) => hidden.filter(holds).length
  return {
    alerts: looked,
    ...(since !== undefined && { since }),
    cut,
    hidden: hidden.length,
    truePositives: count(({ verdict }) => verdict === 'true_positive'),
    acknowledged: count(({ status }) => status === 'acknowledged'),
    open: count(({ status }) => status === 'open'),
    falsePositives: count(({ verdict }) => verdict === 'false_positive'),
    benign: count(({ verdict }) => verdict === 'benign'),
    unjudged: count(({ status, verdict }) => status === 'resolved' && verdict === undefined),
    partly,
    examples: hidden.slice(0, MOST_EXAMPLES),
  }
}

/** Whether the exception takes out some, and all, of an alert's events. */
export function taken(alert: Alert, probe: Engine): { readonly met: boolean; readonly all: boolean } {
  const met = probe.evaluate(alert.events).length
  return { met: met > 0, all: met === alert.events.length }
}

function toHidden({ id, title, time, device, status, verdict, count }: Alert): HiddenAlert {
  return { id, title, time, host: device.hostname, status, ...(verdict && { verdict }), count }
}

function rank({ status, verdict }: HiddenAlert): number {
  if (verdict === 'true_positive') return 0
  if (status === 'acknowledged') return 1
  return status === 'open' ? 2 : 3
}
