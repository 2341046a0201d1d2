import { readdirSync, readlinkSync } from 'node:fs'
import { listPids } from './process.ts'
import { parseTcpTable, type TcpSocket } from './tcp-table.ts'
import { readProcText } from './read.ts'

/** A socket of this network namespace and one of the processes that hold it. */
export interface OwnedSocket extends TcpSocket {
  readonly protocol: 'tcp' | 'udp'
  readonly pid: number
}

const MAX_TABLE_BYTES = 16 << 20
/** At most this many descriptors are looked at in one search. */
const MAX_DESCRIPTORS = 200_000

/**
 * TCP and UDP sockets of the caller's network namespace, each with the process of the lowest number that holds it. Those of
 * processes that the caller may not look into are left out. Looks at each descriptor of each process: tens of
 * milliseconds on a busy machine.
 */
export function readSocketOwners(): OwnedSocket[] {
  const sockets = (['tcp', 'udp'] as const).flatMap((protocol) =>
    [protocol, `${protocol}6`].flatMap((name) =>
      parseTcpTable(readProcText(`/proc/self/net/${name}`, MAX_TABLE_BYTES) ?? '').map((socket) => ({
        protocol,
        ...socket,
      })),
    ),
  )
  const owners = ownersOf(new Set(sockets.map(({ inode }) => inode)))
  return sockets.flatMap((socket) => {
    const pid = owners.get(socket.inode)
    return pid === undefined || socket.inode === 0 ? [] : { ...socket, pid }
  })
}

function ownersOf(inodes: ReadonlySet<number>): Map<number, number> {
  const owners = new Map<number, number>()
  let looked = 0
  for (const pid of listPids()) {
    for (const number of descriptorsOf(pid)) {
      looked += 1
      if (looked > MAX_DESCRIPTORS) return owners
      const inode = socketInode(`/proc/${pid}/fd/${number}`)
      if (inode !== undefined && inodes.has(inode) && !owners.has(inode)) owners.set(inode, pid)
    }
  }
  return owners
}

function descriptorsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`)
  } catch {
    return []
  }
}

function socketInode(link: string): number | undefined {
  try {
    const match = /^socket:\[(\d+)\]$/.exec(readlinkSync(link))
    return match === null ? undefined : Number(match[1])
  } catch {
    return undefined
  }
}
