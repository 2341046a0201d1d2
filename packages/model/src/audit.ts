/** One entry of an audit log. Each carries the hash of the one before it. */
export interface AuditRecord {
  /** From 0, without a gap. */
  readonly sequence: number
  readonly time: number
  readonly actor: string
  /** `respond.freeze`, `sign-in`, `alert.resolve`, ... */
  readonly action: string
  readonly target: string
  readonly outcome: 'intended' | 'done' | 'refused' | 'failed' | 'undone'
  readonly detail: Readonly<Record<string, unknown>>
  /** SHA-256 of the record before, 64 hex digits; zeros for the first. */
  readonly previous: string
  /** SHA-256 over this record's canonical JSON without `hash`. */
  readonly hash: string
}
