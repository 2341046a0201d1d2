import { bootTimeMs, clockTicksPerSecond, listPids, type ProcessInfo, readProcess } from '@vedette/linux'

/** A process that was there already, and when it started, milliseconds since the epoch. */
export interface RunningProcess {
  readonly info: ProcessInfo
  readonly startedMs: number
}

/** Every program that runs now, oldest first, so that a parent comes before its children. Kernel threads are no programs. */
export function runningProcesses(): RunningProcess[] {
  const boot = bootTimeMs()
  const ticks = clockTicksPerSecond()
  return listPids()
    .flatMap((pid) => {
      const info = readProcess(pid)
      if (info === undefined || info.kernelThread || info.exiting) return []
      return [{ info, startedMs: boot + (info.startTicks * 1000) / ticks }]
    })
    .sort((a, b) => a.info.startTicks - b.info.startTicks || a.info.pid - b.info.pid)
}
