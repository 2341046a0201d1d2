/** A message of the kernel's log. */
export interface KernelLogRecord {
  readonly source: 'kmsg'
  /** When it was written, milliseconds since the epoch. */
  readonly timeMs: number
  readonly sequence: number
  /** 0 (emergency) to 7 (debug). */
  readonly priority: number
  /** 0: the kernel itself; what programs write there is of another. */
  readonly facility: number
  /** Of a program's message anybody's text. */
  readonly text: string
  /** Such as `SUBSYSTEM` and `DEVICE`. */
  readonly keys: Readonly<Record<string, string>>
}
