import { readdirSync, readFileSync, statSync } from 'node:fs'
import type { Clock } from '@vedette/base'

/** Folders that one walk visits at most. */
const MAX_FOLDERS = 20_000
const MAX_REMEMBERED = 20_000
/** A walk is not repeated sooner: an id that is nowhere must not cost a walk at each event. */
const WALK_EVERY_MS = 1000
const ROOT_ID = 1

/**
 * Paths of control groups by their number (the inode of the folder in the unified hierarchy, as
 * bpf_get_current_cgroup_id gives it). Numbers are not used again while the machine runs, so an answer stays true.
 */
export class CgroupPaths {
  readonly #clock: Clock
  readonly #mount: string | undefined
  /** Whether controllers of version 1 are in use beside: then containers may show only in those. */
  readonly #hybrid: boolean
  readonly #paths = new Map<number, string>([[ROOT_ID, '/']])
  #walkAt = -Infinity

  /**
   * @param live false where the processes are not of this machine: then only the unified hierarchy is asked
   * @param mount where the unified hierarchy is mounted; looked up when left out
   */
  constructor(clock: Clock, live: boolean, mount: string | undefined = unifiedMount()) {
    this.#clock = clock
    this.#mount = mount
    this.#hybrid = live && /^[1-9]/m.test(readText('/proc/self/cgroup'))
  }

  /** Path of the group of a process; undefined when it is gone and nobody knows it. */
  pathOf(id: number, pid: number): string | undefined {
    const known = this.#paths.get(id)
    if (known !== undefined) return known
    if (this.#mount === undefined) return undefined
    // The process is most likely still there, and in that group.
    const path = /^0::(.+)$/m.exec(readText(`/proc/${pid}/cgroup`))?.[1]
    if (path !== undefined && this.#idOf(path) === id) this.#remember(id, path)
    else this.#walk()
    return this.#paths.get(id)
  }

  /** All groups of a process, where controllers of version 1 may name a container that the unified path does not. */
  legacyPaths(pid: number): readonly string[] {
    if (!this.#hybrid) return []
    return readText(`/proc/${pid}/cgroup`)
      .split('\n', 32)
      .map((line) => line.split(':').slice(2).join(':'))
      .filter((path) => path.length > 1)
  }

  #idOf(path: string): number | undefined {
    try {
      return statSync(`${this.#mount}${path}`).ino
    } catch {
      return undefined
    }
  }

  #remember(id: number, path: string): void {
    if (this.#paths.size >= MAX_REMEMBERED) {
      this.#paths.clear()
      this.#paths.set(ROOT_ID, '/')
    }
    this.#paths.set(id, path)
  }

  #walk(): void {
    const now = this.#clock.monotonic()
    if (now < this.#walkAt) return
    this.#walkAt = now + WALK_EVERY_MS
    const folders = ['']
    for (let i = 0; i < folders.length && i < MAX_FOLDERS; i += 1) {
      const folder = folders[i] ?? ''
      const id = this.#idOf(folder)
      if (id !== undefined) this.#remember(id, folder === '' ? '/' : folder)
      try {
        for (const entry of readdirSync(`${this.#mount}${folder}`, { withFileTypes: true })) {
          if (entry.isDirectory()) folders.push(`${folder}/${entry.name}`)
        }
      } catch {
        // Groups come and go while we walk.
      }
    }
  }
}

/** Where the unified hierarchy of control groups is mounted. */
function unifiedMount(): string | undefined {
  // mountinfo(5): the mount point is the fifth field, the type stands after the separator.
  return /^(?:\S+ ){4}(\S+) .* - cgroup2 /m.exec(readText('/proc/self/mountinfo'))?.[1]
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
