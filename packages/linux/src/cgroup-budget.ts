import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

export interface BudgetLimits {
  /** Of one processor: 150 is one and a half. */
  readonly cpuPercent: number
  readonly memoryBytes: number
}

/** One controller's folder: what is written to which file, in this order. */
interface Controller {
  readonly folder: string
  readonly settings: readonly (readonly [file: string, value: string])[]
}

const PERIOD_US = 100_000
/** Of the limit: from here on the kernel takes pages back before it ends anybody (memory.high of version 2). */
const SOFT_PART = 0.9
/** A group that still holds a process then is left; the next start removes it. */
const LONGEST_END_MS = 5000

/**
 * A control group of our own with a hard limit of processor time and memory (Documentation/admin-guide/cgroup-v2.rst,
 * cgroup-v1/). It is made beside or below the group of this process, nobody else's is changed, and it is removed by
 * disposing of it, which waits a while for what was put into it to end.
 */
export class CgroupBudget implements AsyncDisposable {
  readonly #controllers: readonly Controller[]

  private constructor(controllers: readonly Controller[]) {
    this.#controllers = controllers
  }

  /**
   * Undefined where this process may make no such group: as an ordinary user, or where no group beside it has the
   * controllers.
   *
   * @param prefix begins the name of the folder; the number of this process follows. Empty ones of such names, whose
   *   processes are gone, are removed
   */
  static create(prefix: string, limits: BudgetLimits): CgroupBudget | undefined {
    const name = `${prefix}-${process.pid}`
    const text = readFileSync('/proc/self/cgroup', 'utf8')
    const mounts = readFileSync('/proc/self/mounts', 'utf8')
    for (const controllers of [unified(name, limits, text, mounts), version1(name, limits, text, mounts)]) {
      if (controllers === undefined) continue
      removeLeft(prefix, controllers)
      const budget = CgroupBudget.#make(controllers)
      if (budget !== undefined) return budget
    }
    return undefined
  }

  static #make(controllers: readonly Controller[]): CgroupBudget | undefined {
    const budget = new CgroupBudget(controllers)
    try {
      for (const { folder, settings } of controllers) {
        mkdirSync(folder)
        for (const [file, value] of settings) writeFileSync(join(folder, file), value)
      }
      return budget
    } catch {
      budget.#remove()
      return undefined
    }
  }

  /** Puts a process, with its threads and what it starts from now on, into it. @throws when it has ended */
  add(pid: number): void {
    for (const { folder } of this.#controllers) writeFileSync(join(folder, 'cgroup.procs'), String(pid))
  }

  /** How often it was held back for want of processor time, in periods of a tenth of a second. */
  throttled(): number {
    for (const { folder } of this.#controllers) {
      const file = join(folder, 'cpu.stat')
      if (!existsSync(file)) continue
      return Number(/^nr_throttled (\d+)/m.exec(readFileSync(file, 'latin1'))?.[1] ?? 0)
    }
    return 0
  }

  /** What the agent started may end a little later than it does. */
  async [Symbol.asyncDispose](): Promise<void> {
    const deadlineMs = performance.now() + LONGEST_END_MS
    this.#remove()
    while (this.#controllers.some(({ folder }) => existsSync(folder)) && performance.now() < deadlineMs) {
      await delay(20)
      this.#remove()
    }
  }

  #remove(): void {
    for (const { folder } of this.#controllers) {
      try {
        rmdirSync(folder)
      } catch {
        // Never made, gone already, or a process in it is on its way out.
      }
    }
  }
}

/** What a process of ours that was killed could not remove. A group that still holds a process is kept by the kernel. */
function removeLeft(prefix: string, controllers: readonly Controller[]): void {
  for (const { folder } of controllers) {
    const parent = dirname(folder)
    for (const name of readdirSync(parent)) {
      const pid = name.startsWith(`${prefix}-`) ? Number(name.slice(prefix.length + 1)) : Number.NaN
      if (!Number.isSafeInteger(pid) || existsSync(`/proc/${pid}`)) continue
      try {
        rmdirSync(join(parent, name))
      } catch {
        // Somebody is in it.
      }
    }
  }
}

/** Version 2: a group that has processes may not give controllers to its children, so ours stands beside it. */
function unified(name: string, limits: BudgetLimits, own: string, mounts: string): Controller[] | undefined {
  const mount = /^\S+ (\S+) cgroup2 /m.exec(mounts)?.[1]
  const path = /^0::(.+)$/m.exec(own)?.[1]
  if (mount === undefined || path === undefined) return undefined
  const parent = join(mount, path === '/' ? '/' : dirname(path))
  if (!existsSync(join(parent, 'cgroup.subtree_control'))) return undefined
  const given = readFileSync(join(parent, 'cgroup.subtree_control'), 'utf8').trim().split(' ')
  if (!given.includes('cpu') || !given.includes('memory')) return undefined
  const { cpuPercent, memoryBytes } = limits
  return [
    {
      folder: join(parent, name),
      settings: [
        ['cpu.max', `${Math.round((cpuPercent / 100) * PERIOD_US)} ${PERIOD_US}`],
        ['memory.high', String(Math.round(SOFT_PART * memoryBytes))],
        ['memory.max', String(memoryBytes)],
      ],
    },
  ]
}

/** Version 1: below the group of this process, whose own limits then hold as well. */
function version1(name: string, limits: BudgetLimits, own: string, mounts: string): Controller[] | undefined {
  const folderOf = (controller: string) => {
    const mount = mounts
      .split('\n')
      .map((line) => line.split(' '))
      .find(([, , type, options]) => type === 'cgroup' && options?.split(',').includes(controller))?.[1]
    const path = own
      .split('\n')
      .map((line) => line.split(':'))
      .find(([, controllers]) => controllers?.split(',').includes(controller))?.[2]
    if (mount === undefined) return undefined
    // In a namespace of its own the path may be one that is not mounted here.
    const below = path !== undefined && existsSync(join(mount, path)) ? join(mount, path) : mount
    return join(below, name)
  }
  const [cpu, memory] = [folderOf('cpu'), folderOf('memory')]
  if (cpu === undefined || memory === undefined) return undefined
  const quota = String(Math.round((limits.cpuPercent / 100) * PERIOD_US))
  return [
    {
      folder: cpu,
      settings: [
        ['cpu.cfs_period_us', String(PERIOD_US)],
        ['cpu.cfs_quota_us', quota],
      ],
    },
    { folder: memory, settings: [['memory.limit_in_bytes', String(limits.memoryBytes)]] },
  ]
}
