import type { FindingEvent } from '../event/finding.ts'

/** A rule matched a file that was scanned on this host. What it says of the file and the process is as an Event has it. */
export interface FindingRecord extends Pick<
  FindingEvent,
  'finding_info' | 'cause' | 'file' | 'process' | 'meta' | 'matches' | 'match_count' | 'severity_id'
> {
  readonly source: 'yara'
  /** When the scan ended, milliseconds since the epoch. */
  readonly timeMs: number
}
