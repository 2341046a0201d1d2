import { openPidfd, openProcess, type Pidfd, type ProcessInfo, readProcess } from '@vedette/linux'
import type { ProcessTarget } from '@vedette/model'

/** A process that is held by a descriptor, so that it stays that one. Dispose of it when done. */
export interface HeldProcess extends Disposable {
  readonly pidfd: Pidfd
  /** As it was when it was taken hold of. */
  readonly info: ProcessInfo
}

/**
 * Takes hold of a process; undefined when it has ended, also when another has its pid by now. Without a start time it is
 * whoever has the pid at this moment.
 */
export function hold({
  pid,
  startTicks,
}: Pick<ProcessTarget, 'pid'> & Partial<ProcessTarget>): HeldProcess | undefined {
  const pidfd = startTicks === undefined ? openPidfd(pid) : openProcess(pid, startTicks)
  if (pidfd === undefined) return undefined
  const info = readProcess(pid)
  // Read while it was held: if it is still there, the pid was its own all the time.
  const same = info !== undefined && !info.exiting && !pidfd.hasExited()
  if (same && (startTicks === undefined || info.startTicks === startTicks)) {
    return { pidfd, info, [Symbol.dispose]: () => pidfd[Symbol.dispose]() }
  }
  pidfd[Symbol.dispose]()
  return undefined
}
