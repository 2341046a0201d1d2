import type { AgentId, EventBase, EventId, LogSource, PacketRecord } from '@vedette/model'
import { type CapturedRecords, CaptureInspector } from '../flows/capture-inspector.ts'
import { flowEvent, protocolEvent } from '../flows/event.ts'
import type {
  ForeignRecord,
  ReaderOptions,
  RecordBatch,
  RecordFormat,
  RecordReader,
  UnreadableRecord,
} from '../record-format.ts'
import { isCapture } from './capture-reader.ts'

/** Whose Events they are: nobody's host, but that of the file. */
const CAPTURE = 'capture' as AgentId
const SOURCE: LogSource = { product: 'vedette' }

/**
 * Captures of packets, pcap and pcapng. Their records are Events of Vedette, of kinds `network` (a conversation) and
 * `protocol` (what was said in one); the number of a record is that of the packet after which it was known.
 */
export const pcapFormat: RecordFormat = {
  name: 'pcap',
  recognises: isCapture,
  cut: 'whole',
  open: (options) => new CaptureRecords(options),
}

class CaptureRecords implements RecordReader {
  readonly #capture: CaptureInspector
  readonly #options: ReaderOptions
  #told = 0
  #damageTold = 0

  constructor(options: ReaderOptions) {
    this.#options = options
    this.#capture = new CaptureInspector({ run: options.fileName })
  }

  push(bytes: Uint8Array): RecordBatch {
    return this.#batch(this.#capture.push(bytes))
  }

  end(): RecordBatch {
    return this.#batch(this.#capture.end())
  }

  #batch({ records, numbers }: CapturedRecords): RecordBatch {
    return {
      records: records.map((record) => this.#event(record)),
      numbers,
      sources: records.map(() => SOURCE),
      unreadable: this.#newDamage(),
    }
  }

  #event(record: PacketRecord): ForeignRecord {
    const { readAtMs, fileName } = this.#options
    const flow = record.type === 'flow' ? record.flow.uid : record.flowUid
    const base: EventBase = {
      // A file that is read twice gives the same.
      id: `${CAPTURE}-${flow}-${this.#told}` as EventId,
      time: Math.max(0, record.timeMs),
      device: { uid: CAPTURE, hostname: fileName.slice(0, 255) },
      severity_id: 1,
      metadata: { version: '1.8.0', log_provider: 'packet', logged_time: readAtMs },
    }
    this.#told += 1
    return { ...(record.type === 'flow' ? flowEvent(record, base) : protocolEvent(record, base)) }
  }

  #newDamage(): readonly UnreadableRecord[] {
    const { damage } = this.#capture
    const fresh = damage.slice(this.#damageTold)
    this.#damageTold = damage.length
    return fresh
  }
}
