import { type Dirent, readdirSync, readFileSync } from 'node:fs'
import { KeptProcFile, parsePressure } from '@vedette/linux'
import { numberAfter, sumAfter } from './number-after.ts'

export type PressureOf = 'cpu' | 'memory' | 'io'

/** What a cgroup uses, its children's use with it. Controllers that are not there leave their figure out. */
export interface CgroupSample {
  readonly path: string
  readonly cpuCores?: number
  readonly memoryBytes?: number
  readonly memoryLimitBytes?: number
  readonly ioBytesPerSecond?: number
  readonly processes?: number
  readonly processLimit?: number
  readonly pressure: Readonly<Partial<Record<PressureOf, number>>>
}

type Figure = 'cpu' | 'memory' | 'memoryLimit' | 'io' | 'processes' | 'processLimit' | `${PressureOf}Pressure`

/** A file of a cgroup and the figure in it. */
interface Reading {
  readonly file: string
  readonly figure: Figure
  readonly read: (text: Buffer) => number | undefined
}

const whole = (text: Buffer) => {
  const value = Number.parseInt(text.toString('latin1', 0, 24), 10)
  // `max`, and the largest number of pages that version 1 writes instead, mean no limit.
  return Number.isSafeInteger(value) ? value : undefined
}
const pressure = (of: PressureOf): Reading => ({
  file: `${of}.pressure`,
  figure: `${of}Pressure`,
  read: parsePressure,
})

/** Processor time in microseconds, the rest in bytes and numbers. Documentation/admin-guide/cgroup-v2.rst. */
const UNIFIED: readonly Reading[] = [
  { file: 'cpu.stat', figure: 'cpu', read: (text) => numberAfter(text, 'usage_usec ') },
  { file: 'memory.current', figure: 'memory', read: whole },
  { file: 'memory.max', figure: 'memoryLimit', read: whole },
  { file: 'io.stat', figure: 'io', read: (text) => sumAfter(text, 'rbytes=') + sumAfter(text, 'wbytes=') },
  { file: 'pids.current', figure: 'processes', read: whole },
  { file: 'pids.max', figure: 'processLimit', read: whole },
  pressure('cpu'),
  pressure('memory'),
  pressure('io'),
]

/** By the name of the controller. Documentation/admin-guide/cgroup-v1/. */
const VERSION_1: Readonly<Record<string, readonly Reading[]>> = {
  cpuacct: [{ file: 'cpuacct.usage', figure: 'cpu', read: (text) => (whole(text) ?? 0) / 1000 }],
  memory: [
    { file: 'memory.usage_in_bytes', figure: 'memory', read: whole },
    { file: 'memory.limit_in_bytes', figure: 'memoryLimit', read: whole },
  ],
  blkio: [
    { file: 'blkio.throttle.io_service_bytes', figure: 'io', read: (text) => numberAfter(text, '\nTotal ') },
  ],
  pids: [
    { file: 'pids.current', figure: 'processes', read: whole },
    { file: 'pids.max', figure: 'processLimit', read: whole },
  ],
}

interface Hierarchy {
  readonly mount: string
  readonly readings: readonly Reading[]
}

interface Followed {
  readonly files: Map<Figure, { readonly file: KeptProcFile; readonly read: Reading['read'] }>
  cpuUs: number | undefined
  ioBytes: number | undefined
  measuredMs: number
  walk: number
}

/** The hierarchies of this host, version 2 last, so that its figures win where both have one. */
export function cgroupHierarchies(mounts: string): Hierarchy[] {
  const hierarchies: Hierarchy[] = []
  for (const line of mounts.split('\n')) {
    const [, mount = '', type, options = ''] = line.split(' ')
    if (type === 'cgroup2') hierarchies.push({ mount, readings: UNIFIED })
    if (type !== 'cgroup') continue
    const readings = options.split(',').flatMap((option) => VERSION_1[option] ?? [])
    if (readings.length > 0) hierarchies.unshift({ mount, readings })
  }
  return hierarchies
}

/** Looks for new cgroups are so far apart. */
const WALK_MS = 30_000
const MAX_DEPTH = 16

/** Measures all cgroups but the root, which is the host. */
export class Cgroups implements Disposable {
  readonly #limit: number
  readonly #hierarchies: readonly Hierarchy[]
  readonly #followed = new Map<string, Followed>()
  #walks = 0
  #walkedMs = -Infinity
  #missed = 0

  constructor(limit: number, hierarchies = cgroupHierarchies(readFileSync('/proc/self/mounts', 'utf8'))) {
    this.#limit = limit
    this.#hierarchies = limit === 0 ? [] : hierarchies
  }

  /** Cgroups that there was no room for at the last walk. */
  get missed(): number {
    return this.#missed
  }

  /** Measures each. Yields now and then, where others may have their turn. */
  *look(
    nowMs: () => number,
    onSample: (sample: CgroupSample) => void,
    onEnd: (path: string) => void,
  ): Generator<undefined, void> {
    if (nowMs() - this.#walkedMs >= WALK_MS) this.#walk(nowMs(), onEnd)
    for (const [path, followed] of this.#followed) {
      yield undefined
      onSample(this.#measure(path, followed, nowMs()))
    }
  }

  [Symbol.dispose](): void {
    for (const { files } of this.#followed.values())
      for (const { file } of files.values()) file[Symbol.dispose]()
    this.#followed.clear()
  }

  #measure(path: string, followed: Followed, nowMs: number): CgroupSample {
    const figure = (name: Figure) => {
      const kept = followed.files.get(name)
      const text = kept?.file.read()
      return text === undefined ? undefined : kept?.read(text)
    }
    const seconds = (nowMs - followed.measuredMs) / 1000
    const rate = (now: number | undefined, before: number | undefined) =>
      now === undefined || before === undefined || seconds <= 0
        ? undefined
        : Math.max(0, now - before) / seconds
    const cpuUs = figure('cpu')
    const ioBytes = figure('io')
    const cpuCores = rate(cpuUs, followed.cpuUs)
    const ioBytesPerSecond = rate(ioBytes, followed.ioBytes)
    const memoryBytes = figure('memory')
    const memoryLimitBytes = figure('memoryLimit')
    const processes = figure('processes')
    const processLimit = figure('processLimit')
    const [cpu, memory, io] = [figure('cpuPressure'), figure('memoryPressure'), figure('ioPressure')]
    followed.cpuUs = cpuUs
    followed.ioBytes = ioBytes
    followed.measuredMs = nowMs
    return {
      path,
      ...(cpuCores !== undefined && { cpuCores: cpuCores / 1e6 }),
      ...(memoryBytes !== undefined && { memoryBytes }),
      ...(memoryLimitBytes !== undefined && { memoryLimitBytes }),
      ...(ioBytesPerSecond !== undefined && { ioBytesPerSecond }),
      ...(processes !== undefined && { processes }),
      ...(processLimit !== undefined && { processLimit }),
      pressure: {
        ...(cpu !== undefined && { cpu }),
        ...(memory !== undefined && { memory }),
        ...(io !== undefined && { io }),
      },
    }
  }

  #walk(nowMs: number, onEnd: (path: string) => void): void {
    this.#walkedMs = nowMs
    this.#walks += 1
    this.#missed = 0
    for (const hierarchy of this.#hierarchies) this.#enter(hierarchy, '', 0, nowMs)
    for (const [path, followed] of this.#followed) {
      if (followed.walk === this.#walks) continue
      for (const { file } of followed.files.values()) file[Symbol.dispose]()
      this.#followed.delete(path)
      onEnd(path)
    }
  }

  #enter(hierarchy: Hierarchy, path: string, depth: number, nowMs: number): void {
    if (path !== '' && !this.#follow(hierarchy, path, nowMs)) return
    if (depth >= MAX_DEPTH) return
    let entries: Dirent[]
    try {
      entries = readdirSync(`${hierarchy.mount}${path}`, { withFileTypes: true })
    } catch {
      return
    }
    for (const entry of entries) {
      if (entry.isDirectory()) this.#enter(hierarchy, `${path}/${entry.name}`, depth + 1, nowMs)
    }
  }

  #follow({ mount, readings }: Hierarchy, path: string, nowMs: number): boolean {
    let followed = this.#followed.get(path)
    if (followed === undefined) {
      if (this.#followed.size >= this.#limit) {
        this.#missed += 1
        return false
      }
      followed = { files: new Map(), cpuUs: undefined, ioBytes: undefined, measuredMs: nowMs, walk: 0 }
      this.#followed.set(path, followed)
    }
    followed.walk = this.#walks
    for (const { file, figure, read } of readings) {
      const open = followed.files.get(figure)
      if (open !== undefined) {
        // One that was removed and made anew has other files by the same name.
        if (open.file.read() !== undefined) continue
        open.file[Symbol.dispose]()
        followed.files.delete(figure)
      }
      const kept = KeptProcFile.open(`${mount}${path}/${file}`)
      if (kept !== undefined) followed.files.set(figure, { file: kept, read })
    }
    return true
  }
}
