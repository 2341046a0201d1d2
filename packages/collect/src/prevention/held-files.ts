import { closeSync, fstatSync, openSync, statSync } from 'node:fs'
import { type KernelFile, kernelFileOf } from '@vedette/linux'

const O_PATH = 0o10000000
/** Three such lists fit into the table of the kernel. */
const MOST = 1300

/** A file that stood at one of the paths, held by a descriptor: as long as it is, no other file gets its number. */
export interface HeldFile extends KernelFile {
  readonly fd: number
  /** Where it was found. */
  readonly path: string
  /** By the numbers of stat(2). */
  readonly key: string
}

/** As `HeldFile.key`, of an open file. */
export function statKey(fd: number): string {
  const { dev, ino } = fstatSync(fd, { bigint: true })
  return `${dev}:${ino}`
}

/**
 * The files that paths lead to. A file stays one of them when it is renamed, until it has no name at all any more: who only
 * moves a program does not get around a list of paths.
 */
export class HeldFiles implements Disposable {
  readonly #paths: readonly string[]
  readonly #held = new Map<string, HeldFile>()

  constructor(paths: readonly string[]) {
    this.#paths = paths
  }

  get(key: string): HeldFile | undefined {
    return this.#held.get(key)
  }

  /** Looks which files are there now. A file is let go once `onGone` has returned. */
  refresh(onFound: (file: HeldFile) => void, onGone: (file: HeldFile) => void): void {
    for (const path of this.#paths) {
      const file = this.#held.size < MOST ? this.#open(path) : undefined
      if (file === undefined) continue
      this.#held.set(file.key, file)
      onFound(file)
    }
    for (const file of this.#held.values()) {
      if (fstatSync(file.fd).nlink > 0) continue
      this.#held.delete(file.key)
      onGone(file)
      closeSync(file.fd)
    }
  }

  [Symbol.dispose](): void {
    for (const { fd } of this.#held.values()) closeSync(fd)
    this.#held.clear()
  }

  /** One that is not held yet. */
  #open(path: string): HeldFile | undefined {
    try {
      const { dev, ino } = statSync(path, { bigint: true })
      if (this.#held.has(`${dev}:${ino}`)) return undefined
      const fd = openSync(path, O_PATH)
      const key = statKey(fd)
      const file = this.#held.has(key) ? undefined : kernelFileOf(fd)
      if (file !== undefined) return { ...file, fd, path, key }
      closeSync(fd)
      return undefined
    } catch {
      // It is not there, or this process may not see it.
      return undefined
    }
  }
}
