import { listPids, readExecutable, readProcessStat } from '@vedette/linux'
import type { RawRecord } from '@vedette/model'

/** Which processes are Vedette's own. */
export interface OwnProcessesOptions {
  /** The supervisor, the agent, the server: their connections and files are their work, not somebody's attack. */
  readonly pids: readonly number[]
  /**
   * Programs that their descendants may run as ours: absolute paths, or folders with a slash at the end. A descendant
   * that runs anything else, such as a shell that somebody made the server start, is watched as everybody is.
   */
  readonly executables: readonly string[]
}

interface Descendant {
  readonly startTicks: number
  ours: boolean
}

/** Follows the processes of Vedette itself by fork, exec and exit, and tells their connections and files from others'. */
export class OwnProcesses {
  readonly #executables: readonly string[]
  readonly #known = new Map<number, Descendant>()
  #dropped = 0

  constructor(options: OwnProcessesOptions) {
    this.#executables = options.executables
    for (const pid of options.pids) {
      const stat = readProcessStat(pid)
      if (stat !== undefined) this.#known.set(pid, { startTicks: stat.startTicks, ours: true })
    }
    if (this.#known.size > 0) this.#readDescendants()
  }

  /** Records of connections and files that `keeps` has refused. */
  get dropped(): number {
    return this.#dropped
  }

  /** Follows the record; false where it is the work of one of ours and nothing to report. Wants every record, in order. */
  keeps(record: RawRecord): boolean {
    if (
      record.source === 'line' ||
      record.source === 'journal' ||
      record.source === 'kmsg' ||
      record.source === 'yara' ||
      record.source === 'packet' ||
      record.source === 'usage' ||
      record.source === 'sensor' ||
      record.source === 'integrity' ||
      record.source === 'inventory' ||
      this.#known.size === 0
    )
      return true
    const { pid, startTicks } = record.process
    switch (record.type) {
      case 'fork': {
        const parent = this.#known.get(record.parent.pid)
        if (parent?.startTicks === record.parent.startTicks) {
          this.#known.set(pid, { startTicks, ours: parent.ours })
        }
        return true
      }
      case 'exec': {
        const known = this.#known.get(pid)
        if (known?.startTicks === startTicks) known.ours = this.#isOurs(record.executable)
        return true
      }
      case 'exit':
        if (this.#known.get(pid)?.startTicks === startTicks) this.#known.delete(pid)
        return true
      default: {
        const known = this.#known.get(pid)
        if (known?.startTicks !== startTicks || !known.ours) return true
        this.#dropped += 1
        return false
      }
    }
  }

  #isOurs(executable: string): boolean {
    return this.#executables.some((path) =>
      path.endsWith('/') ? executable.startsWith(path) : executable === path,
    )
  }

  /** Children that were there before the watch began. Parents have lower starts, so one pass in that order finds all. */
  #readDescendants(): void {
    const stats = listPids()
      .flatMap((pid) => readProcessStat(pid) ?? [])
      .sort((a, b) => a.startTicks - b.startTicks || a.pid - b.pid)
    for (const { pid, ppid, startTicks } of stats) {
      if (this.#known.has(pid) || !this.#known.has(ppid)) continue
      const executable = readExecutable(pid)?.executable
      this.#known.set(pid, { startTicks, ours: executable !== undefined && this.#isOurs(executable) })
    }
  }
}
