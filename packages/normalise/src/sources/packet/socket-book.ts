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

/** A connection of which the local port was not known yet: the kernel tells of it before it has chosen one. */
interface Begun {
  readonly process: ProcessIdentity
  readonly timeMs: number
}

/** Of one far end. */
const MAX_BEGUN = 16
/** What is said within so long may belong to a connection that was begun. */
const BEGUN_MS = 60_000

/**
 * Remembers which process has which socket, so that what packets show can be told of somebody. The local address is left
 * aside: it may be any of this host's. Sockets stay known after their end, since a conversation is told after it; ends that
 * are used anew are written over. Where it is not certain whose a conversation is, nobody is named.
 */
export class SocketBook {
  readonly #connected = new Map<string, ProcessIdentity>()
  readonly #bound = new Map<string, ProcessIdentity>()
  /** By the far end, the oldest first. */
  readonly #begun = new Map<string, Begun[]>()

  observe(record: SocketRecord): void {
    const { type, protocol, local, remote, process, timeMs } = record
    if (type === 'raw') return
    if (remote === undefined || remote.port === 0) {
      if (type !== 'close') note(this.#bound, boundKey(protocol, local.port), process)
      return
    }
    const far = farKey(protocol, remote.address, remote.port)
    if (local.port === 0) {
      if (type === 'close') return
      const begun = this.#begun.get(far) ?? []
      begun.push({ process, timeMs })
      note(this.#begun, far, begun.slice(-MAX_BEGUN))
      return
    }
    note(this.#connected, connectedKey(protocol, local.port, remote.address, remote.port), process)
    // The end of a connection names its port: it is no longer one of those that were only begun.
    const begun = this.#begun.get(far)
    const place = begun?.findIndex((one) => isSame(one.process, process)) ?? -1
    if (place >= 0) begun?.splice(place, 1)
    if (begun?.length === 0) this.#begun.delete(far)
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
      (end === 'from' ? this.#onlyOne(farKey(protocol, remote.ip, remote.port), record) : undefined) ??
      this.#bound.get(boundKey(protocol, local.port))
    )
  }

  /** The one process that lately began a connection to there; undefined where several did. */
  #onlyOne(far: string, record: PacketRecord): ProcessIdentity | undefined {
    const fromMs = record.type === 'flow' ? record.flow.start_time : record.timeMs
    const candidates = this.#begun
      .get(far)
      ?.filter(({ timeMs }) => timeMs <= record.timeMs && fromMs - timeMs < BEGUN_MS)
    const first = candidates?.[0]?.process
    return first !== undefined && candidates?.every(({ process }) => isSame(process, first))
      ? first
      : undefined
  }
}

function isSame(one: ProcessIdentity, other: ProcessIdentity): boolean {
  return one.pid === other.pid && one.startTicks === other.startTicks
}

function note<T>(map: Map<string, T>, key: string, value: T): void {
  // Last noted last, so that the first is the one to forget.
  map.delete(key)
  if (map.size >= MAX_SOCKETS) {
    const oldest = map.keys().next()
    if (!oldest.done) map.delete(oldest.value)
  }
  map.set(key, value)
}

function connectedKey(protocol: string, localPort: number, remote: string, remotePort: number): string {
  return `${protocol} ${localPort} ${remote} ${remotePort}`
}

function boundKey(protocol: string, localPort: number): string {
  return `${protocol} ${localPort}`
}

function farKey(protocol: string, remote: string, remotePort: number): string {
  return `${protocol} ${remote} ${remotePort}`
}
