import { DISCARDED, RECORD_HEADER, RECORD_LENGTH } from '@vedette/linux'
import type {
  ExecRecord,
  FileAccessRecord,
  KernelRecord,
  ProcessIdentity,
  SocketEnd,
  SocketRecord,
  StandardStream,
} from '@vedette/model'
import { addressText } from './address.ts'
import * as wire from './wire.ts'

const MAX_ARGUMENTS = 256
const RECENT_PATHS = 256
const UNSET = 0xffff_ffff
const AF_INET = 2
const IPPROTO_UDP = 17

const S_IFMT = 0o170000
const streamTypes: Readonly<Record<number, StandardStream['type']>> = {
  0o140000: 'socket',
  0o100000: 'file',
  0o060000: 'device',
  0o020000: 'device',
  0o010000: 'pipe',
}
const closed: StandardStream = { type: 'closed' }

/** A chunk of records as they were in the ring, ready to be read. */
export class Chunk {
  readonly words: Uint32Array
  readonly halves: Uint16Array
  readonly bytes: Buffer

  constructor(chunk: Uint8Array<ArrayBuffer>) {
    this.words = new Uint32Array(chunk.buffer, chunk.byteOffset, chunk.byteLength >> 2)
    this.halves = new Uint16Array(chunk.buffer, chunk.byteOffset, chunk.byteLength >> 1)
    this.bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
  }

  /** Calls back with the place of each record, in 32-bit words. */
  each(visit: (at: number) => void): void {
    const { words } = this
    for (let at = 0; at < words.length;) {
      const header = words[at] as number
      if ((header & DISCARDED) === 0) visit(at + RECORD_HEADER / 4)
      at += ((RECORD_HEADER + (header & RECORD_LENGTH) + 7) >> 3) << 1
    }
  }
}

/**
 * Turns the sensor's records into those of the model. Text that is not UTF-8 gets U+FFFD for each byte that does not fit.
 */
export class Decoder {
  /** Names of a path as the kernel walked them, to the path: the same few come again and again. */
  readonly #paths = new Map<string, string>()
  /** Paths of files told last, by inode. */
  readonly #recent: ({ length: number; words: Uint32Array; path: string } | undefined)[] = []
  /** Milliseconds since the epoch at which the machine booted. */
  bootTimeMs = 0

  /** Adds the records of a chunk to `to`, without those that user space must look at first (`isUnresolved`). */
  decode(chunk: Chunk, to: KernelRecord[]): void {
    const { words } = chunk
    for (let at = 0; at < words.length;) {
      const header = words[at] as number
      if ((header & DISCARDED) === 0) {
        const record = this.#record(chunk, at + RECORD_HEADER / 4)
        if (record) to.push(record)
      }
      at += ((RECORD_HEADER + (header & RECORD_LENGTH) + 7) >> 3) << 1
    }
  }

  #record(chunk: Chunk, at: number): KernelRecord | undefined {
    switch (chunk.words[at + wire.head.type]) {
      case wire.recordType.exec:
        return this.#exec(chunk, at)
      case wire.recordType.fork:
        return {
          source: 'ebpf',
          type: 'fork',
          timeMs: this.time(chunk, at),
          process: identity(chunk.words, at + wire.head.pid, at + wire.head.start),
          parent: identity(chunk.words, at + wire.fork.parentPid, at + wire.fork.parentStart),
        }
      case wire.recordType.exit: {
        const status = chunk.words[at + wire.exit.status] as number
        const signal = status & 0x7f
        const timeMs = this.time(chunk, at)
        const process = identity(chunk.words, at + wire.head.pid, at + wire.head.start)
        return signal === 0
          ? { source: 'ebpf', type: 'exit', timeMs, process, exitCode: (status >> 8) & 0xff }
          : { source: 'ebpf', type: 'exit', timeMs, process, signal }
      }
      case wire.recordType.connect:
        return this.#socket(chunk, at, 'connect')
      case wire.recordType.accept:
        return this.#socket(chunk, at, 'accept')
      case wire.recordType.listen:
        return this.#socket(chunk, at, 'listen')
      case wire.recordType.close:
        return this.#socket(chunk, at, 'close')
      case wire.recordType.file:
        return isUnresolved(chunk, at) ? undefined : this.file(chunk, at)
      default:
        return undefined
    }
  }

  /** When a record was made. */
  time({ words }: Chunk, at: number): number {
    return this.bootTimeMs + u64(words, at + wire.head.time) / 1e6
  }

  file(chunk: Chunk, at: number): FileAccessRecord {
    const byte = at * 4
    const data = byte + wire.file.dataByte
    const length = chunk.halves[(byte + wire.file.pathLengthByte) >> 1] as number
    return {
      source: 'ebpf',
      type: 'file',
      timeMs: this.time(chunk, at),
      process: identity(chunk.words, at + wire.head.pid, at + wire.head.start),
      operation: wire.operations[chunk.bytes[byte + wire.file.operationByte] as number] ?? 'attributes',
      path: this.#filePath(chunk, data, length, chunk.words[at + wire.file.inode] as number),
      inode: u64(chunk.words, at + wire.file.inode),
    }
  }

  #socket(chunk: Chunk, at: number, type: SocketRecord['type']): SocketRecord {
    const { halves, words } = chunk
    const byte = at * 4
    const family = halves[(byte + wire.socket.familyByte) >> 1] as number
    const protocol = halves[(byte + wire.socket.protocolByte) >> 1] === IPPROTO_UDP ? 'udp' : 'tcp'
    const timeMs = this.time(chunk, at)
    const process = identity(words, at + wire.head.pid, at + wire.head.start)
    const local: SocketEnd = {
      address: addressText(chunk.bytes, byte + wire.socket.localByte, family === AF_INET),
      port: halves[(byte + wire.socket.localPortByte) >> 1] as number,
    }
    if (type === 'listen') return { source: 'ebpf', type, timeMs, process, protocol, local }
    const remote: SocketEnd = {
      address: addressText(chunk.bytes, byte + wire.socket.remoteByte, family === AF_INET),
      port: chunk.bytes.readUInt16BE(byte + wire.socket.remotePortByte),
    }
    if (type !== 'close') return { source: 'ebpf', type, timeMs, process, protocol, local, remote }
    const bytesIn = u64(words, at + wire.socket.bytesIn)
    const bytesOut = u64(words, at + wire.socket.bytesOut)
    return { source: 'ebpf', type, timeMs, process, protocol, local, remote, bytesIn, bytesOut }
  }

  #exec(chunk: Chunk, at: number): ExecRecord {
    const { words, bytes } = chunk
    const { exec } = wire
    const byte = at * 4
    const flags = words[at + exec.flags] as number
    const uid = words[at + exec.uid] as number
    const euid = words[at + exec.euid] as number
    const loginUid = words[at + exec.loginUid] as number
    const sessionId = words[at + exec.sessionId] as number
    const links = words[at + exec.links] as number
    const executableLength = words[at + exec.executableLength] as number
    const cwdLength = words[at + exec.cwdLength] as number
    const cgroupLength = words[at + exec.cgroupLength] as number
    const executableAt = byte + exec.dataByte
    const cwdAt = executableAt + executableLength
    const cgroupAt = cwdAt + cwdLength
    const argvAt = cgroupAt + cgroupLength
    const argvEnd = argvAt + (words[at + exec.argvLength] as number)
    const executable = this.path(chunk, executableAt, executableLength)
    // A file of no folder: on a mount that the kernel keeps for itself.
    const inMemory = (flags & wire.execFlag.internalMount) !== 0 && executable.startsWith('/memfd:')
    const argv = strings(bytes, argvAt, argvEnd)
    const argvTruncated = (flags & wire.execFlag.argvCut) !== 0 || argv.length > MAX_ARGUMENTS
    if (argv.length > MAX_ARGUMENTS) argv.length = MAX_ARGUMENTS
    const commEnd = bytes.indexOf(0, byte + exec.commByte)
    return {
      source: 'ebpf',
      type: 'exec',
      timeMs: this.time(chunk, at),
      process: identity(words, at + wire.head.pid, at + wire.head.start),
      parent: identity(words, at + exec.parentPid, at + exec.parentStart),
      executable: inMemory ? executable.slice(1) : executable,
      argv,
      argvTruncated,
      uid,
      gid: words[at + exec.gid] as number,
      ...(euid !== uid && { euid }),
      ...(loginUid !== UNSET && { loginUid }),
      ...(sessionId !== UNSET && { sessionId }),
      workingDirectory: this.path(chunk, cwdAt, cwdLength),
      executableFile: {
        device: statDevice(words[at + exec.device] as number),
        inode: u64(words, at + exec.inode),
        links,
      },
      taskName: bytes.toString('utf8', byte + exec.commByte, Math.min(commEnd, byte + exec.commByte + 16)),
      cgroupId: u64(words, at + exec.cgroupId),
      cgroupPath: this.path(chunk, cgroupAt, cgroupLength),
      pidNamespace: words[at + exec.pidNamespace] as number,
      mountNamespace: words[at + exec.mountNamespace] as number,
      streams: [streamAt(chunk, byte, 0), streamAt(chunk, byte, 1), streamAt(chunk, byte, 2)],
    }
  }

  /** As `path`, for a file that has likely been told a moment ago: then its bytes are compared, not decoded. */
  #filePath(chunk: Chunk, start: number, length: number, inode: number): string {
    const slot = inode % RECENT_PATHS
    const recent = this.#recent[slot]
    if (recent?.length === length && isSame(chunk.words, start >> 2, recent.words, length)) return recent.path
    const path = this.path(chunk, start, length)
    this.#recent[slot] = { length, path, words: chunk.words.slice(start >> 2, (start + length + 3) >> 2) }
    return path
  }

  /** The path whose names stand there from its end to its start; `/` when there are none. */
  path({ bytes }: Chunk, start: number, length: number): string {
    if (length === 0) return '/'
    const names = bytes.toString('utf8', start, start + length)
    const known = this.#paths.get(names)
    if (known !== undefined) return known
    let path = ''
    for (let end = names.length - 1; end >= 0;) {
      const begin = names.lastIndexOf('\0', end - 1) + 1
      path += `/${names.slice(begin, end)}`
      end = begin - 1
    }
    if (this.#paths.size >= 4096) this.#paths.clear()
    this.#paths.set(names, path)
    return path
  }
}

/** Whether two texts of a length, each at the start of a word, are the same. What follows them in the last word is not. */
function isSame(words: Uint32Array, at: number, others: Uint32Array, length: number): boolean {
  const whole = length >> 2
  for (let i = 0; i < whole; i += 1) if (words[at + i] !== others[i]) return false
  const mask = (1 << ((length & 3) * 8)) - 1
  return mask === 0 || ((words[at + whole] as number) & mask) === ((others[whole] as number) & mask)
}

/** Whether user space must find out first which file, if any, a record is about. */
export function isUnresolved({ words, bytes }: Chunk, at: number): boolean {
  const type = words[at + wire.head.type]
  return (
    type === wire.recordType.path ||
    (type === wire.recordType.file && bytes[at * 4 + wire.file.matchByte] === wire.MATCH_INODE)
  )
}

/** A number of 64 bits. Exact up to 2^53. */
export function u64(words: Uint32Array, at: number): number {
  return (words[at + 1] as number) * 0x1_0000_0000 + (words[at] as number)
}

export function identity(words: Uint32Array, pidAt: number, startAt: number): ProcessIdentity {
  return { pid: words[pidAt] as number, startTicks: ticks(words, startAt) }
}

/**
 * Nanoseconds to clock ticks of 10 ms, rounded down. 2^32 ns are 429 ticks and 4967296 ns, so no step goes beyond 2^53
 * and the result is exact, as it must be to name the process that /proc names.
 */
function ticks(words: Uint32Array, at: number): number {
  const low = words[at] as number
  const high = words[at + 1] as number
  return high * 429 + Math.floor((high * 4_967_296 + low) / 10_000_000)
}

/** The kernel's own device number as stat(2) gives it to user space. */
export function statDevice(device: number): number {
  const major = device >>> 20
  const minor = device & 0xfffff
  return (((minor & 0xff) | (major << 8)) >>> 0) + (minor >>> 8) * 0x10_0000
}

/** Texts that each end with a zero byte; the last may lack it. */
function strings(bytes: Buffer, start: number, end: number): string[] {
  if (start === end) return []
  const texts = bytes
    .toString('utf8', start, bytes[end - 1] === 0 ? end - 1 : end)
    .split('\0', MAX_ARGUMENTS + 1)
  return texts
}

function streamAt({ bytes, halves }: Chunk, record: number, index: number): StandardStream {
  const at = record + wire.exec.streamsByte + index * wire.stream.size
  const mode = halves[(at + wire.stream.mode) >> 1] as number
  if (mode === 0) return closed
  const type = streamTypes[mode & S_IFMT] ?? 'other'
  if (type === 'device')
    return isTerminal(halves[(at + wire.stream.major) >> 1] as number) ? { type: 'tty' } : { type }
  const family = halves[(at + wire.stream.family) >> 1] as number
  if (family === 0) return { type }
  return {
    type,
    peer: {
      address: addressText(bytes, at + wire.stream.address, family === AF_INET),
      port: bytes.readUInt16BE(at + wire.stream.port),
    },
  }
}

/** Majors of Documentation/admin-guide/devices.txt: virtual consoles and serial lines, /dev/tty, Unix98 terminals. */
function isTerminal(major: number): boolean {
  return major === 4 || major === 5 || (major >= 136 && major <= 143)
}
