import type { Clock } from '@vedette/base'
import type { Device, SensorEvent, SensorRecord } from '@vedette/model'
import { EventFactory } from '../../event-factory.ts'
import { sensorEventOf } from './sensor-source.ts'

/**
 * Makes the Events of what somebody else than its agent notices of a host.
 *
 * @param run names these Events, 16 hex digits that nobody else uses
 */
export function sensorEvents(
  device: Device,
  run: string,
  clock: Clock,
): (record: SensorRecord) => SensorEvent {
  const events = new EventFactory(device, run, clock)
  return (record) => {
    events.startBatch()
    return sensorEventOf(record, events)
  }
}
