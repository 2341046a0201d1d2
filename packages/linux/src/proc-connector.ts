import { closeDescriptor, errorName, SystemCallError, systemCallError } from './libc.ts'
import {
  AF_NETLINK,
  bind,
  MSG_DONTWAIT,
  recvfrom,
  send,
  setsockopt,
  SOCK_CLOEXEC,
  SOCKADDR_BYTES,
  socket,
  SOL_SOCKET,
} from './netlink.ts'
import { type ProcEvent, parseProcMessage } from './proc-event.ts'
import { waitReadable } from './wait-readable.ts'

const SOCK_DGRAM = 2
const SOCK_NONBLOCK = 0o4000
const NETLINK_CONNECTOR = 11
const CN_IDX_PROC = 1
const CN_VAL_PROC = 1
const PROC_CN_MCAST_LISTEN = 1
const SO_RCVBUFFORCE = 33
const NLMSG_DONE = 3

export interface ProcConnectorOptions {
  /** Memory for events that were not read yet, bytes; the kernel doubles it. Default 8 MiB, about 20 000 events. */
  readonly bufferBytes?: number
}

/**
 * The kernel's process connector (Documentation/driver-api/connector.rst, linux/cn_proc.h): fork, exec, exit and more of
 * every process of the machine, over a netlink socket. Asks for CAP_NET_ADMIN in the first user and pid namespaces.
 * Whoever opened it disposes of it.
 */
export class ProcConnector {
  readonly #fd: number
  readonly #buffer = Buffer.alloc(4096)
  readonly #address = Buffer.alloc(SOCKADDR_BYTES)
  readonly #addressLength = Buffer.alloc(4)
  /** By processor: the number that its next event carries. */
  readonly #next = new Map<number, number>()
  #received = 0
  #lost = 0
  #overflows = 0
  #open = true

  constructor(fd: number) {
    this.#fd = fd
  }

  /** Events of every kind that arrived. */
  get received(): number {
    return this.#received
  }

  /**
   * Events of every kind that the kernel could not put into the full socket. Each processor numbers its events, so a gap
   * tells exactly how many are missing, once its next event has arrived. Not known: what was lost before the first event
   * of a processor.
   */
  get lost(): number {
    return this.#lost
  }

  /** How often the kernel said that the socket was full (ENOBUFS). */
  get overflows(): number {
    return this.#overflows
  }

  /** Takes up to `limit` events that are there now, in the order in which they arrived. Never waits. */
  take(limit = 4096): ProcEvent[] {
    const events: ProcEvent[] = []
    for (let count = 0; count < limit; count += 1) {
      this.#addressLength.writeUInt32LE(SOCKADDR_BYTES)
      const size = recvfrom()(
        this.#fd,
        this.#buffer,
        this.#buffer.length,
        MSG_DONTWAIT,
        this.#address,
        this.#addressLength,
      )
      if (size < 0) {
        const code = errorName()
        if (code === 'EAGAIN' || code === 'EWOULDBLOCK') break
        if (code === 'EINTR') continue
        if (code !== 'ENOBUFS') throw new SystemCallError('recvfrom', 'read the process connector', code)
        this.#overflows += 1
        continue
      }
      // Port 0 is the kernel: another process that may use netlink could write to this socket too.
      if (this.#address.readUInt32LE(4) !== 0) continue
      const message = parseProcMessage(this.#buffer.subarray(0, size))
      if (message === undefined) continue
      this.#count(message.processor, message.sequence)
      if (message.event !== undefined) events.push(message.event)
    }
    return events
  }

  #count(processor: number, sequence: number): void {
    this.#received += 1
    const expected = this.#next.get(processor)
    // Numbers wrap at 32 bits.
    if (expected !== undefined) this.#lost += (sequence - expected) >>> 0
    this.#next.set(processor, (sequence + 1) >>> 0)
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

/**
 * Opens the process connector and asks for its events.
 *
 * @throws {SystemCallError} when the kernel has none or the caller may not
 */
export function openProcConnector(options: ProcConnectorOptions = {}): ProcConnector {
  const { bufferBytes = 8 << 20 } = options
  const what = 'listen to the process connector'
  const fd = socket()(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_CONNECTOR)
  if (fd < 0) throw systemCallError('socket', what)
  const check = (syscall: string, result: number) => {
    if (result >= 0) return
    const error = systemCallError(syscall, what)
    closeDescriptor(fd)
    throw error
  }
  const size = Buffer.alloc(4)
  size.writeInt32LE(bufferBytes)
  check('setsockopt', setsockopt()(fd, SOL_SOCKET, SO_RCVBUFFORCE, size, size.length))
  const address = Buffer.alloc(SOCKADDR_BYTES)
  address.writeUInt16LE(AF_NETLINK, 0)
  address.writeUInt32LE(1 << (CN_IDX_PROC - 1), 8)
  check('bind', bind()(fd, address, address.length))
  const request = listenRequest()
  check('send', send()(fd, request, request.length, 0))
  return new ProcConnector(fd)
}

/** nlmsghdr, cn_msg and the operation. */
function listenRequest(): Buffer {
  const request = Buffer.alloc(40)
  request.writeUInt32LE(request.length, 0)
  request.writeUInt16LE(NLMSG_DONE, 4)
  request.writeUInt32LE(process.pid, 12)
  request.writeUInt32LE(CN_IDX_PROC, 16)
  request.writeUInt32LE(CN_VAL_PROC, 20)
  request.writeUInt16LE(4, 32)
  request.writeUInt32LE(PROC_CN_MCAST_LISTEN, 36)
  return request
}
