import type { AlertId, RuleId } from './ids.ts'

/** One entry of a risk ledger: why an entity has the points that it has. */
export interface RiskEntry {
  /** `process:<uid of the tree's root>` or `host:<agent>`. */
  readonly entity: string
  readonly time: number
  readonly points: number
  readonly reason: string
  readonly alert: AlertId
  readonly rule: RuleId
}
