import type { ExecRecord, ExitRecord, ForkRecord, StandardStream } from '@vedette/model'
import { addressText } from '../address.ts'
import { decodeExecDetail, EXEC_DETAIL_BYTES } from './exec-detail.ts'
import { unusualCloneFlags } from './clone-flags.ts'
import { actor, type Chunk, type DecodeContext, head, identity, u64 } from './chunk.ts'

/** As in bpf/processes.bpf.h. */
const layout = {
  parentStart: 6,
  parentPid: 8,
  flags: 9,
  uid: 10,
  gid: 11,
  euid: 12,
  loginUid: 13,
  sessionId: 14,
  pidNamespace: 15,
  mountNamespace: 16,
  device: 17,
  inode: 18,
  cgroupId: 20,
  links: 22,
  executableLength: 23,
  cwdLength: 24,
  cgroupLength: 25,
  argvLength: 26,
  changedNs: 27,
  changedS: 28,
  size: 30,
  commByte: 128,
  streamsByte: 144,
  detail: 54,
  dataByte: 216 + EXEC_DETAIL_BYTES,
} as const

/** One of three, from `layout.streamsByte` on; bytes. */
const streamLayout = { size: 24, mode: 0, family: 2, port: 4, major: 6, address: 8 } as const

const execFlag = { argvCut: 1, internalMount: 2, environmentCut: 4, capabilities: 8 } as const

const forkLayout = { parentStart: 6, parentPid: 8, flags: 9 } as const

export const exitLayout = { status: 6 } as const

const MAX_ARGUMENTS = 256
const UNSET = 0xffff_ffff
const AF_INET = 2

const S_IFMT = 0o170000
const streamTypes: Readonly<Record<number, StandardStream['type']>> = {
  0o140000: 'socket',
  0o100000: 'file',
  0o060000: 'device',
  0o020000: 'device',
  0o010000: 'pipe',
}
const closed: StandardStream = { type: 'closed' }

export function decodeExec(chunk: Chunk, at: number, context: DecodeContext): ExecRecord {
  const { words, bytes } = chunk
  const byte = at * 4
  const flags = words[at + layout.flags] as number
  const uid = words[at + layout.uid] as number
  const euid = words[at + layout.euid] as number
  const loginUid = words[at + layout.loginUid] as number
  const sessionId = words[at + layout.sessionId] as number
  const links = words[at + layout.links] as number
  const changedS = u64(words, at + layout.changedS)
  const executableLength = words[at + layout.executableLength] as number
  const cwdLength = words[at + layout.cwdLength] as number
  const cgroupLength = words[at + layout.cgroupLength] as number
  const executableAt = byte + layout.dataByte
  const cwdAt = executableAt + executableLength
  const cgroupAt = cwdAt + cwdLength
  const argvAt = cgroupAt + cgroupLength
  const argvEnd = argvAt + (words[at + layout.argvLength] as number)
  const executable = context.paths.path(chunk, executableAt, executableLength)
  // A file of no folder: on a mount that the kernel keeps for itself.
  const inMemory = (flags & execFlag.internalMount) !== 0 && executable.startsWith('/memfd:')
  const argv = strings(bytes, argvAt, argvEnd)
  const argvTruncated = (flags & execFlag.argvCut) !== 0 || argv.length > MAX_ARGUMENTS
  if (argv.length > MAX_ARGUMENTS) argv.length = MAX_ARGUMENTS
  const commEnd = bytes.indexOf(0, byte + layout.commByte)
  return {
    source: 'ebpf',
    type: 'exec',
    timeMs: context.time(chunk, at),
    process: actor(chunk, at),
    parent: identity(words, at + layout.parentPid, at + layout.parentStart),
    executable: inMemory ? executable.slice(1) : executable,
    argv,
    argvTruncated,
    uid,
    gid: words[at + layout.gid] as number,
    ...(euid !== uid && { euid }),
    ...(loginUid !== UNSET && { loginUid }),
    ...(sessionId !== UNSET && { sessionId }),
    workingDirectory: context.paths.path(chunk, cwdAt, cwdLength),
    executableFile: {
      device: statDevice(words[at + layout.device] as number),
      inode: u64(words, at + layout.inode),
      links,
      sizeBytes: u64(words, at + layout.size),
      ...(changedS > 0 && { changed: `${changedS}.${words[at + layout.changedNs]}` }),
    },
    taskName: bytes.toString('utf8', byte + layout.commByte, Math.min(commEnd, byte + layout.commByte + 16)),
    cgroupId: u64(words, at + layout.cgroupId),
    cgroupPath: context.paths.path(chunk, cgroupAt, cgroupLength),
    pidNamespace: words[at + layout.pidNamespace] as number,
    mountNamespace: words[at + layout.mountNamespace] as number,
    streams: [streamAt(chunk, byte, 0), streamAt(chunk, byte, 1), streamAt(chunk, byte, 2)],
    ...decodeExecDetail(chunk, at + layout.detail, argvEnd, {
      environmentCut: (flags & execFlag.environmentCut) !== 0,
      capabilities: (flags & execFlag.capabilities) !== 0,
    }),
  }
}

export function decodeFork(chunk: Chunk, at: number, context: DecodeContext): ForkRecord {
  const cloneFlags = unusualCloneFlags(chunk.words[at + forkLayout.flags] as number)
  return {
    source: 'ebpf',
    type: 'fork',
    timeMs: context.time(chunk, at),
    process: actor(chunk, at),
    parent: identity(chunk.words, at + forkLayout.parentPid, at + forkLayout.parentStart),
    ...(cloneFlags !== undefined && { cloneFlags }),
  }
}

export function decodeExit(chunk: Chunk, at: number, context: DecodeContext): ExitRecord {
  const status = chunk.words[at + exitLayout.status] as number
  const signal = status & 0x7f
  const timeMs = context.time(chunk, at)
  const process = actor(chunk, at)
  const durationMs = (u64(chunk.words, at + head.time) - u64(chunk.words, at + head.start)) / 1e6
  return signal === 0
    ? { source: 'ebpf', type: 'exit', timeMs, process, exitCode: (status >> 8) & 0xff, durationMs }
    : { source: 'ebpf', type: 'exit', timeMs, process, signal, durationMs }
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
  const at = record + layout.streamsByte + index * streamLayout.size
  const mode = halves[(at + streamLayout.mode) >> 1] as number
  if (mode === 0) return closed
  const type = streamTypes[mode & S_IFMT] ?? 'other'
  if (type === 'device')
    return isTerminal(halves[(at + streamLayout.major) >> 1] as number) ? { type: 'tty' } : { type }
  const family = halves[(at + streamLayout.family) >> 1] as number
  if (family === 0) return { type }
  return {
    type,
    peer: {
      address: addressText(bytes, at + streamLayout.address, family === AF_INET),
      port: bytes.readUInt16BE(at + streamLayout.port),
    },
  }
}

/** Majors of Documentation/admin-guide/devices.txt: virtual consoles and serial lines, /dev/tty, Unix98 terminals. */
function isTerminal(major: number): boolean {
  return major === 4 || major === 5 || (major >= 136 && major <= 143)
}
