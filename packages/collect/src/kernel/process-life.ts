import {
  clockTicksPerSecond,
  monotonicNs,
  type ProcEvent,
  readProcessStat,
  sinceBootNs,
} from '@vedette/linux'
import type { ExitRecord, ProcessIdentity } from '@vedette/model'

/**
 * When a process started. One that has ended already is not in /proc any more: then the time of the event itself is
 * turned into ticks, which may be one tick late.
 */
export function startTicksOf(event: ProcEvent): number {
  const stat = readProcessStat(event.pid)
  if (stat !== undefined) return stat.startTicks
  const asleepNs = sinceBootNs() - monotonicNs()
  return Math.floor(((event.timeNs + asleepNs) * clockTicksPerSecond()) / 1e9)
}

/** The status as wait(2) gives it: the signal in bits 0-6, else the exit status in bits 8-15. */
export function exitRecord(
  source: ExitRecord['source'],
  process: ProcessIdentity,
  status: number,
  timeMs: number,
): ExitRecord {
  const signal = status & 0x7f
  return {
    type: 'exit',
    source,
    timeMs,
    process,
    ...(signal === 0 ? { exitCode: (status >> 8) & 0xff } : { signal }),
  }
}
