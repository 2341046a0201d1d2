import type { PacketRecord } from '@vedette/model'
import { CaptureReader } from '../pcap/capture-reader.ts'
import type { UnreadableRecord } from '../record-format.ts'
import { type PacketCounters, PacketInspector, type PacketInspectorOptions } from './packet-inspector.ts'

/** Reads a capture, pcap or pcapng, as records of flows and of what was said on them. Never throws. */
export class CaptureInspector {
  readonly #reader: CaptureReader
  readonly #inspector: PacketInspector
  #records: PacketRecord[] = []

  constructor(options: Omit<PacketInspectorOptions, 'emit'> = {}) {
    this.#inspector = new PacketInspector({ ...options, emit: (record) => this.#records.push(record) })
    this.#reader = new CaptureReader(this.#inspector.take)
  }

  /** The records that these bytes of the file complete. The bytes are not kept beyond the call. */
  push(bytes: Uint8Array): readonly PacketRecord[] {
    this.#reader.push(bytes)
    return this.#taken()
  }

  /** What is left. Nothing is pushed afterwards. */
  end(): readonly PacketRecord[] {
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

  #taken(): readonly PacketRecord[] {
    const records = this.#records
    this.#records = []
    return records
  }
}
