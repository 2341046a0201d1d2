import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What a control group counted since it was made, and what it uses now. */
export interface CgroupUse {
  readonly memoryBytes: number
  /** For how long its processes had to wait for the next period, their share of the processors being used up. */
  readonly throttledMs: number
  /** How often its memory stood at the limit, so that the kernel took pages back. */
  readonly reclaims: number
}

/** The control group that this process is in (cgroup-v2.rst, cgroup-v1/), read for what it uses of its limits. */
export class OwnCgroup {
  readonly #cpu: string
  readonly #memory: string
  readonly #isUnified: boolean

  private constructor(cpu: string, memory: string, isUnified: boolean) {
    this.#cpu = cpu
    this.#memory = memory
    this.#isUnified = isUnified
  }

  /** Undefined where it has no controller of processor time and of memory. */
  static find(): OwnCgroup | undefined {
    const groups = readFileSync('/proc/self/cgroup', 'utf8')
      .trim()
      .split('\n')
      .map((line) => {
        const [, controllers = '', ...path] = line.split(':')
        return { controllers: controllers.split(','), path: path.join(':') }
      })
    const mounts = readFileSync('/proc/self/mounts', 'utf8')
      .split('\n')
      .map((line) => line.split(' '))
    const version1 = (controller: string) => {
      const mount = mounts.find(
        ([, , type, options]) => type === 'cgroup' && options?.split(',').includes(controller),
      )?.[1]
      const path = groups.find(({ controllers }) => controllers.includes(controller))?.path
      return mount === undefined || path === undefined ? undefined : join(mount, path)
    }
    const [cpu, memory] = [version1('cpu'), version1('memory')]
    if (cpu !== undefined && memory !== undefined) {
      return existsSync(join(cpu, 'cpu.stat')) && existsSync(join(memory, 'memory.usage_in_bytes'))
        ? new OwnCgroup(cpu, memory, false)
        : undefined
    }
    const mount = mounts.find(([, , type]) => type === 'cgroup2')?.[1]
    const path = groups.find(({ controllers }) => controllers[0] === '')?.path
    if (mount === undefined || path === undefined) return undefined
    const folder = join(mount, path)
    return existsSync(join(folder, 'memory.current')) ? new OwnCgroup(folder, folder, true) : undefined
  }

  /** Undefined when the group is gone. */
  read(): CgroupUse | undefined {
    try {
      const stat = readFileSync(join(this.#cpu, 'cpu.stat'), 'latin1')
      if (this.#isUnified) {
        return {
          memoryBytes: Number(readFileSync(join(this.#memory, 'memory.current'), 'latin1')),
          throttledMs: valueOf(stat, 'throttled_usec') / 1000,
          reclaims: valueOf(readFileSync(join(this.#memory, 'memory.events'), 'latin1'), 'high'),
        }
      }
      return {
        memoryBytes: Number(readFileSync(join(this.#memory, 'memory.usage_in_bytes'), 'latin1')),
        throttledMs: valueOf(stat, 'throttled_time') / 1e6,
        reclaims: Number(readFileSync(join(this.#memory, 'memory.failcnt'), 'latin1')),
      }
    } catch {
      return undefined
    }
  }
}

/** Of a file with a name and a number on each line. */
function valueOf(text: string, name: string): number {
  return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1] ?? 0)
}
