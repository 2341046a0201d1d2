import { type BigIntStats, constants } from 'node:fs'
import { type FileHandle, lstat, open } from 'node:fs/promises'

/** A plain file that is open for reading: what it is from now on is this file, whatever happens to its name. */
export interface OpenFile extends AsyncDisposable {
  readonly descriptor: number
  readonly stats: BigIntStats
}

const FLAGS = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY

/**
 * Opens what a process runs: through the process, which works for deleted files, memfds and containers, else by its name.
 * Undefined when neither leads to that file any more.
 */
export async function openExecutable(program: {
  readonly pid: number
  readonly path: string
  /** Inode of the file, where the sensor saw it. */
  readonly inode: number | undefined
  /** Whether the path means the same file to us: false inside a container. */
  readonly sameRoot: boolean
}): Promise<OpenFile | undefined> {
  const { pid, path, inode, sameRoot } = program
  const isMeant = ({ ino }: BigIntStats) => inode === undefined || Number(ino) === inode
  const running = await openPlain(`/proc/${pid}/exe`, 0)
  if (running && isMeant(running.stats)) return running
  await running?.[Symbol.asyncDispose]()
  // Without an inode nothing shows that the name still leads to the file that ran.
  if (inode === undefined || !sameRoot || !path.startsWith('/')) return undefined
  const named = await openPlain(path, constants.O_NOFOLLOW)
  if (named && isMeant(named.stats)) return named
  await named?.[Symbol.asyncDispose]()
  return undefined
}

/** Opens a file that was written; undefined where it is gone, a link, or no plain file. */
export function openWritten(path: string | Buffer): Promise<OpenFile | undefined> {
  return openPlain(path, constants.O_NOFOLLOW)
}

/** Whether something is a folder, and no link to one. */
export async function isFolder(path: string | Buffer): Promise<boolean> {
  try {
    return (await lstat(path)).isDirectory()
  } catch {
    return false
  }
}

/**
 * A descriptor that names a file and does not open it (open(2)). Whoever may write where a path leads through may let it
 * lead to a device, of which some act when they are opened.
 */
const O_PATH = 0o10000000

async function openPlain(path: string | Buffer, flags: number): Promise<OpenFile | undefined> {
  try {
    await using named = await open(path, O_PATH | flags)
    if (!(await named.stat()).isFile()) return undefined
    const handle = await openQuietly(`/proc/self/fd/${named.fd}`)
    try {
      const stats = await handle.stat({ bigint: true })
      return { descriptor: handle.fd, stats, [Symbol.asyncDispose]: () => handle.close() }
    } catch {
      await handle.close()
      return undefined
    }
  } catch {
    return undefined
  }
}

/** Leaves no trace in the file's access time where that is allowed. */
async function openQuietly(path: string): Promise<FileHandle> {
  try {
    return await open(path, FLAGS | constants.O_NOATIME)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') throw error
    return open(path, FLAGS)
  }
}
