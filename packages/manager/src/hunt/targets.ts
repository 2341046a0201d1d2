import { type BigIntStats, type Dirent, type Stats } from 'node:fs'
import { opendir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { CompressionError } from '@vedette/formats'

/** A file to hunt in. */
export interface HuntFile {
  /** As it was given, or as its folder was given and its path below it. */
  readonly path: string
  readonly sizeBytes: number
  /** When it was last written, milliseconds since the epoch. */
  readonly writtenMs: number
  /** Named by the person, not found in a folder. */
  readonly named: boolean
}

/** Something that could not be read, and why. */
export interface Unreadable {
  readonly file: string
  /** Bytes from the beginning of the (decompressed) file; undefined where the fault has no place. */
  readonly offset?: number
  /** Stable, kebab-case. */
  readonly reason: string
}

export interface Targets {
  readonly files: readonly HuntFile[]
  readonly unreadable: readonly Unreadable[]
}

/** Files that one hunt takes. What is beyond them is told as `too-many-files`. */
const MOST_FILES = 1_000_000
const DEEPEST_FOLDER = 64

/**
 * The files below some paths, in the order of the paths and, within a folder, of their names. Symbolic links are followed
 * where a person named them and passed over within folders, so that no folder is walked twice. Never throws.
 */
export async function findTargets(paths: readonly string[], signal?: AbortSignal): Promise<Targets> {
  const files: HuntFile[] = []
  const unreadable: Unreadable[] = []
  let full = false

  async function walk(folder: string, depth: number): Promise<void> {
    if (depth > DEEPEST_FOLDER) {
      unreadable.push({ file: folder, reason: 'too-deep' })
      return
    }
    const entries: Dirent[] = []
    try {
      for await (const entry of await opendir(folder)) entries.push(entry)
    } catch (error) {
      unreadable.push({ file: folder, reason: reasonOf(error) })
      return
    }
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (full || signal?.aborted) return
      const path = join(folder, entry.name)
      if (entry.isDirectory()) await walk(path, depth + 1)
      else if (entry.isFile()) await add(path, false)
    }
  }

  async function add(path: string, named: boolean): Promise<void> {
    if (files.length >= MOST_FILES) {
      if (!full) unreadable.push({ file: path, reason: 'too-many-files' })
      full = true
      return
    }
    try {
      const found = await stat(path)
      if (found.isDirectory()) await walk(path, 0)
      else if (found.isFile()) files.push(fileOf(path, found, named))
      else unreadable.push({ file: path, reason: 'not-a-file' })
    } catch (error) {
      unreadable.push({ file: path, reason: reasonOf(error) })
    }
  }

  for (const path of paths) await add(path, true)
  return { files, unreadable }
}

function fileOf(path: string, found: Exclude<Stats, BigIntStats>, named: boolean): HuntFile {
  return { path, sizeBytes: found.size, writtenMs: found.mtimeMs, named }
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'permission-denied',
  EPERM: 'permission-denied',
  ENOENT: 'no-such-file',
  ENOTDIR: 'no-such-file',
  EISDIR: 'not-a-file',
  ELOOP: 'too-many-links',
  EMFILE: 'too-many-open-files',
  ENFILE: 'too-many-open-files',
  EIO: 'read-failed',
}

/** The stable reason for an error of the file system or of decompression. */
export function reasonOf(error: unknown): string {
  if (error instanceof CompressionError) return error.code
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return reasons[code] ?? 'read-failed'
}
