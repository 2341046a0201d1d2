import type { Alert } from './alert.ts'
import type { AgentId, AlertId, RuleId } from './ids.ts'
import type { Incident } from './incident.ts'

/** What correlation and the store say to each other. */

/** A fingerprint and the span of time in which an alert that has it counts as the same. */
export interface FingerprintSpan {
  readonly fingerprint: string
  /** Milliseconds since the epoch, both inclusive. */
  readonly since: number
  readonly until: number
}

/**
 * How far into each run of an agent the repeats of an alert were counted: the number of the last event (the end of its
 * id), by run; at most 8 runs. What comes again after a crash is then not counted again.
 */
export type CountedRuns = Readonly<Record<string, number>>

/** An alert as correlation keeps it. */
export interface CountedAlert {
  readonly alert: Alert
  readonly counted: CountedRuns
}

/** New values of an alert to which repeats were added. */
export interface RepeatUpdate {
  readonly id: AlertId
  readonly time: number
  readonly lastSeen: number
  readonly count: number
  readonly counted: CountedRuns
}

/** An alert that a rule opened, as far as it counts towards how many a rule may open. */
export interface OpenedAlert {
  readonly id: AlertId
  readonly rule: RuleId
  readonly host: AgentId
  /** When the server made it, whatever the time of what happened; milliseconds since the epoch. */
  readonly openedAt: number
}

/** How far into a run of an agent the detections of a rule were counted that got no alert of their own. */
export interface SuppressedRun {
  readonly rule: RuleId
  /** Host and run. */
  readonly run: string
  /** Number of the last event. */
  readonly number: number
}

/** An incident that correlation keeps. */
export interface CaseIncident {
  readonly incident: Incident
  /** What its title is made of, in order of time: the root of the tree, then the programs; at most 16, each once. */
  readonly programs: readonly string[]
  /** Time of its last alert. */
  readonly lastAlert: number
}
