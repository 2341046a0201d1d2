import type { AlertId, RuleId } from './ids.ts'
import type { Sightings } from './indicator.ts'

/** A field of an exception and what it has to be there: a value of Sigma, `*` and `?` in it are wildcards. */
export interface ExceptionField {
  /** In the words of the rule's log source (`Image`), or a path of the Event (`process.path`). */
  readonly name: string
  readonly value: string
}

/** A case that a rule shall leave alone: a Sigma filter, and who answers for it until when. */
export interface RuleException {
  /** Of the filter, a UUID. */
  readonly id: string
  /** The rules that it is for. */
  readonly rules: readonly RuleId[]
  /** Of the rule that its alert was of. */
  readonly ruleTitle: string
  readonly alert?: AlertId
  readonly fields: readonly ExceptionField[]
  /** The filter as YAML, ready for any engine that knows Sigma. */
  readonly filter: string
  readonly owner: string
  readonly reason: string
  /** Who made it. */
  readonly actor: string
  /** Milliseconds since the epoch. */
  readonly addedAt: number
  /** It ends by itself then. Absent: it does not. */
  readonly expiresAt?: number
  /** Events that it kept its rule silent about. */
  readonly hits: Sightings
}
