import { readFileSync } from 'node:fs'
import { clockTicksPerSecond, KeptProcFile, parseProcessUsage, type ProcessUsage } from '@vedette/linux'

/** What children use is looked up at most so often. */
const LOOK_MS = 500

interface Child {
  readonly startTicks: number
  cpuTicks: number
}

/** What the agent costs its host: its own process and the processes that it has started for what is seldom done. */
export class Footprint {
  readonly #monotonic: () => number
  readonly #children = new Map<number, Child>()
  readonly #usage: ProcessUsage = {
    cpuTicks: 0,
    threads: 0,
    startTicks: 0,
    residentPages: 0,
    kernelThread: false,
  }
  /** Of those that have ended, as far as it was seen. */
  #endedTicks = 0
  #lookedMs = -Infinity

  /** @param monotonic milliseconds */
  constructor(monotonic: () => number) {
    this.#monotonic = monotonic
  }

  /** Processor time so far, milliseconds; that of children may be half a second old. */
  cpuMs(): number {
    this.#look()
    const { user, system } = process.cpuUsage()
    const ticks = [...this.#children.values()].reduce((sum, { cpuTicks }) => sum + cpuTicks, this.#endedTicks)
    return (user + system) / 1000 + (1000 * ticks) / clockTicksPerSecond()
  }

  /** What it has in memory, bytes; the program itself, which its processes share, counted once. */
  memoryBytes(): number {
    return childPids().reduce((sum, pid) => sum + ownMemory(pid), process.memoryUsage.rss())
  }

  #look(): void {
    const nowMs = this.#monotonic()
    if (nowMs - this.#lookedMs < LOOK_MS) return
    this.#lookedMs = nowMs
    const seen = new Set<number>()
    for (const pid of childPids()) {
      using stat = KeptProcFile.open(`/proc/${pid}/stat`)
      const text = stat?.read()
      if (text === undefined || !parseProcessUsage(text, this.#usage)) continue
      seen.add(pid)
      const { startTicks, cpuTicks } = this.#usage
      const known = this.#children.get(pid)
      if (known?.startTicks === startTicks) known.cpuTicks = cpuTicks
      else {
        // Another, by the number of one that has ended.
        this.#endedTicks += known?.cpuTicks ?? 0
        this.#children.set(pid, { startTicks, cpuTicks })
      }
    }
    for (const [pid, { cpuTicks }] of this.#children) {
      if (seen.has(pid)) continue
      this.#endedTicks += cpuTicks
      this.#children.delete(pid)
    }
  }
}

/** Those that the main thread has started, which is who starts all of them. */
function childPids(): number[] {
  return read(`/proc/self/task/${process.pid}/children`).split(' ').filter(Boolean).map(Number)
}

function ownMemory(pid: number): number {
  const status = read(`/proc/${pid}/status`)
  return ['RssAnon', 'RssShmem'].reduce(
    (sum, name) => sum + 1024 * Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0),
    0,
  )
}

/** Empty for a process that has ended in the meantime. */
function read(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}
