import { globSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { FileAccessRecord } from '@vedette/model'
import { NOBODY } from './process-table.ts'

interface Status {
  readonly inode: bigint
  readonly modified: bigint
  readonly changed: bigint
  readonly size: bigint
}

/** By path: the watched file, or the folder's entries. */
type Look = ReadonlyMap<string, Status>

/** At most this many entries of a watched folder are compared. */
export const MAX_WATCHED_ENTRIES = 4096

/**
 * Changes of watched paths, found by comparing inode, size and times with how they were. It cannot know who did it (the
 * record's process is `NOBODY`), nor that something was read.
 */
export class FilePoll {
  readonly #source: FileAccessRecord['source']
  readonly #watched = new Map<symbol, { readonly path: string; last: Look }>()

  constructor(source: FileAccessRecord['source']) {
    this.#source = source
  }

  /**
   * Watches a file, or a folder and what lies directly in it; `*` stands for any name. What is not there yet is waited
   * for.
   */
  watch(path: string): Disposable {
    const key = Symbol(path)
    this.#watched.set(key, { path, last: lookAt(path) })
    return { [Symbol.dispose]: () => void this.#watched.delete(key) }
  }

  look(timeMs: number): FileAccessRecord[] {
    return [...this.#watched.values()].flatMap((watched) => {
      const now = lookAt(watched.path)
      const changes = compare(watched.last, now)
      watched.last = now
      return changes.map((change) => ({
        type: 'file' as const,
        source: this.#source,
        timeMs,
        process: NOBODY,
        ...change,
      }))
    })
  }
}

type Change = Pick<FileAccessRecord, 'operation' | 'path' | 'newPath' | 'inode'>

function compare(before: Look, now: Look): Change[] {
  const changes: Change[] = []
  const gone = new Map<bigint, string>()
  for (const [path, status] of before) if (!now.has(path)) gone.set(status.inode, path)
  for (const [path, status] of now) {
    const last = before.get(path)
    const inode = Number(status.inode)
    if (last === undefined) {
      const oldPath = gone.get(status.inode)
      if (oldPath === undefined) changes.push({ operation: 'create', path, inode })
      else {
        gone.delete(status.inode)
        changes.push({ operation: 'rename', path: oldPath, newPath: path, inode })
      }
    } else if (
      last.inode !== status.inode ||
      last.size !== status.size ||
      last.modified !== status.modified
    ) {
      changes.push({ operation: 'write', path, inode })
    } else if (last.changed !== status.changed) changes.push({ operation: 'attributes', path, inode })
  }
  for (const [inode, path] of gone) changes.push({ operation: 'delete', path, inode: Number(inode) })
  return changes
}

function lookAt(path: string): Look {
  const look = new Map<string, Status>()
  const add = (file: string): boolean => {
    try {
      const { ino, mtimeNs, ctimeNs, size, isFolder } = statusOf(file)
      // A folder's own times change with each of its entries, which are told one by one.
      if (!isFolder) look.set(file, { inode: ino, modified: mtimeNs, changed: ctimeNs, size })
      return isFolder
    } catch {
      return false
    }
  }
  for (const place of path.includes('*') ? globSync(path) : [path]) {
    if (add(place)) for (const name of namesIn(place)) add(join(place, name))
  }
  return look
}

function statusOf(file: string) {
  const status = statSync(file, { bigint: true })
  const { ino, mtimeNs, ctimeNs, size } = status
  return { ino, mtimeNs, ctimeNs, size, isFolder: status.isDirectory() }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).slice(0, MAX_WATCHED_ENTRIES)
  } catch {
    return []
  }
}
