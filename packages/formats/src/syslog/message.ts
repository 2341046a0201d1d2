/** One line of a syslog file. */
export interface SyslogMessage {
  readonly format: 'rfc3164' | 'iso' | 'rfc5424'
  /** The line's own time, milliseconds since the epoch; fractions are microseconds. Left out where it gives none. */
  readonly timeMs?: number
  readonly host?: string
  /** Program that wrote it: the tag before the colon, without the pid. */
  readonly program?: string
  readonly pid?: number
  /** The message without header, and without the space before it. */
  readonly message: string
  /** Facility * 8 + severity (RFC 5424, section 6.2.1), where the line has it. */
  readonly priority?: number
  /** RFC 5424 only. */
  readonly messageId?: string
  /** RFC 5424 only: its structured data, in the order of the line. */
  readonly structuredData?: readonly StructuredElement[]
}

export interface StructuredElement {
  readonly id: string
  readonly parameters: readonly (readonly [name: string, value: string])[]
}

export interface SyslogOptions {
  /** When the line was read, milliseconds since the epoch: gives a year to lines that have none. */
  readonly readAtMs: number
  /** Zone of times that name none: the zone of this process, or UTC. Default `local`. */
  readonly zone?: 'local' | 'utc'
}

/** Longest line that is parsed, UTF-16 units. */
export const MAX_SYSLOG_LINE = 65_536
