import { readdirSync } from 'node:fs'
import { fileStatus, listPids, readTcpSockets, type TcpSocket } from '@vedette/linux'
import type { KernelRecord, ProcessIdentity, SocketRecord } from '@vedette/model'
import type { ProcessTable } from './process-table.ts'

interface Known {
  readonly socket: TcpSocket
  readonly process: ProcessIdentity
}

export interface SocketLook {
  readonly records: readonly KernelRecord[]
  /** New sockets whose process could not be found: closed meanwhile, or not ours to see. */
  readonly lost: number
}

/**
 * TCP connections and listening sockets of this network namespace, found by comparing /proc/net/tcp with how it was. What
 * opens and closes between two looks is not seen.
 */
export class SocketPoll {
  readonly #source: SocketRecord['source']
  readonly #processes: ProcessTable
  #known: Map<number, Known | undefined> | undefined

  constructor(source: SocketRecord['source'], processes: ProcessTable) {
    this.#source = source
    this.#processes = processes
  }

  /** What changed since the last look. The first one only takes stock. */
  look(timeMs: number): SocketLook {
    // Without an inode nobody holds it: it is closing, or was not accepted yet.
    const sockets = readTcpSockets().filter(({ inode }) => inode !== 0)
    const before = this.#known
    if (before === undefined) {
      this.#known = new Map(sockets.map((socket) => [socket.inode, undefined]))
      return { records: [], lost: 0 }
    }
    const listening = new Set(
      sockets.filter(({ state }) => state === 'listen').map(({ localPort }) => localPort),
    )
    const fresh = sockets.filter(({ inode, state }) => !before.has(inode) && state !== 'closing')
    const owners =
      fresh.length > 0 ? ownersOf(new Set(fresh.map(({ inode }) => inode))) : new Map<number, number>()
    const records: KernelRecord[] = []
    let lost = 0
    const known = new Map(
      sockets.filter(({ inode }) => before.has(inode)).map(({ inode }) => [inode, before.get(inode)]),
    )
    for (const socket of fresh) {
      const pid = owners.get(socket.inode)
      if (pid === undefined) {
        lost += 1
        known.set(socket.inode, undefined)
        continue
      }
      const process = this.#processes.find(pid)
      known.set(socket.inode, { socket, process })
      records.push(this.#record(typeOf(socket, listening), socket, process, timeMs))
    }
    for (const [inode, gone] of before) {
      if (known.has(inode) || gone === undefined || gone.socket.state === 'listen') continue
      records.push(this.#record('close', gone.socket, gone.process, timeMs))
    }
    this.#known = known
    return { records, lost }
  }

  #record(
    type: SocketRecord['type'],
    socket: TcpSocket,
    process: ProcessIdentity,
    timeMs: number,
  ): SocketRecord {
    return {
      type,
      source: this.#source,
      timeMs,
      process,
      protocol: 'tcp',
      local: { address: socket.localAddress, port: socket.localPort },
      ...(type === 'listen'
        ? undefined
        : { remote: { address: socket.remoteAddress, port: socket.remotePort } }),
    }
  }
}

/** Which side opened it is not in the table: a connection to a port that somebody listens on came in. */
function typeOf(socket: TcpSocket, listening: ReadonlySet<number>): 'connect' | 'accept' | 'listen' {
  if (socket.state === 'listen') return 'listen'
  if (socket.state === 'syn-sent') return 'connect'
  return listening.has(socket.localPort) ? 'accept' : 'connect'
}

/** At most this many descriptors are looked at in one search. */
const MAX_DESCRIPTORS = 200_000

/** The process that holds each socket, by inode; where several do, the one with the lowest pid. */
function ownersOf(inodes: ReadonlySet<number>): Map<number, number> {
  const owners = new Map<number, number>()
  let looked = 0
  for (const pid of listPids()) {
    for (const number of descriptorsOf(pid)) {
      looked += 1
      if (looked > MAX_DESCRIPTORS) return owners
      const status = fileStatus(`/proc/${pid}/fd/${number}`)
      if (status?.type !== 'socket' || !inodes.has(status.inode) || owners.has(status.inode)) continue
      owners.set(status.inode, pid)
      if (owners.size === inodes.size) return owners
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
