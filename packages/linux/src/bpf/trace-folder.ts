import { closeSync, readFileSync } from 'node:fs'
import { lazily, libcFunction, systemCall, systemCallError } from '../libc.ts'

const FSOPEN_CLOEXEC = 1
const FSCONFIG_CMD_CREATE = 6
const FSMOUNT_CLOEXEC = 1
/** Read-only, and nothing in it is run: MOUNT_ATTR_RDONLY, NOSUID, NODEV and NOEXEC. */
const MOUNT_ATTRIBUTES = 1 | 2 | 4 | 8

const fsopen = lazily(() => systemCall<[type: string, flags: number]>(430, ['str', 'uint']))
const fsconfig = lazily(() =>
  systemCall<[fd: number, command: number, key: null, value: null, aux: number]>(431, [
    'int',
    'uint',
    'void *',
    'void *',
    'int',
  ]),
)
const fsmount = lazily(() =>
  systemCall<[fd: number, flags: number, attributes: number]>(432, ['int', 'uint', 'uint']),
)

/**
 * The kernel's list of classic tracepoints (Documentation/trace/ftrace.rst), in a mount of its own that has no place in
 * any tree: so it is there whether the host has mounted it or not, and nobody else sees it.
 */
export class TraceFolder implements Disposable {
  readonly #fd: number

  /** @throws {SystemCallError} where it is refused: without CAP_SYS_ADMIN, or under lockdown; before Linux 5.2 */
  constructor() {
    const context = fsopen()('tracefs', FSOPEN_CLOEXEC)
    if (context < 0) throw systemCallError('fsopen', 'open the list of tracepoints')
    try {
      if (fsconfig()(context, FSCONFIG_CMD_CREATE, null, null, 0) !== 0)
        throw systemCallError('fsconfig', 'open the list of tracepoints')
      this.#fd = fsmount()(context, FSMOUNT_CLOEXEC, MOUNT_ATTRIBUTES)
      if (this.#fd < 0) throw systemCallError('fsmount', 'open the list of tracepoints')
    } finally {
      closeSync(context)
    }
  }

  /** The number of a tracepoint such as `syscalls/sys_exit_openat`, undefined where this kernel has none of the name. */
  idOf(tracepoint: string): number | undefined {
    try {
      const id = Number(readFileSync(`/proc/self/fd/${this.#fd}/events/${tracepoint}/id`, 'latin1'))
      return Number.isInteger(id) ? id : undefined
    } catch {
      return undefined
    }
  }

  [Symbol.dispose](): void {
    closeSync(this.#fd)
  }
}

const SYS_PERF_EVENT_OPEN: Readonly<Record<string, number>> = { x64: 298, arm64: 241 }
const PERF_TYPE_TRACEPOINT = 2
const ATTRIBUTES_BYTES = 64
/** Of the flags of struct perf_event_attr. Programs run whether it is enabled or not; nothing else is wanted of it. */
const DISABLED = 1n
const PERF_FLAG_FD_CLOEXEC = 8
const PERF_EVENT_IOC_SET_BPF = 0x4004_2408

const perfEventOpen = lazily(() => {
  const number = SYS_PERF_EVENT_OPEN[process.arch] ?? 0
  return systemCall<[attributes: Uint8Array, pid: number, processor: number, group: number, flags: number]>(
    number,
    ['void *', 'int', 'int', 'int', 'ulong'],
  )
})
const control = lazily(() =>
  libcFunction<(fd: number, request: number, program: number) => number>('ioctl', 'int', [
    'int',
    'ulong',
    'int',
  ]),
)

/**
 * Lets a program run at a classic tracepoint, on every processor, until nobody holds the descriptor of the event any
 * more. To close the last one takes the kernel some 50 ms.
 *
 * @returns a descriptor, which the caller closes
 * @throws {SystemCallError} `EEXIST` where the program runs there already
 */
export function openTracepoint(id: number, programFd: number): number {
  const attributes = new DataView(new ArrayBuffer(ATTRIBUTES_BYTES))
  attributes.setUint32(0, PERF_TYPE_TRACEPOINT, true)
  attributes.setUint32(4, ATTRIBUTES_BYTES, true)
  attributes.setBigUint64(8, BigInt(id), true)
  attributes.setBigUint64(40, DISABLED, true)
  // The program belongs to the tracepoint, not to the processor that the event is said to be about.
  const fd = perfEventOpen()(new Uint8Array(attributes.buffer), -1, 0, -1, PERF_FLAG_FD_CLOEXEC)
  if (fd < 0) throw systemCallError('perf_event_open', `open tracepoint ${id}`)
  if (control()(fd, PERF_EVENT_IOC_SET_BPF, programFd) === 0) return fd
  const error = systemCallError('ioctl', `let a BPF program run at tracepoint ${id}`)
  closeSync(fd)
  throw error
}
