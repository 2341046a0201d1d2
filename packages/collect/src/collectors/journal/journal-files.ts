import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { JournalConfig } from './config.ts'
import { JournalTail } from './journal-tail.ts'

/** Entries that were handed on, by the id of their file. */
export type JournalPositions = Readonly<Record<string, number>>

/** journald marks with a tilde what it found damaged. */
const NAME = /\.journal~?$/

/** Which files of the journal are read: those that are there, and those that were removed a moment ago. */
export class JournalFiles implements Disposable {
  readonly #config: JournalConfig
  /** By the id of the file, which it keeps when it is renamed. */
  readonly #tails = new Map<string, JournalTail>()
  /** Files that are read to their end, or not at all, by device and inode: the id, and the entries that were handed on. */
  readonly #settled = new Map<string, { readonly id: string | undefined; readonly next: number }>()
  /** By path: why it is not read. */
  readonly #refused = new Map<string, string>()
  #folders: ReadonlySet<string> = new Set()
  #before: JournalPositions | undefined

  constructor(config: JournalConfig) {
    this.#config = config
  }

  get tails(): Iterable<JournalTail> {
    return this.#tails.values()
  }

  get refused(): ReadonlyMap<string, string> {
    return this.#refused
  }

  /** Folders to watch, of the last look. */
  get folders(): ReadonlySet<string> {
    return this.#folders
  }

  /** How far an earlier run was: files that it did not know are new. To be called before the first look. */
  resume(positions: JournalPositions): void {
    this.#before = positions
  }

  positions(): JournalPositions {
    const positions: Record<string, number> = {}
    for (const { id, next } of this.#settled.values()) if (id !== undefined) positions[id] = next
    for (const [id, { next }] of this.#tails) positions[id] = next
    return positions
  }

  /** Opens what is new. */
  look(isFirst: boolean): void {
    const folders = new Set<string>()
    const there = new Set<string>()
    for (const path of this.#paths(folders)) {
      const key = keyOf(path)
      if (key === undefined) continue
      there.add(key)
      if (this.#settled.has(key) || [...this.#tails.values()].some((tail) => tail.key === key)) continue
      this.#add(path, key, isFirst)
    }
    for (const [id, tail] of this.#tails) if (tail.isDone) this.#settle(id, tail)
    for (const key of this.#settled.keys()) if (!there.has(key)) this.#settled.delete(key)
    // What was removed is read to its end first.
    for (const [id, tail] of this.#tails) {
      if (!there.has(tail.key) && !tail.look()) {
        tail[Symbol.dispose]()
        this.#tails.delete(id)
      }
    }
    this.#folders = folders
  }

  [Symbol.dispose](): void {
    for (const tail of this.#tails.values()) tail[Symbol.dispose]()
    this.#tails.clear()
  }

  #add(path: string, key: string, isFirst: boolean): void {
    if (this.#tails.size >= this.#config.max_files) {
      this.#refused.set(path, `more than ${this.#config.max_files} files are read already`)
      return
    }
    try {
      const tail = JournalTail.open(path)
      if (typeof tail === 'string') {
        // A file that is being made gets its header a moment later.
        if (tail !== 'too-short') {
          this.#refused.set(path, tail)
          this.#settled.set(key, { id: undefined, next: 0 })
        }
        return
      }
      this.#refused.delete(path)
      const { id } = tail.file
      if (this.#tails.has(id)) {
        // A copy of a file that is read already.
        tail[Symbol.dispose]()
        this.#settled.set(key, { id: undefined, next: 0 })
        return
      }
      const known = this.#before?.[id]
      const passOver = isFirst && this.#before === undefined && this.#config.start === 'end'
      tail.next = known ?? (passOver ? tail.file.entries : 0)
      this.#tails.set(id, tail)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code !== 'ENOENT') this.#refused.set(path, code === 'EACCES' ? 'it may not be read' : String(code))
    }
  }

  #settle(id: string, tail: JournalTail): void {
    this.#settled.set(tail.key, { id, next: tail.next })
    tail[Symbol.dispose]()
    this.#tails.delete(id)
  }

  /** Files of the journal; archives before what is written to, in the order of their names, which hold their time. */
  #paths(folders: Set<string>): string[] {
    const paths: string[] = []
    for (const root of this.#config.folders) {
      const names = listed(root)
      if (names === undefined) continue
      folders.add(root)
      for (const name of names) {
        const path = join(root, name)
        if (NAME.test(name)) {
          paths.push(path)
          continue
        }
        // A folder a machine: 32 hex digits, with a name of a namespace behind them.
        if (!/^[0-9a-f]{32}(\.\S+)?$/.test(name)) continue
        const within = listed(path)
        if (within === undefined) continue
        folders.add(path)
        paths.push(...within.filter((file) => NAME.test(file)).map((file) => join(path, file)))
      }
    }
    const rank = (path: string) => `${path.includes('@') ? 0 : 1}${path}`
    return paths.sort((a, b) => (rank(a) < rank(b) ? -1 : 1))
  }
}

function listed(folder: string): string[] | undefined {
  try {
    return readdirSync(folder)
  } catch {
    return undefined
  }
}

function keyOf(path: string): string | undefined {
  try {
    const { dev, ino } = statSync(path, { bigint: true })
    return `${dev}:${ino}`
  } catch {
    return undefined
  }
}
