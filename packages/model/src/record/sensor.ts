import type { SensorEvent } from '../event/sensor.ts'

/** What the agent noticed of itself. */
export interface SensorRecord extends Pick<
  SensorEvent,
  'activity' | 'part' | 'cause' | 'lost' | 'lost_by_kind' | 'duration_ms' | 'detail' | 'ended_by'
> {
  readonly source: 'sensor'
  /** When it was noticed, milliseconds since the epoch. */
  readonly timeMs: number
}
