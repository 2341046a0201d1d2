import type { PacketRecord } from '@vedette/model'
import { Fragments } from '../packets/fragments.ts'
import { type NotRead, Packet } from '../packets/packet.ts'
import { protocols } from '../protocols/protocols.ts'
import type { FlowLimits } from './config.ts'
import { type FlowCounters, FlowTable, type FlowTableOptions } from './flow-table.ts'

export interface PacketInspectorOptions {
  readonly emit: (record: PacketRecord) => void
  /** Default: all that are known. */
  readonly protocols?: FlowTableOptions['protocols']
  readonly limits?: FlowLimits
  /** Goes into the names of flows; see `FlowTableOptions`. */
  readonly run?: string
  readonly salt?: number
}

/** What it did so far. */
export interface PacketCounters extends FlowCounters {
  readonly packets: number
  readonly bytes: number
  /** Packets that were not read to their end, by why. `not-ip` and `fragment` are no faults. */
  readonly notRead: Readonly<Record<NotRead, number>>
  /** Fragments of datagrams that were never whole. */
  readonly fragmentsGivenUp: number
}

/** Packets in, records of flows and of what was said on them out: the one way for captures and for a network card. */
export class PacketInspector {
  readonly #fragments = new Fragments()
  readonly #packet = new Packet(this.#fragments)
  readonly #flows: FlowTable
  readonly #notRead: Record<NotRead, number> = {
    'link-type': 0,
    'not-ip': 0,
    'cut-short': 0,
    malformed: 0,
    fragment: 0,
  }
  #packets = 0
  #bytes = 0

  constructor(options: PacketInspectorOptions) {
    this.#flows = new FlowTable({ protocols, ...options })
  }

  /** @see Packet.read */
  readonly take = (
    bytes: Uint8Array,
    start: number,
    end: number,
    wireLength: number,
    linkType: number,
    timeMs: number,
    vlan = -1,
    realm = 0,
  ): void => {
    const packet = this.#packet
    this.#packets += 1
    this.#bytes += wireLength
    const fault = packet.read(bytes, start, end, wireLength, linkType, timeMs, vlan, realm)
    if (fault !== undefined) {
      this.#notRead[fault] += 1
      return
    }
    do this.#flows.add(packet)
    while (packet.enterTunnel())
  }

  /** It is that late, whether packets come or not. */
  advance(timeMs: number): void {
    this.#flows.advance(timeMs)
  }

  /** No more packets come: what is still going on is told. */
  end(): void {
    this.#flows.end()
  }

  counters(): PacketCounters {
    return {
      packets: this.#packets,
      bytes: this.#bytes,
      notRead: { ...this.#notRead },
      fragmentsGivenUp: this.#fragments.givenUp,
      ...this.#flows.counters(),
    }
  }
}
