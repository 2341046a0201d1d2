import type { UsageEvent } from '../event/usage.ts'
import type { ProcessIdentity } from './kernel.ts'

/** Something uses much of a resource, or no longer does. What it says is as an Event has it. */
export interface UsageRecord extends Pick<
  UsageEvent,
  | 'activity'
  | 'resource'
  | 'pressure_of'
  | 'cgroup'
  | 'value'
  | 'threshold'
  | 'limit'
  | 'percent'
  | 'baseline'
  | 'deviations'
  | 'duration_ms'
> {
  readonly source: 'usage'
  /** When it was measured, milliseconds since the epoch. */
  readonly timeMs: number
  /** Which process, where it is one. */
  readonly subject?: ProcessIdentity
}
