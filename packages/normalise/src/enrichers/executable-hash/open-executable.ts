import { constants, type BigIntStats } from 'node:fs'
import { type FileHandle, open, readlink, stat } from 'node:fs/promises'
import type { ExecRecord } from '@vedette/model'

/** Which file is meant: what a process was seen to run. */
export interface ExecutableName {
  readonly pid: number
  /** As the kernel named it when the program started. */
  readonly path: string
  /** Inode of that file, where the source saw it. */
  readonly inode?: number
  /** Its state's key when it was started, where the source saw it. */
  readonly state?: string
  /** Whether `path` means the same file to us as to the process: false inside a container. */
  readonly sameRoot: boolean
}

/**
 * Where the file can be reached now: through the process, which works for deleted files, memfds and containers, or by
 * its name. Undefined when neither leads to that file any more.
 */
export async function locateExecutable(
  name: ExecutableName,
): Promise<{ readonly path: string; readonly stats: BigIntStats } | undefined> {
  const link = `/proc/${name.pid}/exe`
  const stats = await stat(link, { bigint: true }).catch(() => undefined)
  if (stats?.isFile() && (await isMeant(name, stats, link))) return { path: link, stats }
  // Without an inode nothing shows that the name still leads to the file that was run; a container's names are not ours.
  if (name.inode === undefined || !name.sameRoot || !name.path.startsWith('/')) return undefined
  const named = await stat(name.path, { bigint: true }).catch(() => undefined)
  if (!named?.isFile() || Number(named.ino) !== name.inode) return undefined
  return { path: name.path, stats: named }
}

/** The process may have started another program, or its pid may belong to another, since the record was made. */
async function isMeant(name: ExecutableName, stats: BigIntStats, link: string): Promise<boolean> {
  if (name.inode !== undefined && Number(stats.ino) === name.inode) return true
  const target = await readlink(link).catch(() => undefined)
  return target === name.path || target === `${name.path} (deleted)` || target === `/${name.path} (deleted)`
}

/** Opens for reading, without a wait on a pipe and, where we may, without a trace in the file's access time. */
export async function openQuietly(path: string): Promise<FileHandle> {
  const flags = constants.O_RDONLY | constants.O_NONBLOCK
  try {
    return await open(path, flags | constants.O_NOATIME)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') throw error
    return open(path, flags)
  }
}

/** Names one state of one file: another content has another key. */
export function stateKey({ dev, ino, ctimeNs, size }: BigIntStats): string {
  return `${dev}:${ino}:${ctimeNs / 1_000_000_000n}.${ctimeNs % 1_000_000_000n}:${size}`
}

/** The same key from what the kernel told with an exec; undefined where it told too little. */
export function startedStateKey(file: ExecRecord['executableFile']): string | undefined {
  if (file?.changed === undefined || file.sizeBytes === undefined) return undefined
  return `${file.device}:${file.inode}:${file.changed}:${file.sizeBytes}`
}
