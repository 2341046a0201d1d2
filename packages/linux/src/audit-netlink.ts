import { type AuditRule, hasAuditKey, writeAuditRule } from './audit-rule.ts'
import { closeDescriptor, errorName, errorNameOf, SystemCallError, systemCallError } from './libc.ts'
import {
  AF_NETLINK,
  MSG_DONTWAIT,
  recvfrom,
  send,
  setsockopt,
  SOCK_CLOEXEC,
  SOCKADDR_BYTES,
  socket,
  SOL_SOCKET,
} from './netlink.ts'
import { waitReadable } from './wait-readable.ts'

const SOCK_RAW = 3
const NETLINK_AUDIT = 9
const SO_RCVTIMEO = 20
const SO_RCVBUFFORCE = 33
const HEADER_BYTES = 16
const NLMSG_ERROR = 2
const NLMSG_DONE = 3
const NLM_F_REQUEST = 1
const NLM_F_ACK = 4
const AUDIT_GET = 1000
const AUDIT_SET = 1001
const AUDIT_ADD_RULE = 1011
const AUDIT_DEL_RULE = 1012
const AUDIT_LIST_RULES = 1013
const STATUS_BYTES = 44
/** Bits of the mask of a status that say which of its numbers are to be set. */
const SET_ENABLED = 1
const SET_FAILURE = 2
const SET_PID = 4
const SET_BACKLOG_LIMIT = 16
const SET_BACKLOG_WAIT = 32
/** For how long an answer of the kernel is waited for. */
const TIMEOUT_S = 2
/** A record has at most MAX_AUDIT_MESSAGE_LENGTH bytes; a rule, paths in it, more. */
const MESSAGE_BYTES = 16_384

/** What the audit system says of itself (`struct audit_status`). */
export interface AuditStatus {
  /** 0 off, 1 on, 2 on and not to be changed until the machine is started anew. */
  readonly enabled: number
  /** What the kernel does where it loses records: 0 nothing, 1 it writes a line, 2 it halts the machine. */
  readonly failure: number
  /** The process that records are sent to, 0 where there is none. */
  readonly pid: number
  /** Most records that wait. */
  readonly backlogLimit: number
  /** Records lost since the machine was started. */
  readonly lost: number
  /** Records that wait. */
  readonly backlog: number
  /** For how long a process is held up where too many wait, ticks. */
  readonly backlogWait: number
}

export interface AuditMessage {
  /** Type of the record, AUDIT_ in linux/audit.h. */
  readonly type: number
  /** `audit(1364481363.243:24287): ...` */
  readonly text: string
}

export interface AuditOptions {
  readonly rules: readonly AuditRule[]
  /** Of the rules. Those of this key that somebody left behind are removed. */
  readonly key: string
  /** Memory for records that were not read yet, bytes; the kernel doubles it. */
  readonly bufferBytes: number
  /** Most records that wait in the kernel. */
  readonly backlogLimit: number
}

/**
 * How the audit system stands. Changes nothing.
 *
 * @throws {SystemCallError} when the kernel has none, or the caller may not ask (CAP_AUDIT_CONTROL in the first user and
 *   pid namespaces)
 */
export function readAuditStatus(): AuditStatus {
  const control = openSocket()
  try {
    return statusOf(control)
  } finally {
    closeDescriptor(control)
  }
}

/**
 * The kernel's audit system with rules of its own, over netlink (linux/audit.h). There is one receiver a machine: it can be
 * had only where no daemon is. Whoever opened it disposes of it: then its rules are removed and its settings are as before.
 */
export class AuditNetlink {
  readonly #control: number
  readonly #events: number
  #before: AuditStatus
  readonly #key: string
  readonly #buffer = Buffer.alloc(MESSAGE_BYTES)
  readonly #address = Buffer.alloc(SOCKADDR_BYTES)
  readonly #addressLength = Buffer.alloc(4)
  #owned = false
  #open = true

  /**
   * @throws {SystemCallError} when it cannot be had: `EPERM` without the rights or where its settings are locked, `EEXIST`
   *   where another process is its receiver
   */
  constructor({ rules, key, bufferBytes, backlogLimit }: AuditOptions) {
    this.#key = key
    this.#control = openSocket()
    try {
      this.#before = statusOf(this.#control)
      this.#events = openSocket(bufferBytes)
    } catch (error) {
      closeDescriptor(this.#control)
      throw error
    }
    try {
      // The receiver is the socket that asks to be it. Nobody waits for a reader, and the machine is not halted for it.
      const settings = { enabled: 1, failure: 1, backlogLimit, backlogWait: 0 }
      setStatus(this.#events, { pid: process.pid })
      this.#owned = true
      setStatus(this.#control, settings)
      // What was before one that was killed is not known: then the state in which a kernel starts.
      if (this.#removeRules() > 0) this.#before = { ...this.#before, enabled: 0, backlogLimit: 64 }
      for (const rule of rules)
        request(this.#control, AUDIT_ADD_RULE, writeAuditRule(rule), 'add an audit rule')
    } catch (error) {
      this[Symbol.dispose]()
      throw error
    }
  }

  /** Records of whatever rule: those lost since it was opened, and those that wait in the kernel now. */
  state(): Pick<AuditStatus, 'lost' | 'backlog'> {
    const { lost, backlog } = statusOf(this.#control)
    return { lost: (lost - this.#before.lost) >>> 0, backlog }
  }

  /** Takes up to `limit` records that are there now. Never waits. */
  take(limit = 4096): AuditMessage[] {
    const messages: AuditMessage[] = []
    for (let count = 0; count < limit; count += 1) {
      this.#addressLength.writeUInt32LE(SOCKADDR_BYTES)
      const size = recvfrom()(
        this.#events,
        this.#buffer,
        MESSAGE_BYTES,
        MSG_DONTWAIT,
        this.#address,
        this.#addressLength,
      )
      if (size < 0) {
        const code = errorName()
        if (code === 'EAGAIN' || code === 'EWOULDBLOCK') break
        // Where the socket is full the kernel keeps the record, and counts it as lost once it cannot.
        if (code === 'EINTR' || code === 'ENOBUFS') continue
        throw new SystemCallError('recvfrom', 'read records of the audit system', code)
      }
      // Port 0 is the kernel: another process that may use netlink could write to this socket too.
      if (this.#address.readUInt32LE(4) !== 0 || size < HEADER_BYTES) continue
      // Not by the length in the header: that of a record leaves the header out.
      const end = this.#buffer[size - 1] === 0 ? size - 1 : size
      messages.push({
        type: this.#buffer.readUInt16LE(4),
        text: this.#buffer.toString('utf8', HEADER_BYTES, end),
      })
    }
    return messages
  }

  /** Resolves with true once there is something to take, with false when the signal aborts. */
  waitReadable(signal: AbortSignal): Promise<boolean> {
    return waitReadable(this.#events, signal)
  }

  [Symbol.dispose](): void {
    if (!this.#open) return
    this.#open = false
    try {
      if (this.#owned && statusOf(this.#control).pid === process.pid) {
        this.#removeRules()
        const { enabled, failure, backlogLimit, backlogWait } = this.#before
        setStatus(this.#control, { enabled, failure, backlogLimit, backlogWait })
        setStatus(this.#control, { pid: 0 })
      }
    } finally {
      closeDescriptor(this.#events)
      closeDescriptor(this.#control)
    }
  }

  #removeRules(): number {
    const own = listRules(this.#control).filter((rule) => hasAuditKey(rule, this.#key))
    for (const rule of own) request(this.#control, AUDIT_DEL_RULE, rule, 'remove an audit rule')
    return own.length
  }
}

function openSocket(bufferBytes?: number): number {
  const what = 'open the audit system'
  const fd = socket()(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_AUDIT)
  if (fd < 0) throw systemCallError('socket', what)
  const timeout = Buffer.alloc(16)
  timeout.writeBigInt64LE(BigInt(TIMEOUT_S))
  const size = Buffer.alloc(4)
  size.writeInt32LE(bufferBytes ?? 0)
  if (
    setsockopt()(fd, SOL_SOCKET, SO_RCVTIMEO, timeout, timeout.length) < 0 ||
    (bufferBytes !== undefined && setsockopt()(fd, SOL_SOCKET, SO_RCVBUFFORCE, size, size.length) < 0)
  ) {
    const error = systemCallError('setsockopt', what)
    closeDescriptor(fd)
    throw error
  }
  return fd
}

function setStatus(
  fd: number,
  {
    enabled,
    failure,
    pid,
    backlogLimit,
    backlogWait,
  }: Partial<Pick<AuditStatus, 'enabled' | 'failure' | 'pid' | 'backlogLimit' | 'backlogWait'>>,
): void {
  const status = Buffer.alloc(STATUS_BYTES)
  const numbers: (readonly [bit: number, offset: number, value: number | undefined])[] = [
    [SET_ENABLED, 4, enabled],
    [SET_FAILURE, 8, failure],
    [SET_PID, 12, pid],
    [SET_BACKLOG_LIMIT, 20, backlogLimit],
    [SET_BACKLOG_WAIT, 36, backlogWait],
  ]
  let mask = 0
  for (const [bit, offset, value] of numbers) {
    if (value === undefined) continue
    mask |= bit
    status.writeUInt32LE(value, offset)
  }
  status.writeUInt32LE(mask, 0)
  request(fd, AUDIT_SET, status, 'change the audit system')
}

function statusOf(fd: number): AuditStatus {
  const [status] = ask(fd, AUDIT_GET, 'read the state of the audit system')
  if (status === undefined || status.length < 40)
    throw new SystemCallError('recvfrom', 'read the state of the audit system', 'EBADMSG')
  return {
    enabled: status.readUInt32LE(4),
    failure: status.readUInt32LE(8),
    pid: status.readUInt32LE(12),
    backlogLimit: status.readUInt32LE(20),
    lost: status.readUInt32LE(24),
    backlog: status.readUInt32LE(28),
    backlogWait: status.readUInt32LE(36),
  }
}

const listRules = (fd: number) => ask(fd, AUDIT_LIST_RULES, 'list the audit rules')

let sequence = 0

function write(fd: number, type: number, flags: number, payload: Buffer, what: string): number {
  sequence = (sequence + 1) >>> 0
  const message = Buffer.alloc(HEADER_BYTES + payload.length)
  message.writeUInt32LE(message.length, 0)
  message.writeUInt16LE(type, 4)
  message.writeUInt16LE(flags, 6)
  message.writeUInt32LE(sequence, 8)
  payload.copy(message, HEADER_BYTES)
  if (send()(fd, message, message.length, 0) < 0) throw systemCallError('send', what)
  return sequence
}

/** Does something, and throws what the kernel answers. */
function request(fd: number, type: number, payload: Buffer, what: string): void {
  const number = write(fd, type, NLM_F_REQUEST | NLM_F_ACK, payload, what)
  while (receive(fd, number, what)?.type !== NLMSG_ERROR);
}

/** Asks for something: one message, or several with an end. */
function ask(fd: number, type: number, what: string): Buffer[] {
  const number = write(fd, type, NLM_F_REQUEST, Buffer.alloc(0), what)
  const answers: Buffer[] = []
  for (;;) {
    const answer = receive(fd, number, what)
    if (answer?.type === NLMSG_DONE) return answers
    if (answer?.type !== type) continue
    answers.push(answer.payload)
    if (type === AUDIT_GET) return answers
  }
}

/** The next message; undefined where it is no answer to this question. */
function receive(fd: number, number: number, what: string) {
  const buffer = Buffer.alloc(MESSAGE_BYTES)
  const address = Buffer.alloc(SOCKADDR_BYTES)
  const addressLength = Buffer.alloc(4)
  addressLength.writeUInt32LE(SOCKADDR_BYTES)
  const size = recvfrom()(fd, buffer, buffer.length, 0, address, addressLength)
  if (size < 0) {
    const code = errorName()
    if (code === 'EINTR') return undefined
    throw new SystemCallError('recvfrom', what, code)
  }
  if (size < HEADER_BYTES || address.readUInt32LE(4) !== 0 || buffer.readUInt32LE(8) !== number)
    return undefined
  const type = buffer.readUInt16LE(4)
  const payload = buffer.subarray(HEADER_BYTES, size)
  const error = type === NLMSG_ERROR ? payload.readInt32LE(0) : 0
  if (error !== 0) throw new SystemCallError('send', what, errorNameOf(-error))
  return { type, payload }
}
