import { readlinkSync } from 'node:fs'
import { type FanotifyEvent, type HandleKey, handleKey, parseFanotifyEvents } from './fanotify-event.ts'
import { closeDescriptor, errorName, lazily, libcFunction, SystemCallError, systemCallError } from './libc.ts'
import { waitReadable } from './wait-readable.ts'

const AT_FDCWD = -100
const AT_HANDLE_FID = 0x200
const AT_SYMLINK_FOLLOW = 0x400
const MAX_HANDLE_BYTES = 128
const O_NONBLOCK = 0o4000
const O_CLOEXEC = 0o2000000
const O_PATH = 0o10000000

const FAN_CLOEXEC = 0x1
const FAN_NONBLOCK = 0x2
const FAN_CLASS_CONTENT = 0x4
const FAN_REPORT_PIDFD = 0x80
const FAN_REPORT_FID = 0x200
const FAN_REPORT_DFID_NAME = 0xc00

const FAN_MARK_ADD = 0x1
const FAN_MARK_REMOVE = 0x2
const FAN_MARK_MOUNT = 0x10

const FAN_ALLOW = 1
const FAN_DENY = 2

/** A read gives as many events as fit. Each may bring a descriptor, so not too many. */
const READ_BYTES = 16_384

const fanotifyInit = lazily(() =>
  libcFunction<(flags: number, fileFlags: number) => number>('fanotify_init', 'int', ['uint', 'uint']),
)
const fanotifyMark = lazily(() =>
  libcFunction<(fd: number, flags: number, mask: number, folder: number, path: string | null) => number>(
    'fanotify_mark',
    'int',
    ['int', 'uint', 'uint64_t', 'int', 'str'],
  ),
)
const nameToHandle = lazily(() =>
  libcFunction<(folder: number, path: string, handle: Buffer, mount: Buffer, flags: number) => number>(
    'name_to_handle_at',
    'int',
    ['int', 'str', 'void *', 'void *', 'int'],
  ),
)
const openByHandle = lazily(() =>
  libcFunction<(mount: number, handle: Buffer, flags: number) => number>('open_by_handle_at', 'int', [
    'int',
    'void *',
    'int',
  ]),
)
const statfs = lazily(() =>
  libcFunction<(path: string, result: Buffer) => number>('statfs', 'int', ['str', 'void *']),
)
const read = lazily(() =>
  libcFunction<(fd: number, bytes: Buffer, size: number) => number>('read', 'long', [
    'int',
    'void *',
    'size_t',
  ]),
)
const write = lazily(() =>
  libcFunction<(fd: number, bytes: Buffer, size: number) => number>('write', 'long', [
    'int',
    'void *',
    'size_t',
  ]),
)

/**
 * A group of the kernel's file notification, fanotify(7). Asks for CAP_SYS_ADMIN. Whoever opened it disposes of it: then
 * everybody who waits for an answer of it goes on, as if it had been yes.
 */
export class Fanotify implements Disposable {
  readonly #fd: number
  readonly #bytes = Buffer.alloc(READ_BYTES)
  #open = true

  private constructor(fd: number) {
    this.#fd = fd
  }

  /**
   * Tells what was done, by whom and to which file in which folder; Linux 5.17 or later.
   *
   * @throws {SystemCallError}
   */
  static toNotify(): Fanotify {
    return Fanotify.#of(FAN_REPORT_FID | FAN_REPORT_DFID_NAME | FAN_REPORT_PIDFD, 0)
  }

  /**
   * Asks before it is done; who does it waits for the answer. Events have the opened file. The thread that reads must not
   * start programs: it would wait for itself.
   *
   * @throws {SystemCallError}
   */
  static toDecide(): Fanotify {
    return Fanotify.#of(FAN_CLASS_CONTENT, O_CLOEXEC)
  }

  static #of(flags: number, fileFlags: number): Fanotify {
    const fd = fanotifyInit()(FAN_CLOEXEC | FAN_NONBLOCK | flags, fileFlags)
    if (fd < 0) throw systemCallError('fanotify_init', 'open the notification of files')
    return new Fanotify(fd)
  }

  /**
   * Tells more of the file or folder at a path, links followed.
   *
   * @param mask bits of `fanotifyMask`
   * @param how `mount`: of all files in the mount that the path lies in
   * @throws {SystemCallError}
   */
  mark(path: string, mask: number, how: 'file' | 'mount' = 'file'): void {
    const flags = FAN_MARK_ADD | (how === 'mount' ? FAN_MARK_MOUNT : 0)
    if (fanotifyMark()(this.#fd, flags, mask, AT_FDCWD, path) === 0) return
    throw systemCallError('fanotify_mark', `watch ${path}`)
  }

  /** Tells no more of what `mark` marked. What is gone by now is marked no more anyhow. */
  unmark(path: string, mask: number, how: 'file' | 'mount' = 'file'): void {
    const flags = FAN_MARK_REMOVE | (how === 'mount' ? FAN_MARK_MOUNT : 0)
    fanotifyMark()(this.#fd, flags, mask, AT_FDCWD, path)
  }

  /** As `unmark`, of a file that may have another name by now. `mount` as for `pathOfHandle`. */
  unmarkHandle(handle: HandleKey, mask: number, mount: number): void {
    const fd = openByHandle()(mount, structOf(handle), O_NONBLOCK | O_CLOEXEC)
    if (fd < 0) return
    fanotifyMark()(this.#fd, FAN_MARK_REMOVE, mask, fd, null)
    closeDescriptor(fd)
  }

  /** Takes some of the events that are there now, in their order; none when there are none. Never waits. */
  take(): FanotifyEvent[] {
    for (;;) {
      const size = read()(this.#fd, this.#bytes, this.#bytes.length)
      if (size >= 0) return parseFanotifyEvents(this.#bytes.subarray(0, size))
      const code = errorName()
      if (code === 'EAGAIN') return []
      // That one file could not be opened: its event is gone; who waited for an answer was refused by the kernel.
      if (!PASSING.has(code)) throw new SystemCallError('read', 'read the notification of files', code)
    }
  }

  /** Answers an event of `toDecide`, by the descriptor of its file. */
  answer(fd: number, allow: boolean): void {
    const response = Buffer.alloc(8)
    response.writeInt32LE(fd, 0)
    response.writeUInt32LE(allow ? FAN_ALLOW : FAN_DENY, 4)
    if (write()(this.#fd, response, response.length) === response.length) return
    const code = errorName()
    // It does not wait any more: it was killed.
    if (code !== 'ENOENT') throw new SystemCallError('write', 'answer the kernel', code)
  }

  /** Resolves with true once there is something to take, with false when the signal aborts. */
  waitReadable(signal: AbortSignal): Promise<boolean> {
    return waitReadable(this.#fd, signal)
  }

  [Symbol.dispose](): void {
    if (!this.#open) return
    this.#open = false
    closeDescriptor(this.#fd)
  }
}

const PASSING = new Set(['EINTR', 'EACCES', 'EPERM', 'ENOENT', 'ETXTBSY', 'ENXIO', 'ESTALE', 'EOPNOTSUPP'])

/**
 * By what the kernel calls the file at a path, links followed, in its events.
 *
 * @throws {SystemCallError} `EOPNOTSUPP` on a file system that knows no handles
 */
export function handleOfPath(path: string): HandleKey {
  const handle = Buffer.alloc(8 + MAX_HANDLE_BYTES)
  const mount = Buffer.alloc(4)
  const ask = (flags: number) => {
    handle.writeUInt32LE(MAX_HANDLE_BYTES, 0)
    return nameToHandle()(AT_FDCWD, path, handle, mount, flags)
  }
  if (ask(AT_SYMLINK_FOLLOW) !== 0) {
    const code = errorName()
    // Some file systems have handles that name a file and cannot open it.
    if (code !== 'EOPNOTSUPP' || ask(AT_SYMLINK_FOLLOW | AT_HANDLE_FID) !== 0)
      throw new SystemCallError('name_to_handle_at', `find ${path}`, code)
  }
  const status = Buffer.alloc(256)
  if (statfs()(path, status) !== 0) throw systemCallError('statfs', `find ${path}`)
  return handleKey(status.subarray(56, 64), handle.subarray(0, 8 + handle.readUInt32LE(0)))
}

/**
 * The path that a handle has now; undefined where its file is gone. Asks for CAP_DAC_READ_SEARCH.
 *
 * @param mount descriptor of any file or folder in its file system, not opened with O_PATH
 */
export function pathOfHandle(handle: HandleKey, mount: number): string | undefined {
  const fd = openByHandle()(mount, structOf(handle), O_PATH | O_CLOEXEC)
  if (fd < 0) return undefined
  try {
    const path = readlinkSync(`/proc/self/fd/${fd}`)
    return path.endsWith(' (deleted)') ? undefined : path
  } finally {
    closeDescriptor(fd)
  }
}

/** Which file system a handle is of. */
export function fileSystemOf(handle: HandleKey): string {
  return handle.slice(0, FSID_CHARACTERS)
}

const FSID_CHARACTERS = 8

function structOf(handle: HandleKey): Buffer {
  return Buffer.from(handle.slice(FSID_CHARACTERS), 'latin1')
}
