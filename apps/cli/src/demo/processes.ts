import type { ChildProcess } from 'node:child_process'
import { listPids, openProcess, type ProcessStat, readProcessStat } from '@vedette/linux'

/** The processes that a technique started, with what they started in turn. */
export class Processes {
  readonly #children: ChildProcess[] = []

  add(child: ChildProcess): void {
    // One that cannot be started at all ends the technique by its own error.
    child.on('error', () => undefined)
    this.#children.push(child)
  }

  has(pid: number): boolean {
    return this.#children.some((child) => child.pid === pid)
  }

  /** Ends all that is left and waits until it is gone. Ours are held by descriptors, so that no other is hit. */
  async end(): Promise<void> {
    const running = this.#children.filter(
      ({ exitCode, signalCode }) => exitCode === null && signalCode === null,
    )
    const gone = running.map((child) => new Promise<void>((resolve) => child.once('exit', () => resolve())))
    for (const child of running) {
      if (child.pid === undefined) continue
      for (const { pid, startTicks } of descendants(child.pid)) {
        using process = openProcess(pid, startTicks)
        process?.signal('SIGKILL')
      }
      child.kill('SIGKILL')
    }
    await Promise.all(gone)
  }
}

/** Processes below this one now. */
function descendants(root: number): ProcessStat[] {
  const all = listPids().flatMap((pid) => readProcessStat(pid) ?? [])
  const below = new Set([root])
  for (let size = 0; size !== below.size;) {
    size = below.size
    for (const { pid, ppid } of all) if (below.has(ppid)) below.add(pid)
  }
  return all.filter(({ pid }) => pid !== root && below.has(pid))
}
