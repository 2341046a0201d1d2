/** One line of a log, as bytes decoded from UTF-8 (faulty bytes become U+FFFD), without its line end. */
export interface LineRecord {
  readonly source: 'line'
  /** When it was read, milliseconds since the epoch. The line's own time is the normaliser's business. */
  readonly timeMs: number
  /** The file that it stood in. */
  readonly path: string
  /** At most 64 KiB of characters; `truncated` when the line was longer. */
  readonly text: string
  readonly truncated: boolean
}
