import { fileStatus } from '../file-status.ts'
import { lazily, libcFunction } from '../libc.ts'
import { readProcLink } from './read.ts'

/** What a file descriptor of a process leads to. */
export interface Descriptor {
  readonly type: 'file' | 'pipe' | 'socket' | 'tty' | 'device' | 'other' | 'closed'
  /** For a socket: its inode number, by which the tables of /proc/net name it. */
  readonly inode?: number
  /** For a socket: the kernel's name of its protocol, such as `TCP`, `TCPv6`, `UNIX-STREAM`. */
  readonly protocol?: string
}

const getxattr = lazily(() =>
  libcFunction<(path: string, name: string, value: Buffer, size: number) => number>('getxattr', 'long', [
    'str',
    'str',
    'void *',
    'size_t',
  ]),
)

/** Sockets carry the name of their protocol as an extended attribute (net/socket.c). */
function protocolOf(path: string): Pick<Descriptor, 'protocol'> {
  const value = Buffer.alloc(64)
  const size = getxattr()(path, 'system.sockprotoname', value, value.length)
  return size > 0 ? { protocol: value.toString('latin1', 0, size).replace(/\0.*$/s, '') } : {}
}

/** Character devices of terminals, Documentation/admin-guide/devices.txt: consoles, /dev/tty, pseudo terminals. */
const isTerminal = (major: number) => major === 4 || major === 5 || (major >= 136 && major <= 143)

/**
 * What descriptor `number` of a process leads to. Undefined when that may not be known: no right to look, or the process
 * has ended.
 */
export function readDescriptor(pid: number, number: number): Descriptor | undefined {
  const path = `/proc/${pid}/fd/${number}`
  const status = fileStatus(path)
  if (status === undefined) {
    // Closed, or not ours to see: whoever may enter the folder would have seen it.
    return readProcLink(`/proc/${pid}/exe`) !== undefined && fileStatus(`/proc/${pid}/fd/.`) !== undefined
      ? { type: 'closed' }
      : undefined
  }
  switch (status.type) {
    case 'file':
      return { type: 'file' }
    case 'pipe':
      return { type: 'pipe' }
    case 'socket':
      return { type: 'socket', inode: status.inode, ...protocolOf(path) }
    case 'character-device':
      return { type: isTerminal(status.deviceOfNode.major) ? 'tty' : 'device' }
    case 'block-device':
      return { type: 'device' }
    default:
      return { type: 'other' }
  }
}
