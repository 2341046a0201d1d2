/**
 * Which kinds of record a collector tells, by the names of `kindOf`: each one as it happens, or found by looking again
 * after a while, where what comes and goes between two looks is missing.
 */
export interface Sees {
  readonly each: readonly string[]
  readonly byLooking: readonly string[]
}

/** What every collector finds that compares /proc and watched files on a timer. */
export const seenByPolling: readonly string[] = ['connect', 'accept', 'listen', 'close', 'file']
