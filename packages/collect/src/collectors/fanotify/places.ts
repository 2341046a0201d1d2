import { closeSync, type Dirent, globSync, openSync, readdirSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path/posix'
import { type Fanotify, fanotifyMask, fileSystemOf, type HandleKey, handleOfPath } from '@vedette/linux'

/** Folders and files that are marked at most. */
const MOST_MARKS = 4096
const MOST_MATCHES = 500
const DEPTH = 8

const m = fanotifyMask
const CHANGES = m.modify | m.closeWrite | m.attributes
const ENTRIES = m.create | m.delete | m.rename | m.onFolder
const READS = m.access | m.closeRead | m.openExec

/** A marked file or folder. */
interface Place {
  /** As it is watched: links in it are not followed. */
  readonly path: string
  mask: number
  /** Of a folder that is watched with what lies in it: how many levels more. */
  levels: number | undefined
  /** Of a folder of which these names are watched: whether their reading is told. */
  readonly names: Map<string, boolean>
}

/**
 * Which files are watched: paths and patterns on one side, marks of the kernel on the other. A folder is marked with what
 * lies in it, each folder in it too; a file is marked itself, so that other names of it are seen, and so is its folder, since
 * the file may be made anew or replaced.
 */
export class Places implements Disposable {
  readonly #group: Fanotify
  readonly #wanted = new Map<symbol, { readonly path: string; readonly reads: boolean }>()
  #places = new Map<HandleKey, Place>()
  /** What the kernel was asked for. */
  readonly #marked = new Map<HandleKey, number>()
  /** By file system: a descriptor of a folder in it. */
  readonly #mounts = new Map<string, number>()
  readonly #unreadable = new Map<string, string>()
  #full = false

  constructor(group: Fanotify) {
    this.#group = group
  }

  /** Paths that are there and cannot be watched, with the reason. */
  get unreadable(): ReadonlyMap<string, string> {
    return this.#unreadable
  }

  /** Whether something had to be left out. */
  get full(): boolean {
    return this.#full
  }

  add(path: string, reads: boolean): Disposable {
    const key = Symbol(path)
    this.#wanted.set(key, { path, reads })
    this.#place(this.#places, path, reads)
    this.#apply(this.#places)
    return { [Symbol.dispose]: () => void this.#wanted.delete(key) }
  }

  /** Brings the marks up to date with the files that are there now. */
  refresh(): void {
    const places = new Map<HandleKey, Place>()
    this.#unreadable.clear()
    this.#full = false
    for (const { path, reads } of this.#wanted.values()) this.#place(places, path, reads)
    for (const [key, mask] of this.#marked) {
      const kept = mask & (places.get(key)?.mask ?? 0)
      if (kept === mask) continue
      const mount = this.#mounts.get(fileSystemOf(key))
      if (mount !== undefined) this.#group.unmarkHandle(key, mask & ~kept, mount)
      if (kept === 0) this.#marked.delete(key)
      else this.#marked.set(key, kept)
    }
    this.#apply(places)
  }

  /** A folder has come to be in a watched one. Gives the files that already lie in it. */
  enter(folder: HandleKey, name: string): string[] {
    const above = this.#places.get(folder)
    if (above?.levels === undefined || above.levels < 1) return []
    const path = join(above.path, name)
    const reads = (above.mask & READS) !== 0
    this.#tree(this.#places, path, reads, above.levels - 1)
    this.#apply(this.#places)
    return allIn(path, above.levels - 1)
  }

  /** Something has come to be in a folder: where its name is watched, it is watched itself from now on. */
  meet(folder: HandleKey, name: string): void {
    const place = this.#places.get(folder)
    const reads = place?.names.get(name)
    if (place === undefined || reads === undefined) return
    this.#place(this.#places, join(place.path, name), reads)
    this.#apply(this.#places)
  }

  /** The path of a place in a watched folder, where it is watched. */
  pathOf(folder: HandleKey, name: string): string | undefined {
    const place = this.#places.get(folder)
    if (place === undefined || (place.levels === undefined && !place.names.has(name))) return undefined
    return name === '.' ? place.path : join(place.path, name)
  }

  /** The watched path of a file that is watched itself. */
  pathOfFile(file: HandleKey): string | undefined {
    return this.#places.get(file)?.path
  }

  /** A descriptor by which handles of that file system can be opened. */
  mountOf(handle: HandleKey): number | undefined {
    return this.#mounts.get(fileSystemOf(handle))
  }

  [Symbol.dispose](): void {
    for (const fd of this.#mounts.values()) closeSync(fd)
    this.#mounts.clear()
  }

  #place(places: Map<HandleKey, Place>, pattern: string, reads: boolean): void {
    for (const path of matchesOf(pattern)) {
      if (this.#isFolder(path)) this.#tree(places, path, reads, DEPTH - 1)
      else this.#self(places, path, reads)
      const folder = dirname(path)
      const place = this.#find(places, folder)
      if (place === undefined) continue
      const name = basename(path)
      place.names.set(name, reads || place.names.get(name) === true)
      place.mask |= ENTRIES
    }
  }

  #self(places: Map<HandleKey, Place>, path: string, reads: boolean): void {
    const place = this.#find(places, path)
    if (place !== undefined) place.mask |= CHANGES | (reads ? READS : 0)
  }

  #tree(places: Map<HandleKey, Place>, path: string, reads: boolean, levels: number): void {
    const place = this.#find(places, path)
    if (place === undefined) return
    place.levels = Math.max(levels, place.levels ?? 0)
    place.mask |= ENTRIES | CHANGES | m.onChild | (reads ? READS : 0)
    if (levels === 0) return
    for (const entry of entriesOf(path)) {
      if (entry.isDirectory()) this.#tree(places, join(path, entry.name), reads, levels - 1)
    }
  }

  #find(places: Map<HandleKey, Place>, path: string): Place | undefined {
    const key = this.#handle(path)
    if (key === undefined) return undefined
    let place = places.get(key)
    if (place !== undefined) return place
    if (places.size >= MOST_MARKS) {
      this.#full = true
      return undefined
    }
    place = { path, mask: 0, levels: undefined, names: new Map() }
    places.set(key, place)
    return place
  }

  #apply(places: Map<HandleKey, Place>): void {
    this.#places = places
    for (const [key, { path, mask }] of places) {
      if (this.#marked.get(key) === mask) continue
      try {
        this.#group.mark(path, mask)
        this.#marked.set(key, mask)
        this.#keepMount(key, path)
      } catch (error) {
        this.#note(path, error)
      }
    }
  }

  #keepMount(key: HandleKey, path: string): void {
    const system = fileSystemOf(key)
    if (this.#mounts.has(system)) return
    try {
      this.#mounts.set(system, openSync(this.#isFolder(path) ? path : dirname(path), 'r'))
    } catch (error) {
      this.#note(path, error)
    }
  }

  #handle(path: string): HandleKey | undefined {
    try {
      return handleOfPath(path)
    } catch (error) {
      this.#note(path, error)
      return undefined
    }
  }

  #note(path: string, error: unknown): void {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    if (code !== 'ENOENT' && code !== 'ENOTDIR') this.#unreadable.set(path, code)
  }

  #isFolder(path: string): boolean {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
  }
}

function matchesOf(pattern: string): string[] {
  if (!pattern.includes('*')) return [pattern]
  try {
    return globSync(pattern).slice(0, MOST_MATCHES)
  } catch {
    return []
  }
}

function entriesOf(path: string): Dirent[] {
  try {
    return readdirSync(path, { withFileTypes: true }).slice(0, MOST_MARKS)
  } catch {
    return []
  }
}

/** All that lies in a folder, and so many levels deeper. */
function allIn(path: string, levels: number): string[] {
  return entriesOf(path).flatMap((entry) => {
    const at = join(path, entry.name)
    return [at, ...(entry.isDirectory() && levels > 0 ? allIn(at, levels - 1) : [])]
  })
}
