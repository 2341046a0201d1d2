import { addCounters, CodedError, type Counters, type Logger } from '@vedette/base'
import type { EventBatch, Gap, Losses } from '@vedette/model'
import { packBatch, type PackedBatch } from '@vedette/model/batch-frame'
import { storeFailure } from '../failure.ts'
import { ledgerBytes, LossLedger } from './loss-ledger.ts'
import type { SpoolFiles } from './spool-files.ts'
import { SpoolLane } from './spool-lane.ts'
import type { Spool, SpoolOptions, Urgency } from './spool.ts'

const DEFAULT_CAP_BYTES = 1024 ** 3
const DEFAULT_SEGMENT_BYTES = 8 * 1024 ** 2
/** A small spool has segments that are small as well: it is by segments that bulk makes room for urgent batches. */
const SEGMENTS_IN_CAP = 16
/** What bulk leaves free for urgent batches, so that these seldom cost a whole segment: this part of the cap. */
const RESERVE = 1 / 16

/** The spool over any file system. `openSpool` opens one over a folder. */
export class DiskSpool implements Spool {
  readonly #bulk: SpoolLane
  readonly #urgent: SpoolLane
  readonly #ledger: LossLedger
  #closed = false
  #wake = Promise.withResolvers<void>()

  private constructor(lanes: Readonly<Record<Urgency, SpoolLane>>, ledger: LossLedger) {
    this.#ledger = ledger
    this.#bulk = lanes.bulk
    this.#urgent = lanes.urgent
  }

  /** @throws {CodedError} `disk-full`, `spool-key-missing`, `spool-failed` */
  static async open(files: SpoolFiles, log: Logger, options: SpoolOptions = {}): Promise<DiskSpool> {
    const { capBytes: wholeBytes = DEFAULT_CAP_BYTES } = options
    const segmentBytes = Math.min(options.segmentBytes ?? DEFAULT_SEGMENT_BYTES, wholeBytes / SEGMENTS_IN_CAP)
    const capBytes = wholeBytes - ledgerBytes(wholeBytes)
    const bulkBytes = capBytes * (1 - RESERVE)
    let spool: DiskSpool | undefined
    const onKept = () => {
      if (spool !== undefined) spool.#wakeUp()
    }
    const fits = (cap: number) => spool !== undefined && spool.#claimedBytes <= cap
    try {
      const ledger = await LossLedger.open(files, log, wholeBytes)
      const bulk = await SpoolLane.open(files, log, {
        suffix: 'spool',
        segmentBytes,
        ledger,
        keys: options.keys,
        makeRoom: () => Promise.resolve(fits(bulkBytes)),
        onKept,
      })
      const urgent = await SpoolLane.open(files, log, {
        suffix: 'urgent',
        segmentBytes,
        ledger,
        keys: options.keys,
        async makeRoom() {
          while (!fits(capBytes)) if (!(await bulk.giveUpNewest())) return false
          return true
        },
        onKept,
      })
      for (const lane of [bulk, urgent]) await lane.repair()
      spool = new DiskSpool({ bulk, urgent }, ledger)
      return spool
    } catch (error) {
      throw storeFailure('spool-failed', 'open the spool', error)
    }
  }

  get waiting(): number {
    return this.#bulk.waiting + this.#urgent.waiting
  }

  get sizeBytes(): number {
    return this.#bulk.sizeBytes + this.#urgent.sizeBytes + this.#ledger.sizeBytes
  }

  get #claimedBytes(): number {
    return this.#bulk.claimedBytes + this.#urgent.claimedBytes
  }

  counters(): Counters {
    return addCounters(this.#bulk.counters(), this.#urgent.counters())
  }

  losses(): Losses {
    return { events: this.#ledger.events, gaps: [...this.#ledger.gaps()] }
  }

  async declare(gap: Gap): Promise<void> {
    if (this.#closed) throw new CodedError('spool-failed', 'Cannot note a loss: the spool is closed')
    try {
      await this.#ledger.add([gap])
    } catch (error) {
      throw storeFailure('spool-failed', 'note a loss', error)
    }
  }

  append(batch: EventBatch, urgency: Urgency = 'bulk'): Promise<'kept' | 'dropped'> {
    return (urgency === 'urgent' ? this.#urgent : this.#bulk).append(packBatch(batch))
  }

  async acknowledge(run: string, sequence: number): Promise<void> {
    // A run is of one urgency, so the other lane knows nothing of it.
    await Promise.all([this.#urgent.acknowledge(run, sequence), this.#bulk.acknowledge(run, sequence)])
  }

  async *pending(signal: AbortSignal): AsyncIterable<PackedBatch> {
    const nextUrgent = this.#urgent.cursor()
    const nextBulk = this.#bulk.cursor()
    const stop = Promise.withResolvers<void>()
    const onAbort = () => stop.resolve()
    signal.addEventListener('abort', onAbort)
    try {
      while (!signal.aborted && !this.#closed) {
        // Taken before the look, so that nothing is missed that comes while it lasts.
        const { promise: more } = this.#wake
        const batch = (await nextUrgent()) ?? (await nextBulk())
        if (batch !== undefined) yield batch
        else await Promise.race([more, stop.promise])
      }
    } finally {
      signal.removeEventListener('abort', onAbort)
    }
  }

  #wakeUp(): void {
    this.#wake.resolve()
    this.#wake = Promise.withResolvers()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    this.#wake.resolve()
    await this.#urgent[Symbol.asyncDispose]()
    await this.#bulk[Symbol.asyncDispose]()
    await this.#ledger[Symbol.asyncDispose]()
  }
}
