/** What every queue, ring, socket and collector reports. `emitted = delivered + lost` holds once it is drained. */
export interface Counters {
  /** Units offered by the producer. */
  readonly emitted: number
  /** Units handed on to the consumer. */
  readonly delivered: number
  /** Units dropped, each of them counted. */
  readonly lost: number
}

export const zeroCounters: Counters = { emitted: 0, delivered: 0, lost: 0 }

export function addCounters(a: Counters, b: Counters): Counters {
  return {
    emitted: a.emitted + b.emitted,
    delivered: a.delivered + b.delivered,
    lost: a.lost + b.lost,
  }
}
