import { type BigIntStats, constants } from 'node:fs'
import { type FileHandle, lstat, open } from 'node:fs/promises'
import type { Clock } from '@vedette/base'
import { RemoteMounts } from '@vedette/linux'

/** A plain file that is open for reading: what it is from now on is this file, whatever happens to its name. */
export interface OpenFile extends AsyncDisposable {
  readonly descriptor: number
  readonly stats: BigIntStats
}

/** What was not opened, since nobody knows when that would have come to an end. */
export interface NotOpened {
  /** Files on file systems that somebody else answers for, and the types of these. */
  readonly remote: number
  readonly types: readonly string[]
  /** Files that came while as many as may were being opened, all for too long. */
  readonly hanging: number
}

const FLAGS = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY

/**
 * Files that are opened at once. Each takes a thread of the four that this process has for all its files, and keeps it
 * where a file system does not answer.
 */
const MOST_AT_ONCE = 2
/** Others wait no longer than this for one that does not end. */
const PATIENCE_MS = 2000

/** Opens files that are to be scanned, on file systems of this machine alone. */
export class ScannedFiles {
  readonly #clock: Clock
  readonly #mounts: RemoteMounts
  readonly #types = new Set<string>()
  readonly #waiting: ((mayGo: boolean) => void)[] = []
  #busy = 0
  /** When the newest of those that are under way began. */
  #begunMs = 0
  #remote = 0
  #hanging = 0

  constructor(clock: Clock, mounts = new RemoteMounts(clock)) {
    this.#clock = clock
    this.#mounts = mounts
  }

  get notOpened(): NotOpened {
    return { remote: this.#remote, types: [...this.#types].sort(), hanging: this.#hanging }
  }

  /**
   * Opens what a process runs: through the process, which works for deleted files, memfds and containers, else by its name.
   * Undefined when neither leads to that file any more.
   */
  async openExecutable(program: {
    readonly pid: number
    readonly path: string
    /** Inode of the file, where the sensor saw it. */
    readonly inode: number | undefined
    /** Whether the path means the same file to us: false inside a container. */
    readonly sameRoot: boolean
  }): Promise<OpenFile | undefined> {
    const { pid, path, inode, sameRoot } = program
    const isMeant = ({ ino }: BigIntStats) => inode === undefined || Number(ino) === inode
    const running = await this.#open(`/proc/${pid}/exe`, 0, pid)
    if (running && isMeant(running.stats)) return running
    await running?.[Symbol.asyncDispose]()
    // Without an inode nothing shows that the name still leads to the file that ran.
    if (inode === undefined || !sameRoot || !path.startsWith('/')) return undefined
    const named = await this.#open(path, constants.O_NOFOLLOW)
    if (named && isMeant(named.stats)) return named
    await named?.[Symbol.asyncDispose]()
    return undefined
  }

  /** Opens a file that was written; undefined where it is gone, a link, or no plain file. */
  openWritten(path: string | Buffer): Promise<OpenFile | undefined> {
    return this.#open(path, constants.O_NOFOLLOW)
  }

  /** Opens what an interpreter was given, through links as the interpreter does. @param pid of its process */
  openScript(path: string, pid: number): Promise<OpenFile | undefined> {
    return this.#open(path, 0, pid)
  }

  /** Whether something is a folder of this machine, and no link to one. */
  async isFolder(path: string | Buffer): Promise<boolean> {
    if (this.#isRemote(this.#mounts.ofPath(String(path)))) return false
    return (await this.#inTurn(async () => (await lstat(path)).isDirectory())) ?? false
  }

  /** Whether a path lies where files are not looked at; counted. */
  isRemote(path: string): boolean {
    return this.#isRemote(this.#mounts.ofPath(path))
  }

  async #open(path: string | Buffer, flags: number, pid?: number): Promise<OpenFile | undefined> {
    if (this.#isRemote(this.#mounts.ofPath(String(path)))) return undefined
    return this.#inTurn(async () => {
      await using named = await open(path, O_PATH | flags)
      // A link may have led to somewhere else than the name says, as that of a process does.
      if (this.#isRemote(this.#mounts.ofDescriptor(named.fd, pid))) return undefined
      // Waited for: until then the name must stay open.
      return (await named.stat()).isFile() ? await openPlain(`/proc/self/fd/${named.fd}`) : undefined
    })
  }

  #isRemote(type: string | undefined): boolean {
    if (type === undefined) return false
    this.#remote += 1
    this.#types.add(type)
    return true
  }

  /** Does something that may take a thread for ever. Undefined where it fails, or its turn does not come. */
  async #inTurn<T>(work: () => Promise<T | undefined>): Promise<T | undefined> {
    if (!(await this.#turn())) {
      this.#hanging += 1
      return undefined
    }
    this.#begunMs = this.#clock.monotonic()
    try {
      return await work()
    } catch {
      return undefined
    } finally {
      const next = this.#waiting.shift()
      if (next) next(true)
      else this.#busy -= 1
    }
  }

  #turn(): Promise<boolean> {
    if (this.#busy < MOST_AT_ONCE) {
      this.#busy += 1
      return Promise.resolve(true)
    }
    if (this.#hangs()) return Promise.resolve(false)
    const { promise, resolve } = Promise.withResolvers<boolean>()
    this.#waiting.push(resolve)
    if (this.#waiting.length === 1) this.#lookAfterTurns()
    return promise
  }

  /** Whether those that are under way have not come to an end for too long. */
  #hangs(): boolean {
    return this.#clock.monotonic() - this.#begunMs >= PATIENCE_MS
  }

  /** Sends away who waits for what hangs. */
  #lookAfterTurns(): void {
    const timer = setTimeout(() => {
      if (this.#hangs()) for (const go of this.#waiting.splice(0)) go(false)
      else if (this.#waiting.length > 0) this.#lookAfterTurns()
    }, PATIENCE_MS)
    timer.unref()
  }
}

/**
 * A descriptor that names a file and does not open it (open(2)). Whoever may write where a path leads through may let it
 * lead to a device, of which some act when they are opened.
 */
const O_PATH = 0o10000000

async function openPlain(path: string): Promise<OpenFile | undefined> {
  const handle = await openQuietly(path)
  try {
    const stats = await handle.stat({ bigint: true })
    return { descriptor: handle.fd, stats, [Symbol.asyncDispose]: () => handle.close() }
  } catch {
    await handle.close()
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
