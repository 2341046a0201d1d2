/** Where time comes from. Passed in, so that a test decides what time it is. */
export interface Clock {
  /** Wall clock, milliseconds since 1970-01-01T00:00:00Z; fractions are microseconds. May jump. */
  now(): number
  /** Milliseconds since an arbitrary start; never goes back. For durations and timeouts. */
  monotonic(): number
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
}
