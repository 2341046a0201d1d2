import type { RuleInfo } from '@vedette/model'

/** A record met a rule, or completed a correlation. */
export interface HuntMatch {
  readonly rule: RuleInfo
  /** When the record happened, milliseconds since the epoch; undefined where it does not say. */
  readonly timeMs: number | undefined
  /** On which machine; empty where the record does not say. */
  readonly host: string
  /** Path as it was given, or below a folder that was given. */
  readonly file: string
  /** `EventRecordID`, or the line, counted from 1. */
  readonly record: number
  /** The record, as JSON. */
  readonly event: string
}
