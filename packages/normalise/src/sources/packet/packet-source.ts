import type { Clock } from '@vedette/base'
import { flowEvent, protocolEvent } from '@vedette/formats/flow-events'
import type { NetworkEvent, PacketRecord, Process, ProtocolEvent, SocketRecord } from '@vedette/model'
import type { ProcessTree } from '../../enrichers/process-tree/process-tree.ts'
import type { EventFactory } from '../../event-factory.ts'
import { boundedFacts } from './bounded-facts.ts'
import type { OwnHost } from './own-sockets.ts'
import { SocketBook } from './socket-book.ts'
import { flowMessage, protocolMessage } from './words.ts'

/** Its source, as Events name it. */
const PROVIDER = 'packet'
/** Addresses of a host seldom change. */
const ADDRESSES_MS = 30_000
/** Looking through all descriptors of all processes is dear. */
const SOCKETS_MS = 60_000

type Direction = NetworkEvent['direction']

/**
 * Turns flows, and what was said on them, into Events, and finds the process of this host that took part: by what the
 * kernel told of its sockets, else by looking who holds them.
 */
export class PacketSource {
  readonly #events: EventFactory
  readonly #tree: ProcessTree
  readonly #host: OwnHost
  readonly #clock: Clock
  readonly #book = new SocketBook()
  #addresses: ReadonlySet<string> = new Set()
  #addressesMs = -Infinity
  #socketsMs = -Infinity

  constructor(events: EventFactory, tree: ProcessTree, host: OwnHost, clock: Clock) {
    this.#events = events
    this.#tree = tree
    this.#host = host
    this.#clock = clock
  }

  /** Wants every record of a socket. */
  observe(record: SocketRecord): void {
    this.#book.observe(record)
  }

  normalise(record: PacketRecord): NetworkEvent | ProtocolEvent {
    const direction = this.#direction(record)
    const process = direction === 'none' ? undefined : this.#process(record, direction)
    const ours = process !== undefined && { process }
    const base = this.#events.base(record.timeMs, PROVIDER)
    if (record.type === 'flow')
      return { ...flowEvent(record, base), direction, ...ours, message: flowMessage(record, process) }
    const said = { ...protocolEvent({ ...record, facts: boundedFacts(record.facts) }, base), ...ours }
    return { ...said, message: protocolMessage(said, direction === 'inbound' ? 'to' : 'from') }
  }

  #direction({ from, to }: PacketRecord): Direction {
    const nowMs = this.#clock.monotonic()
    if (nowMs - this.#addressesMs > ADDRESSES_MS) {
      this.#addressesMs = nowMs
      this.#addresses = this.#host.addresses()
    }
    // Where both ends are ours it went out as well as in: who began is the one to ask.
    return this.#addresses.has(from.ip) ? 'outbound' : this.#addresses.has(to.ip) ? 'inbound' : 'none'
  }

  #process(record: PacketRecord, direction: Direction): Process | undefined {
    const end = direction === 'outbound' ? 'from' : 'to'
    let identity = this.#book.find(record, end)
    if (identity === undefined && this.#clock.monotonic() - this.#socketsMs > SOCKETS_MS) {
      this.#socketsMs = this.#clock.monotonic()
      for (const socket of this.#host.sockets()) this.#book.found(socket)
      identity = this.#book.find(record, end)
    }
    return identity === undefined ? undefined : this.#tree.find(identity).process()
  }
}
