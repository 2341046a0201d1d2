import { globSync, realpathSync } from 'node:fs'
import { basename, dirname } from 'node:path/posix'
import type { BpfMap } from '@vedette/linux'
import { WATCH_NAME_MAX, watchFlag } from './records/files.ts'

/** Entries of each of the kernel's two tables. */
const MAX_ENTRIES = 4096
/** Most files and folders that one pattern may stand for. */
const MAX_MATCHES = 500

/** A file as the kernel itself calls it: on some file systems stat(2) gives other numbers. */
export interface Learnt {
  readonly device: number
  readonly inode: bigint
  readonly isFolder: boolean
}

/** Asks the kernel what it calls the file at a path. Throws as `open` does. */
export type Learn = (path: string) => Learnt | undefined

interface Wanted {
  readonly reads: boolean
}

/**
 * Which files the sensor watches: paths and patterns on one side, the kernel's tables of inodes and names on the other.
 *
 * A file is watched by its inode, so that other names of it are seen, and by its folder's inode and its own name, so that
 * it is seen when it is made anew or replaced. A folder is watched with what lies in it, up to eight levels down.
 */
export class WatchTable {
  readonly #learn: Learn
  readonly #inodes: BpfMap
  readonly #names: BpfMap
  /** A bit for each watched inode, by which the kernel passes over all others. */
  readonly #filter: Uint32Array
  readonly #wanted = new Map<string, Wanted[]>()
  /** What stands in the kernel's tables, by the key's bytes as text. */
  readonly #inodeEntries = new Map<string, number>()
  readonly #nameEntries = new Map<string, number>()
  #pathOf = new Map<string, string>()
  #watched = new Set<string>()
  #above = new Set<string>()
  #unreadable = new Set<string>()
  #full = false
  /** Within one refresh: many files share a folder. */
  readonly #looked = new Map<string, Learnt | undefined>()

  constructor(learn: Learn, inodes: BpfMap, names: BpfMap, filter: Uint32Array) {
    this.#filter = filter
    this.#learn = learn
    this.#inodes = inodes
    this.#names = names
  }

  /** Paths that exist but cannot be looked at by this user. */
  get unreadable(): readonly string[] {
    return [...this.#unreadable]
  }

  /** Whether something had to be left out because the kernel's tables are full. */
  get full(): boolean {
    return this.#full
  }

  get empty(): boolean {
    return this.#wanted.size === 0
  }

  /** Takes effect with the next `refresh`. Returns what takes it back. */
  add(pattern: string, reads: boolean): () => void {
    const wanted = { reads }
    this.#wanted.set(pattern, [...(this.#wanted.get(pattern) ?? []), wanted])
    return () => {
      const left = (this.#wanted.get(pattern) ?? []).filter((other) => other !== wanted)
      if (left.length > 0) this.#wanted.set(pattern, left)
      else this.#wanted.delete(pattern)
    }
  }

  /** Brings the kernel's tables up to date with the files that are there now. */
  refresh(): void {
    const inodes = new Map<string, number>()
    const names = new Map<string, number>()
    this.#pathOf = new Map()
    this.#watched = new Set()
    this.#above = new Set()
    this.#unreadable = new Set()
    this.#looked.clear()
    for (const [path, reads] of this.#paths()) {
      const found = this.#look(path)
      for (const name of new Set([path, found ? realPath(path) : path])) {
        this.#watched.add(name)
        for (let above = dirname(name); above !== '/'; above = dirname(above)) this.#above.add(above)
      }
      if (found) {
        const { self, selfReads, tree, treeReads } = watchFlag
        const key = inodeKey(found)
        const flags = found.isFolder ? tree | (reads ? treeReads : 0) : self | (reads ? selfReads : 0)
        inodes.set(key, (inodes.get(key) ?? 0) | flags)
        this.#pathOf.set(key, path)
      }
      const folder = this.#look(dirname(path))
      const name = Buffer.from(basename(path))
      if (!folder || name.length >= WATCH_NAME_MAX) continue
      const folderKey = inodeKey(folder)
      inodes.set(folderKey, (inodes.get(folderKey) ?? 0) | watchFlag.names)
      const key = nameKey(folder, name)
      names.set(key, (names.get(key) ?? 0) | watchFlag.tree | (reads ? watchFlag.treeReads : 0))
    }
    this.#full = inodes.size > MAX_ENTRIES || names.size > MAX_ENTRIES
    const bits = this.#bits(inodes)
    for (const [index, word] of bits.entries()) this.#filter[index] = (this.#filter[index] ?? 0) | word
    apply(this.#inodes, this.#inodeEntries, inodes)
    this.#filter.set(bits)
    apply(this.#names, this.#nameEntries, names)
  }

  #bits(inodes: ReadonlyMap<string, number>): Uint32Array {
    const bits = new Uint32Array(this.#filter.length)
    for (const key of inodes.keys()) {
      const bit = Buffer.from(key, 'latin1').readUInt32LE(0) % (bits.length * 32)
      bits[bit >> 5] = (bits[bit >> 5] ?? 0) | (1 << (bit & 31))
    }
    return bits
  }

  /** Whether a path, free of links, is watched, lies in a folder that is, or is a folder that such a path lies in. */
  concerns(path: string): boolean {
    if (this.#above.has(path)) return true
    for (let part = path; part !== '/'; part = dirname(part)) if (this.#watched.has(part)) return true
    return false
  }

  /** The watched path of an inode, as the kernel calls it. */
  pathOf(device: number, inode: bigint): string | undefined {
    return this.#pathOf.get(inodeKey({ device, inode }))
  }

  /** What the kernel calls the file at a path now. */
  #look(path: string): Learnt | undefined {
    if (this.#looked.has(path)) return this.#looked.get(path)
    let found: Learnt | undefined
    try {
      found = this.#learn(path)
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined
      if (code === 'EACCES' || code === 'EPERM') this.#unreadable.add(path)
    }
    this.#looked.set(path, found)
    return found
  }

  /** Every path that is meant now, and whether its reading is told. */
  #paths(): Map<string, boolean> {
    const paths = new Map<string, boolean>()
    for (const [pattern, wanted] of this.#wanted) {
      const reads = wanted.some((one) => one.reads)
      const matches = pattern.includes('*') ? matchesOf(pattern) : [pattern]
      for (const path of matches) paths.set(path, reads || paths.get(path) === true)
    }
    return paths
  }
}

/** The path without links; itself where it is gone in the meantime. */
function realPath(path: string): string {
  try {
    return realpathSync.native(path)
  } catch {
    return path
  }
}

function matchesOf(pattern: string): string[] {
  try {
    return globSync(pattern).slice(0, MAX_MATCHES)
  } catch {
    // A folder that this user may not list, or that went away while it was listed.
    return []
  }
}

/** Keys as text, one character a byte, so that a Map can hold them. */
function inodeKey({ device, inode }: Pick<Learnt, 'device' | 'inode'>): string {
  const key = Buffer.alloc(16)
  key.writeBigUInt64LE(inode, 0)
  key.writeUInt32LE(device, 8)
  return key.toString('latin1')
}

function nameKey({ device, inode }: Learnt, name: Buffer): string {
  const key = Buffer.alloc(80)
  key.writeBigUInt64LE(inode, 0)
  key.writeUInt32LE(device, 8)
  name.copy(key, 12)
  return key.toString('latin1')
}

function apply(map: BpfMap, present: Map<string, number>, wanted: ReadonlyMap<string, number>): void {
  for (const key of present.keys()) {
    if (wanted.has(key)) continue
    map.delete(Buffer.from(key, 'latin1'))
    present.delete(key)
  }
  for (const [key, flags] of wanted) {
    if (present.get(key) === flags || (present.size >= MAX_ENTRIES && !present.has(key))) continue
    const value = Buffer.alloc(4)
    value.writeUInt32LE(flags)
    map.set(Buffer.from(key, 'latin1'), value)
    present.set(key, flags)
  }
}
