import type { KernelRecord, PacketRecord, ProcessIdentity, SocketRecord } from '@vedette/model'

/** A socket as it was found without an event of the kernel: open before the watch began. */
export interface FoundSocket {
  readonly protocol: 'tcp' | 'udp'
  readonly localPort: number
  readonly remoteAddress: string
  /** 0: not connected. */
  readonly remotePort: number
  readonly process: ProcessIdentity
}

export function isSocketRecord(record: KernelRecord): record is SocketRecord {
  return 'local' in record
}

/** Sockets that are remembered; the oldest are forgotten first. */
const MAX_SOCKETS = 32_768

/**
 * Remembers which process has which socket, so that what packets show can be told of somebody. The local address is left
 * aside: it may be any of this host's. Sockets stay known after their end, since a conversation is told after it; ends that
 * are used anew are written over.
 */
export class SocketBook {
  readonly #connected = new Map<string, ProcessIdentity>()
  readonly #bound = new Map<string, ProcessIdentity>()

  observe(record: SocketRecord): void {
    const { type, protocol, local, remote, process } = record
    if (type === 'close' || type === 'raw') return
    if (remote === undefined || remote.port === 0) note(this.#bound, boundKey(protocol, local.port), process)
    else note(this.#connected, connectedKey(protocol, local.port, remote.address, remote.port), process)
  }

  /** What events told before is not written over. */
  found(socket: FoundSocket): void {
    const { protocol, localPort, remoteAddress, remotePort, process } = socket
    const isBound = remotePort === 0
    const map = isBound ? this.#bound : this.#connected
    const key = isBound
      ? boundKey(protocol, localPort)
      : connectedKey(protocol, localPort, remoteAddress, remotePort)
    if (!map.has(key)) note(map, key, process)
  }

  /** The process at one end of a conversation. */
  find(record: PacketRecord, end: 'from' | 'to'): ProcessIdentity | undefined {
    const protocol = record.type === 'flow' ? record.protocol : record.transport
    const local = record[end]
    const remote = end === 'from' ? record.to : record.from
    if (local.port === 0) return undefined
    return (
      this.#connected.get(connectedKey(protocol, local.port, remote.ip, remote.port)) ??
      this.#bound.get(boundKey(protocol, local.port))
    )
  }
}

function note(map: Map<string, ProcessIdentity>, key: string, process: ProcessIdentity): void {
  // Last noted last, so that the first is the one to forget.
  map.delete(key)
  if (map.size >= MAX_SOCKETS) {
    const oldest = map.keys().next()
    if (!oldest.done) map.delete(oldest.value)
  }
  map.set(key, process)
}

function connectedKey(protocol: string, localPort: number, remote: string, remotePort: number): string {
  return `${protocol} ${localPort} ${remote} ${remotePort}`
}

function boundKey(protocol: string, localPort: number): string {
  return `${protocol} ${localPort}`
}
