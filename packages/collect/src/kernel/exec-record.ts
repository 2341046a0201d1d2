import { type Descriptor, type ProcessInfo, readTcpSockets } from '@vedette/linux'
import type { ExecRecord, ProcessIdentity, StandardStream } from '@vedette/model'

/** What is not read from the process itself. */
export interface ExecCircumstances {
  readonly source: ExecRecord['source']
  readonly timeMs: number
  readonly parent: ProcessIdentity
  /** True where the process was there before the watch began. */
  readonly snapshot?: boolean
}

/**
 * The record of a program that was started, from what /proc shows of its process. Where the caller has no right to see
 * the executable (another user's process, without CAP_SYS_PTRACE) the kernel's name of the task stands for it.
 */
export function execRecord(info: ProcessInfo, circumstances: ExecCircumstances): ExecRecord {
  return {
    type: 'exec',
    source: circumstances.source,
    timeMs: circumstances.timeMs,
    process: { pid: info.pid, startTicks: info.startTicks },
    parent: circumstances.parent,
    executable: info.executable ?? info.name,
    argv: info.argv,
    argvTruncated: info.argvTruncated,
    uid: info.uid,
    gid: info.gid,
    taskName: info.name,
    ...(info.euid === info.uid ? undefined : { euid: info.euid }),
    ...(info.loginUid === undefined ? undefined : { loginUid: info.loginUid }),
    ...(info.auditSession === undefined ? undefined : { sessionId: info.auditSession }),
    ...(info.workingDirectory === undefined ? undefined : { workingDirectory: info.workingDirectory }),
    ...(info.executableFile === undefined ? undefined : { executableFile: info.executableFile }),
    ...(info.cgroupPath === undefined ? undefined : { cgroupPath: info.cgroupPath }),
    ...(info.pidNamespace === undefined ? undefined : { pidNamespace: info.pidNamespace }),
    ...(info.mountNamespace === undefined ? undefined : { mountNamespace: info.mountNamespace }),
    ...(info.descriptors === undefined ? undefined : { streams: streamsOf(info.pid, info.descriptors) }),
    ...(circumstances.snapshot === true ? { snapshot: true } : undefined),
  }
}

function streamsOf(
  pid: number,
  descriptors: NonNullable<ProcessInfo['descriptors']>,
): NonNullable<ExecRecord['streams']> {
  // The table of a busy server is long: read only where a stream is a TCP socket.
  const sockets = descriptors.some(isTcp) ? readTcpSockets(pid) : []
  const stream = (descriptor: Descriptor): StandardStream => {
    if (!isTcp(descriptor)) return { type: descriptor.type }
    const socket = sockets.find(({ inode }) => inode === descriptor.inode)
    if (socket === undefined || socket.remotePort === 0) return { type: 'socket' }
    return { type: 'socket', peer: { address: socket.remoteAddress, port: socket.remotePort } }
  }
  return [stream(descriptors[0]), stream(descriptors[1]), stream(descriptors[2])]
}

const isTcp = ({ protocol }: Descriptor): boolean => protocol === 'TCP' || protocol === 'TCPv6'
