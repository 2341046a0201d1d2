import type { PacketRecord } from '@vedette/model'
import { CaptureReader } from '../pcap/capture-reader.ts'
import type { UnreadableRecord } from '../record-format.ts'
import { type PacketCounters, PacketInspector, type PacketInspectorOptions } from './packet-inspector.ts'

/** Records, and after which packet of the capture each was known, from 1 on. Both lists have the same length. */
export interface CapturedRecords {
  readonly records: readonly PacketRecord[]
  readonly numbers: readonly number[]
}

/** Reads a capture, pcap or pcapng, as records of flows and of what was said on them. Never throws. */
export class CaptureInspector {
  readonly #reader: CaptureReader
  readonly #inspector: PacketInspector
  #packets = 0
  #records: PacketRecord[] = []
  #numbers: number[] = []

  constructor(options: Omit<PacketInspectorOptions, 'emit'> = {}) {
    const inspector = new PacketInspector({
      ...options,
      emit: (record) => {
        this.#records.push(record)
        this.#numbers.push(this.#packets)
      },
    })
    this.#inspector = inspector
    this.#reader = new CaptureReader((bytes, start, end, wireLength, linkType, timeMs) => {
      this.#packets += 1
      inspector.take(bytes, start, end, wireLength, linkType, timeMs)
    })
  }

  /** What these bytes of the file complete. The bytes are not kept beyond the call. */
  push(bytes: Uint8Array): CapturedRecords {
    this.#reader.push(bytes)
    return this.#taken()
  }

  /** What is left. Nothing is pushed afterwards. */
  end(): CapturedRecords {
    this.#reader.end()
    this.#inspector.end()
    return this.#taken()
  }

  /** What could not be read of the file; of much damage the first hundred. */
  get damage(): readonly UnreadableRecord[] {
    return this.#reader.damage
  }

  counters(): PacketCounters {
    return this.#inspector.counters()
  }

  #taken(): CapturedRecords {
    const taken = { records: this.#records, numbers: this.#numbers }
    this.#records = []
    this.#numbers = []
    return taken
  }
}
