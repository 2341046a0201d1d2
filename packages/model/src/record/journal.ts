/** An entry of the systemd journal. */
export interface JournalRecord {
  readonly source: 'journal'
  /** When the journal took it, milliseconds since the epoch; fractions are microseconds. */
  readonly timeMs: number
  /** The journal file that it stood in. */
  readonly path: string
  /**
   * Its fields (systemd.journal-fields(7)), decoded from UTF-8 (faulty bytes become U+FFFD), in all at most 128 KiB of
   * characters. Of a field that is set more than once, the last value.
   */
  readonly fields: Readonly<Record<string, string>>
}
