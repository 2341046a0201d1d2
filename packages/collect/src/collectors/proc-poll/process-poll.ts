import {
  bootTimeMs,
  clockTicksPerSecond,
  listPids,
  type ProcessStat,
  readProcess,
  readProcessStat,
} from '@vedette/linux'
import type { KernelRecord, ProcessIdentity } from '@vedette/model'
import { execRecord } from '../../kernel/exec-record.ts'
import type { ProcessTable } from '../../kernel/process-table.ts'
import { runningProcesses } from '../../kernel/snapshot.ts'

const SOURCE = 'proc-poll'

/** What a look remembers of a process, to tell at the next one whether it runs another program. */
interface Seen {
  readonly startTicks: number
  readonly program: string
}

/**
 * Programs started and ended, found by comparing /proc with how it was. What starts and ends between two looks is not
 * seen; of several programs that one process became between two looks only the last is.
 */
export class ProcessPoll {
  readonly #processes: ProcessTable
  #seen = new Map<number, Seen>()
  /** Those of the last look whose start was not over. */
  #starting: ReadonlySet<number> = new Set()

  constructor(processes: ProcessTable) {
    this.#processes = processes
  }

  /** Every program that runs already. The first call; `look` compares with it. */
  takeStock(): KernelRecord[] {
    return runningProcesses().map(({ info, startedMs }) => {
      this.#remember(info)
      const parent = this.#processes.find(info.ppid)
      return execRecord(info, { source: SOURCE, timeMs: startedMs, parent, snapshot: true })
    })
  }

  look(timeMs: number): KernelRecord[] {
    const stats = listPids()
      .flatMap((pid) => readProcessStat(pid) ?? [])
      .filter(({ kernelThread, exiting }) => !kernelThread && !exiting)
      .sort((a, b) => a.startTicks - b.startTicks || a.pid - b.pid)
    const before = this.#seen
    const there = new Map(stats.map((stat) => [stat.pid, stat]))
    // Ends first: a pid that is used again ended before it began.
    const records: KernelRecord[] = []
    for (const [pid, { startTicks }] of before) {
      if (there.get(pid)?.startTicks === startTicks) continue
      before.delete(pid)
      this.#processes.forget(pid)
      records.push({ type: 'exit', source: SOURCE, timeMs, process: { pid, startTicks } })
    }
    const starting = new Set<number>()
    for (const stat of stats) records.push(...this.#compare(stat, timeMs, starting))
    this.#starting = starting
    return records
  }

  #compare(stat: ProcessStat, timeMs: number, starting: Set<number>): KernelRecord[] {
    const last = this.#seen.get(stat.pid)
    if (last !== undefined && last.program === programOf(stat)) return []
    const inherited = last === undefined && this.#seen.get(stat.ppid)?.program === programOf(stat)
    const info = readProcess(stat.pid)
    if (info === undefined || info.exiting) return []
    // While the kernel lays out the arguments of a program it shows none; who has none at the next look has none.
    if (info.argv.length === 0 && !this.#starting.has(stat.pid)) {
      starting.add(stat.pid)
      return []
    }
    const parent = this.#processes.find(info.ppid)
    const process: ProcessIdentity = { pid: info.pid, startTicks: info.startTicks }
    this.#remember(info)
    const records: KernelRecord[] = []
    const startedMs = Math.min(timeMs, bootTimeMs() + (info.startTicks * 1000) / clockTicksPerSecond())
    if (last === undefined) records.push({ type: 'fork', source: SOURCE, timeMs: startedMs, process, parent })
    // A child that goes on with its parent's program started none.
    if (!inherited) {
      const execMs = last === undefined ? startedMs : timeMs
      records.push(execRecord(info, { source: SOURCE, timeMs: execMs, parent }))
    }
    return records
  }

  #remember(stat: ProcessStat): void {
    this.#processes.remember({ pid: stat.pid, startTicks: stat.startTicks })
    this.#seen.set(stat.pid, { startTicks: stat.startTicks, program: programOf(stat) })
  }
}

/**
 * Which program it runs. Each execve lays the arguments at another place, and a fork keeps them where they are. Without
 * the right to see the place, the name must do.
 */
function programOf(stat: ProcessStat): string {
  return stat.argumentsAddress === 0 ? `name ${stat.name}` : `at ${stat.argumentsAddress}`
}
