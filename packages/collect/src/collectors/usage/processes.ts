import { readdirSync, readlinkSync, statSync } from 'node:fs'
import {
  clockTicksPerSecond,
  KeptProcFile,
  listPids,
  pageBytes,
  parseProcessUsage,
  type ProcessUsage,
  readExecutable,
} from '@vedette/linux'
import type { ProcessIdentity } from '@vedette/model'
import { numberAfter } from './number-after.ts'

/** What one process uses. What may not be read of it is left out. */
export interface ProcessSample {
  readonly identity: ProcessIdentity
  /** What its habits are known by: the executable's path, else its name. */
  readonly program: string
  readonly cpuCores: number
  readonly memoryBytes: number
  readonly ioBytesPerSecond?: number
  readonly descriptors?: number
}

interface Followed {
  readonly stat: KeptProcFile
  readonly startTicks: number
  program: string
  cpuTicks: number
  measuredMs: number
  io: { bytes: number; ms: number } | undefined
  ioPerSecond: number
  descriptors: number | undefined
  /** Somebody else's: what is in its folder besides `stat` may not be read. */
  closed: boolean
  look: number
}

/** Processes that are looked at without a break: about a millisecond. */
const TURN = 16
/** A process that did nothing is asked for its descriptors so seldom, in looks. */
const IDLE_LOOKS = 12
/** At most so many descriptors are looked at to count sockets. */
const MAX_COUNTED = 20_000
/** Looks after which a process is asked again which program it runs. */
const PROGRAM_LOOKS = 12

/** Measures all processes, again and again. Files stay open between two looks, so that a look costs one read a process. */
export class Processes implements Disposable {
  readonly #limit: number
  readonly #followed = new Map<number, Followed>()
  readonly #usage: ProcessUsage = {
    cpuTicks: 0,
    threads: 0,
    startTicks: 0,
    residentPages: 0,
    kernelThread: false,
  }
  readonly #kernelThreads = new Set<number>()
  #looks = 0
  #missed = 0

  /** @param limit most processes that are looked at */
  constructor(limit: number) {
    this.#limit = limit
  }

  /** Processes that the last look left out for want of room. */
  get missed(): number {
    return this.#missed
  }

  /**
   * Measures each process, first in the order of their numbers; the first measure of one tells nothing, since there is
   * nothing to compare with.
   *
   * Yields now and then, where others may have their turn.
   *
   * @param onEnd told of each that has ended since the look before
   * @returns how many there are, threads of the kernel left out
   */
  *look(
    nowMs: () => number,
    onSample: (sample: ProcessSample) => void,
    onEnd: (identity: ProcessIdentity) => void,
  ): Generator<undefined, number> {
    this.#looks += 1
    this.#missed = 0
    let count = 0
    let turn = 0
    for (const pid of listPids()) {
      turn += 1
      if (turn % TURN === 0) yield undefined
      if (this.#kernelThreads.has(pid)) continue
      count += 1
      let followed = this.#followed.get(pid)
      if (followed !== undefined) {
        const text = followed.stat.read()
        if (text !== undefined && parseProcessUsage(text, this.#usage)) {
          onSample(this.#measure(pid, followed, nowMs()))
          continue
        }
        this.#forget(pid, followed, onEnd)
      }
      if (this.#followed.size >= this.#limit) {
        this.#missed += 1
        continue
      }
      followed = this.#follow(pid, nowMs())
      if (followed !== undefined) this.#followed.set(pid, followed)
      else if (this.#usage.kernelThread) {
        this.#kernelThreads.add(pid)
        count -= 1
      }
    }
    for (const [pid, followed] of this.#followed) {
      if (followed.look !== this.#looks) this.#forget(pid, followed, onEnd)
    }
    return count
  }

  [Symbol.dispose](): void {
    for (const { stat } of this.#followed.values()) stat[Symbol.dispose]()
    this.#followed.clear()
  }

  #follow(pid: number, nowMs: number): Followed | undefined {
    this.#usage.kernelThread = false
    const stat = KeptProcFile.open(`/proc/${pid}/stat`)
    const text = stat?.read()
    if (
      stat === undefined ||
      text === undefined ||
      !parseProcessUsage(text, this.#usage) ||
      this.#usage.kernelThread
    ) {
      stat?.[Symbol.dispose]()
      return undefined
    }
    return {
      stat,
      startTicks: this.#usage.startTicks,
      program: programOf(pid, text),
      cpuTicks: this.#usage.cpuTicks,
      measuredMs: nowMs,
      io: undefined,
      ioPerSecond: 0,
      descriptors: undefined,
      closed: false,
      look: this.#looks,
    }
  }

  #measure(pid: number, followed: Followed, nowMs: number): ProcessSample {
    const { cpuTicks, residentPages } = this.#usage
    const ticks = cpuTicks - followed.cpuTicks
    const seconds = (nowMs - followed.measuredMs) / 1000
    const cpuCores = seconds > 0 ? Math.max(0, ticks) / clockTicksPerSecond() / seconds : 0
    const age = this.#looks - followed.look
    followed.cpuTicks = cpuTicks
    followed.measuredMs = nowMs
    followed.look = this.#looks
    const turn = (this.#looks + pid) % IDLE_LOOKS === 0
    if (!followed.closed && (ticks > 0 || turn || followed.io === undefined)) this.#ask(pid, followed, nowMs)
    else followed.ioPerSecond = 0
    if (age === 1 && (this.#looks + pid) % PROGRAM_LOOKS === 0) {
      followed.program = readExecutable(pid)?.executable ?? followed.program
    }
    return {
      identity: { pid, startTicks: followed.startTicks },
      program: followed.program,
      cpuCores,
      memoryBytes: residentPages * pageBytes(),
      ...(followed.io !== undefined && { ioBytesPerSecond: followed.ioPerSecond }),
      ...(followed.descriptors !== undefined && { descriptors: followed.descriptors }),
    }
  }

  /** What only its owner, or a right of its own, may read. */
  #ask(pid: number, followed: Followed, nowMs: number): void {
    using io = KeptProcFile.open(`/proc/${pid}/io`)
    const text = io?.read()
    const descriptors = countDescriptors(pid)
    if (text === undefined && descriptors === undefined) {
      followed.closed = true
      return
    }
    followed.descriptors = descriptors
    if (text === undefined) return
    const bytes = numberAfter(text, 'read_bytes: ') + numberAfter(text, 'write_bytes: ')
    const before = followed.io
    followed.ioPerSecond =
      before === undefined || nowMs <= before.ms
        ? 0
        : (1000 * Math.max(0, bytes - before.bytes)) / (nowMs - before.ms)
    followed.io = { bytes, ms: nowMs }
  }

  #forget(pid: number, followed: Followed, onEnd: (identity: ProcessIdentity) => void): void {
    followed.stat[Symbol.dispose]()
    this.#followed.delete(pid)
    onEnd({ pid, startTicks: followed.startTicks })
  }
}

function programOf(pid: number, stat: Buffer): string {
  const name = stat.toString('utf8', stat.indexOf(0x28) + 1, stat.lastIndexOf(0x29))
  return readExecutable(pid)?.executable ?? name
}

/** How many descriptors a process has open; undefined where that may not be known. */
function countDescriptors(pid: number): number | undefined {
  const folder = `/proc/${pid}/fd`
  try {
    // Since Linux 6.2 the size of the folder is their number.
    const { size } = statSync(folder)
    return size > 0 ? size : readdirSync(folder).length
  } catch {
    return undefined
  }
}

/** How many of its descriptors are sockets; counts the first 20,000 descriptors. */
export function countSockets(pid: number): number {
  let sockets = 0
  try {
    for (const number of readdirSync(`/proc/${pid}/fd`).slice(0, MAX_COUNTED)) {
      if (linkOf(`/proc/${pid}/fd/${number}`).startsWith('socket:')) sockets += 1
    }
  } catch {
    // It has ended.
  }
  return sockets
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}

/** How many descriptors a process may have open; undefined where that may not be known. */
export function descriptorLimit(pid: number): number | undefined {
  using limits = KeptProcFile.open(`/proc/${pid}/limits`)
  const text = limits?.read()?.toString('latin1')
  const limit = /^Max open files +(\d+)/m.exec(text ?? '')?.[1]
  return limit === undefined ? undefined : Number(limit)
}

/**
 * The memory of a process with what it shares with others counted in part (PSS); undefined where that may not be known.
 * Dear: the kernel walks all its pages.
 */
export function proportionalMemory(pid: number): number | undefined {
  using rollup = KeptProcFile.open(`/proc/${pid}/smaps_rollup`)
  const text = rollup?.read()
  return text === undefined || text.length === 0 ? undefined : numberAfter(text, '\nPss:') * 1024
}

/** The cgroup of a process: its path in the unified hierarchy, else the deepest of those of version 1. */
export function cgroupOf(pid: number): string | undefined {
  using file = KeptProcFile.open(`/proc/${pid}/cgroup`)
  const text = file?.read()?.toString('utf8')
  const paths = text?.split('\n').map((line) => line.split(':').slice(2).join(':')) ?? []
  const deepest = paths.reduce((a, b) => (b.length > a.length ? b : a), '')
  const unified = /^0::(.+)$/m.exec(text ?? '')?.[1]
  if (unified !== undefined && unified !== '/') return unified
  return deepest === '' ? undefined : deepest
}
