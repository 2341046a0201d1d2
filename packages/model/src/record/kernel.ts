import type { NetworkEvent } from '../event/network.ts'
import type { Endpoint } from '../event/objects.ts'
import type { ProtocolFacts, ProtocolName } from '../event/protocol/index.ts'
import type { SystemActivity } from '../event/system.ts'

/** Which process. `startTicks` is its start in clock ticks (1/100 s) since boot, as in field 22 of /proc/PID/stat. */
export interface ProcessIdentity {
  readonly pid: number
  readonly startTicks: number
}

/** One end of a connection. `address` is IPv4 or IPv6 text; an IPv4-mapped address is given as IPv4. */
export interface SocketEnd {
  readonly address: string
  readonly port: number
}

/** What a standard stream (file descriptor 0, 1 or 2) is, seen when the program started. */
export interface StandardStream {
  readonly type: 'file' | 'pipe' | 'socket' | 'tty' | 'device' | 'other' | 'closed'
  /** The far end, for a connected TCP socket. */
  readonly peer?: SocketEnd
}

interface KernelBase {
  readonly source: 'ebpf' | 'audit' | 'proc-events' | 'proc-poll' | 'fanotify'
  /** When it happened, milliseconds since the epoch; fractions are microseconds. */
  readonly timeMs: number
  /** The process that acted; for an exec, fork or exit the one that it is about. Threads are given as their process. */
  readonly process: ProcessIdentity
}

/** A process started to run another program (execve). Fields that the source could not see are left out. */
export interface ExecRecord extends KernelBase {
  readonly type: 'exec'
  readonly parent: ProcessIdentity
  /** The file that runs, as the kernel names it: an absolute path, `memfd:name`, or with ` (deleted)` stripped. */
  readonly executable: string
  /** Arguments, the program's name first; at most 256 of them and 16 KiB in all. */
  readonly argv: readonly string[]
  /** Whether `argv` was cut. */
  readonly argvTruncated: boolean
  readonly uid: number
  readonly gid: number
  /** Effective user, where it differs by a set-user-ID bit. */
  readonly euid?: number
  /** Who logged in (audit login uid); left out when unset. */
  readonly loginUid?: number
  readonly sessionId?: number
  readonly workingDirectory?: string
  /**
   * The executable's file: device and inode as stat(2) gives them, its size, and the time of its last change as seconds, a
   * dot and nanoseconds (not padded), as far as the source saw them.
   */
  readonly executableFile?: {
    readonly device: number
    readonly inode: number
    readonly links: number
    readonly sizeBytes?: number
    readonly changed?: string
  }
  /** Kernel's 16-byte task name after exec. */
  readonly taskName: string
  readonly cgroupId?: number
  /** Path within the unified hierarchy, such as `/system.slice/nginx.service`. */
  readonly cgroupPath?: string
  readonly pidNamespace?: number
  readonly mountNamespace?: number
  /** Standard input, output and error. */
  readonly streams?: readonly [StandardStream, StandardStream, StandardStream]
  /** Terminal that it belongs to: `pts/0`, `tty1`. */
  readonly tty?: string
  /** The file that was started where the kernel found an interpreter named in it: the path as it was given. */
  readonly script?: string
  /** Names of environment variables; of the few that change what is loaded, or hide what is done, the value as well. */
  readonly environment?: readonly { readonly name: string; readonly value?: string }[]
  /** Whether there were more than were looked at (4 KiB). */
  readonly environmentTruncated?: boolean
  /** Where they are not what its user is given: to root what process 1 may give, to others none. Names, `CAP_NET_RAW`. */
  readonly capabilities?: { readonly effective: readonly string[]; readonly permitted: readonly string[] }
  /** Namespaces that are not those of process 1, by kind as in /proc/PID/ns; their inodes. */
  readonly namespaces?: Readonly<Record<string, number>>
  /** True where the process was there before the watch began and was read from /proc. */
  readonly snapshot?: boolean
}

export interface ForkRecord extends KernelBase {
  readonly type: 'fork'
  /** Who made it, whatever parent it was given. */
  readonly parent: ProcessIdentity
  /**
   * Flags of clone(2) by their names (`CLONE_NEWUSER`), where one is among them that an everyday program does not ask for:
   * namespaces, another parent, nobody may trace it, memory shared with its maker. At most 24.
   */
  readonly cloneFlags?: readonly string[]
}

export interface ExitRecord extends KernelBase {
  readonly type: 'exit'
  /** Exit status 0-255, where it ended by itself. */
  readonly exitCode?: number
  /** Number of the signal that ended it. */
  readonly signal?: number
  /** From its start to its end, milliseconds. */
  readonly durationMs?: number
}

export interface SocketRecord extends KernelBase {
  /** `send`: a datagram without a connection; `raw`: a socket for whole packets was made, its ends are empty. */
  readonly type: 'connect' | 'accept' | 'bind' | 'listen' | 'send' | 'raw' | 'close'
  readonly protocol: NetworkEvent['protocol']
  readonly local: SocketEnd
  /** Left out for `listen`. */
  readonly remote?: SocketEnd
  /** For `close`, where the kernel counted them; for `send` what was sent since the last that was told. */
  readonly bytesIn?: number
  readonly bytesOut?: number
  /** For `send`: in so many of them. */
  readonly datagrams?: number
  /** For `raw`: what socket(2) was asked for. */
  readonly socket?: NonNullable<NetworkEvent['socket']>
  /** Why a connection did not come about, or a socket was not given: `ECONNREFUSED`, `ETIMEDOUT`, `EPERM`, ... */
  readonly result?: string
}

/** What a process asked or said in a protocol, as its own system call gave it to the kernel. */
export interface KernelProtocolRecord extends KernelBase {
  readonly type: 'protocol'
  readonly transport: 'udp'
  readonly from: Endpoint
  readonly to: Endpoint
  readonly name: ProtocolName
  readonly facts: ProtocolFacts
}

/** A file that is watched, or that lies in a folder that is watched, was opened, changed, renamed or removed. */
export interface FileAccessRecord extends KernelBase {
  readonly type: 'file'
  readonly operation: 'create' | 'read' | 'write' | 'delete' | 'rename' | 'attributes'
  readonly path: string
  /** Where a rename led. */
  readonly newPath?: string
  readonly inode?: number
}

/** A process asked something of the kernel that is neither a program, a file nor a connection: see `SystemEvent`. */
export interface SystemRecord extends KernelBase {
  readonly type: 'system'
  readonly activity: SystemActivity
  /** As in syscalls(2); empty where there was none. */
  readonly systemCall: string
  /** Which process it was done to. */
  readonly target?: ProcessIdentity
  /** The file that it was done with. */
  readonly path?: string
  readonly inode?: number
  readonly arguments?: Readonly<Record<string, string | number>>
}

export type KernelRecord =
  | ExecRecord
  | ForkRecord
  | ExitRecord
  | SocketRecord
  | FileAccessRecord
  | KernelProtocolRecord
  | SystemRecord
