import { readdirSync, readFileSync } from 'node:fs'
import type { Clock } from '@vedette/base'
import type { CgroupUse } from '@vedette/linux'
import type { AgentUse } from '@vedette/model'

export interface OwnUseOptions {
  readonly clock: Clock
  readonly cpuLimitPercent: number
  readonly memoryLimitBytes: number
  /** Of the control group that keeps the agent to its budget; left out where there is none. */
  readonly readGroup?: () => CgroupUse | undefined
  /** For how long the agent has held itself back so far, where no control group does. */
  readonly pausedMs: () => number
}

interface Sums {
  readonly timeMs: number
  readonly cpuMs: number
  readonly heldMs: number
  readonly reclaims: number
  readonly readBytes: number
  readonly writtenBytes: number
}

/** Looks between which less time passed say little: the one before is told again. */
const LEAST_MS = 1000

/** What the agent itself takes, between one look and the next. */
export class OwnUse {
  readonly #options: OwnUseOptions
  #before: Sums
  #latest: AgentUse | undefined

  constructor(options: OwnUseOptions) {
    this.#options = options
    this.#before = this.#sums(options.readGroup?.())
  }

  /** The last look; undefined for the first second. */
  get latest(): AgentUse | undefined {
    return this.#latest
  }

  look(): AgentUse | undefined {
    const { clock, cpuLimitPercent, memoryLimitBytes, readGroup } = this.#options
    const group = readGroup?.()
    const before = this.#before
    const now = this.#sums(group)
    const elapsedMs = now.timeMs - before.timeMs
    if (elapsedMs < LEAST_MS) return this.#latest
    this.#before = now
    const perSecond = (bytes: number) => Math.round(Math.max(0, bytes) / (elapsedMs / 1000))
    this.#latest = {
      time: clock.now(),
      keptBy: readGroup === undefined ? 'agent' : 'kernel',
      cpuPercent: (100 * (now.cpuMs - before.cpuMs)) / elapsedMs,
      cpuLimitPercent,
      memoryBytes: group?.memoryBytes ?? process.memoryUsage.rss(),
      memoryLimitBytes,
      diskReadBytesPerS: perSecond(now.readBytes - before.readBytes),
      diskWriteBytesPerS: perSecond(now.writtenBytes - before.writtenBytes),
      openFiles: readdirSync('/proc/self/fd').length,
      heldBackPercent: Math.min(100, Math.max(0, (100 * (now.heldMs - before.heldMs)) / elapsedMs)),
      memoryReclaims: Math.max(0, now.reclaims - before.reclaims),
    }
    return this.#latest
  }

  #sums(group: CgroupUse | undefined): Sums {
    const { clock, pausedMs } = this.#options
    const { user, system } = process.cpuUsage()
    const io = readFileSync('/proc/self/io', 'latin1')
    const bytes = (name: string) => Number(new RegExp(`^${name}: (\\d+)$`, 'm').exec(io)?.[1] ?? 0)
    return {
      timeMs: clock.monotonic(),
      cpuMs: (user + system) / 1000,
      heldMs: group?.throttledMs ?? pausedMs(),
      reclaims: group?.reclaims ?? 0,
      readBytes: bytes('read_bytes'),
      writtenBytes: bytes('write_bytes'),
    }
  }
}
