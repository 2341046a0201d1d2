import { z } from 'zod'
import type { Event } from './event/index.ts'
import type { Device, ProcessEntity } from './event/objects.ts'
import type { AlertId, EventId, IncidentId, TenantId } from './ids.ts'
import type { RuleInfo } from './rule.ts'

export const alertStatuses = ['open', 'acknowledged', 'resolved'] as const
export type AlertStatus = (typeof alertStatuses)[number]
export const verdicts = ['true_positive', 'false_positive', 'benign'] as const
/** What a person found it to be; asked when it is resolved, and fed to tuning. */
export type Verdict = (typeof verdicts)[number]
export const verdictSchema = z.enum(verdicts)

/** A value that made a rule fire, and where in it. */
export interface Match {
  readonly event: EventId
  /** Path in the Event: `process.cmd_line`. */
  readonly field: string
  /** The whole value as text, cut to 4096 characters. */
  readonly value: string
  /** Where the matched part stands in `value`, in UTF-16 units; left out where all of it matched. */
  readonly start?: number
  readonly length?: number
}

/** What a rule says of some events. Made by detect; it has no history yet. */
export interface Detection {
  readonly id: AlertId
  readonly rule: RuleInfo
  /** When the last of its events happened, milliseconds since the epoch. */
  readonly time: number
  readonly device: Device
  /** The process in question, its ancestors with it. */
  readonly process?: ProcessEntity & { readonly ancestry?: readonly ProcessEntity[] }
  /** A sentence about what happened, with the names in it. */
  readonly title: string
  /** The events that made it fire, oldest first; at most 100, `eventCount` says how many there were. */
  readonly events: readonly Event[]
  readonly eventCount: number
  readonly matches: readonly Match[]
  /** Counted values of a threshold: `{ "src_endpoint.ip": "203.0.113.7", count: 50 }`. */
  readonly aggregate?: Readonly<Record<string, string | number>>
  /**
   * What it is about, besides the process: `account:root`, `address:203.0.113.7`. Alerts that share the rule and the
   * entity are repeats of each other.
   */
  readonly entity: string
}

/** A detection with its history: counted, assigned, judged. */
export interface Alert {
  readonly id: AlertId
  readonly tenant: TenantId
  readonly rule: RuleInfo
  readonly title: string
  /** Time of the first detection; milliseconds since the epoch. */
  readonly time: number
  readonly lastSeen: number
  /** How many detections it stands for: 1 + its repeats within the suppression window. */
  readonly count: number
  /**
   * Detections of its rule that have no alert of their own because the rule had too many of them in that minute; they are
   * counted with the last one that has. Left out where there are none.
   */
  readonly suppressed?: number
  readonly status: AlertStatus
  readonly verdict?: Verdict
  readonly assignee?: string
  readonly device: Device
  readonly process?: Detection['process']
  readonly entity: string
  readonly events: readonly Event[]
  readonly eventCount: number
  readonly matches: readonly Match[]
  readonly aggregate?: Detection['aggregate']
  readonly fingerprint: string
  readonly incident?: IncidentId
  /** Risk of the process tree when it fired, 0-100. */
  readonly risk: number
}
