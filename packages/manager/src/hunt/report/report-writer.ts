import type { HuntStart, HuntSummary } from '../hunt.ts'
import type { HuntMatch } from '../match.ts'
import type { Unreadable } from '../targets.ts'

/** Writes what a hunt finds in one form. Text that it gives is written as it comes, nothing twice. */
export interface ReportWriter extends Disposable {
  /**
   * What is there to be written now; empty where the form needs all matches first. Text, or UTF-8 that is good until the next
   * call.
   */
  matches(matches: readonly HuntMatch[]): string | Buffer
  /** The rest, piece by piece. */
  end(outcome: HuntOutcome): Iterable<string>
}

/** All that a report says besides the matches. */
export interface HuntOutcome {
  readonly start: HuntStart
  readonly summary: HuntSummary
  /** The first ones. */
  readonly unreadable: readonly Unreadable[]
  /** What was hunted in, as it was given. */
  readonly paths: readonly string[]
  /** When the report is made, milliseconds since the epoch. */
  readonly nowMs: number
  /** Of Vedette. */
  readonly version: string
}
