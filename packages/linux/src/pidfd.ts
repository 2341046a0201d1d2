import { constants } from 'node:os'
import { closeDescriptor, errorName, lazily, libcFunction, systemCall, SystemCallError } from './libc.ts'
import { readProcessStat } from './proc/stat.ts'
import { waitReadable } from './wait-readable.ts'

/** Numbers of the unified table, the same on every machine (Linux 5.3 and later). */
const SYS_PIDFD_SEND_SIGNAL = 424
const SYS_PIDFD_OPEN = 434
const POLLIN = 1

const pidfdOpen = lazily(() => systemCall<[pid: number, flags: number]>(SYS_PIDFD_OPEN, ['int', 'uint']))
const pidfdSendSignal = lazily(() =>
  systemCall<[fd: number, signal: number, info: null, flags: number]>(SYS_PIDFD_SEND_SIGNAL, [
    'int',
    'int',
    'void *',
    'uint',
  ]),
)
const poll = lazily(() =>
  libcFunction<(descriptors: Buffer, count: number, timeoutMs: number) => number>('poll', 'int', [
    'void *',
    'ulong',
    'int',
  ]),
)

/**
 * One process, held by a descriptor: it goes on meaning that process when it has ended and its pid is somebody else's.
 * Whoever opened it disposes of it.
 */
export class Pidfd {
  readonly pid: number
  readonly #fd: number
  #open = true

  constructor(pid: number, fd: number) {
    this.pid = pid
    this.#fd = fd
  }

  /**
   * Sends a signal.
   *
   * @returns false when the process has ended
   * @throws {SystemCallError} `EPERM` when the caller may not
   */
  signal(name: NodeJS.Signals): boolean {
    this.#mustBeOpen()
    if (pidfdSendSignal()(this.#fd, constants.signals[name], null, 0) === 0) return true
    const code = errorName()
    if (code === 'ESRCH') return false
    throw new SystemCallError('pidfd_send_signal', `send ${name} to process ${this.pid}`, code)
  }

  /** Whether it has ended; it may still be a zombie that its parent has not asked for. */
  hasExited(): boolean {
    this.#mustBeOpen()
    const descriptor = Buffer.alloc(8)
    descriptor.writeInt32LE(this.#fd, 0)
    descriptor.writeInt16LE(POLLIN, 4)
    return poll()(descriptor, 1, 0) > 0
  }

  /** Resolves with true once it has ended, with false when the signal aborts before. Dispose after that, not before. */
  waitForExit(signal: AbortSignal): Promise<boolean> {
    this.#mustBeOpen()
    return waitReadable(this.#fd, signal)
  }

  [Symbol.dispose](): void {
    if (!this.#open) return
    this.#open = false
    closeDescriptor(this.#fd)
  }

  #mustBeOpen(): void {
    if (!this.#open) throw new TypeError(`The descriptor of process ${this.pid} is closed`)
  }
}

/**
 * Takes hold of whatever process has this pid now; undefined when none has. Where it matters which, use `openProcess`.
 *
 * @throws {SystemCallError} when the kernel refuses (too many open files, a kernel before 5.3)
 */
export function openPidfd(pid: number): Pidfd | undefined {
  // 0, -1 and below mean groups of processes to other calls; here they mean nobody.
  if (!Number.isSafeInteger(pid) || pid < 1) return undefined
  const fd = pidfdOpen()(pid, 0)
  if (fd >= 0) return new Pidfd(pid, fd)
  const code = errorName()
  // EINVAL and ENOENT: the number is that of a thread within a process.
  if (code === 'ESRCH' || code === 'EINVAL' || code === 'ENOENT') return undefined
  throw new SystemCallError('pidfd_open', `take hold of process ${pid}`, code)
}

/**
 * Takes hold of the process that had this pid and started at this time; undefined when it has ended, also when another
 * has its pid by now. Free of races: the start time is read while the descriptor is held, and counts only if the
 * process that it holds is still there afterwards.
 */
export function openProcess(pid: number, startTicks: number): Pidfd | undefined {
  const pidfd = openPidfd(pid)
  if (pidfd === undefined) return undefined
  try {
    if (readProcessStat(pid)?.startTicks === startTicks && !pidfd.hasExited()) return pidfd
  } catch (error) {
    pidfd[Symbol.dispose]()
    throw error
  }
  pidfd[Symbol.dispose]()
  return undefined
}

/** Whether the process that a pidfd of the kernel's means still has its pid; a zombie has it too. */
export function isDescriptorAlive(fd: number): boolean {
  return fd >= 0 && pidfdSendSignal()(fd, 0, null, 0) === 0
}
