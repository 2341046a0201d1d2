import type { RuleId } from './ids.ts'
import type { Severity } from './severity.ts'
import type { Technique } from './technique.ts'

/** What every rule tells about itself, whatever its type. */
export interface RuleInfo {
  readonly id: RuleId
  readonly title: string
  /** `sigma`, `threshold`, ... */
  readonly type: string
  readonly severity: Severity
  /** Plain words: what this is, why it matters, when it is harmless. */
  readonly explanation: string
  readonly techniques: readonly Technique[]
  readonly falsePositives: readonly string[]
  readonly author?: string
  /** How far its author has come with it. Absent: the rule does not say. */
  readonly status?: 'stable' | 'test' | 'experimental' | 'deprecated' | 'unsupported'
  /** Points that a match adds to the risk of the process and the host, 0-100. */
  readonly riskPoints: number
  /** File that it came from. */
  readonly file: string
}

/** One rule file that was not loaded, and why. */
export interface RuleProblem {
  readonly file: string
  /** 1-based; 0 where the fault has no place. */
  readonly line: number
  readonly column: number
  /** Stable, kebab-case: `unknown-modifier`. */
  readonly code: string
  readonly message: string
  readonly hint?: string
  /** The line of the file at which it stands. */
  readonly excerpt?: string
}
