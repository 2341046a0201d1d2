import { CodedError, type Counters, type Logger } from '@vedette/base'
import type { Gap } from '@vedette/model'
import type { PackedBatch } from '@vedette/model/batch-frame'
import { storeFailure } from '../failure.ts'
import {
  decodeBatch,
  type EncodedBatch,
  encodeBatch,
  HEADER_BYTES,
  headerAt,
  payloadOf,
  recordBytes,
} from './record.ts'
import type { LossLedger } from './loss-ledger.ts'
import { damageIn, scanSegment, SEGMENT_HEADER_BYTES, segmentHeader } from './segment.ts'
import type { SpoolKeys } from './spool-keys.ts'
import type { SpoolFile, SpoolFiles } from './spool-files.ts'
/** A segment of which everything is acknowledged goes when it has grown to this part of a full one. */
const EARLY_RETIREMENT = 1 / 32
/** Batches given up that may yet be acknowledged, since they were under way. */
const GIVEN_UP_KEPT = 1024
/** Batches kept in memory as well, so that the usual way from `append` to `pending` reads nothing; in packed bytes. */
const RECENT_BYTES = 1024 ** 2

export interface LaneOptions {
  /** Ends the names of its segments: `000000000001.spool`. */
  readonly suffix: string
  /** Size at which a segment is closed. */
  readonly segmentBytes: number
  /** Makes room where it can, and says whether there is room for what all lanes claim. */
  readonly makeRoom: () => Promise<boolean>
  /** Seals what comes, and opens what lies there. */
  readonly keys: SpoolKeys | undefined
  /** Where what is given up is noted before it is. */
  readonly ledger: LossLedger
  /** Told when there is something new to give out. */
  readonly onKept: () => void
}

interface Segment {
  readonly number: number
  readonly name: string
  sizeBytes: number
  /** Records that nobody acknowledged. */
  waiting: number
}

interface Entry {
  readonly run: string
  readonly sequence: number
  readonly events: number
  readonly segment: Segment
  readonly offset: number
  readonly length: number
  acknowledged: boolean
  /** The batch itself while it is recent: packed, since thousands of small objects that live for a while wear out a heap. */
  recent: PackedBatch | undefined
}

interface Append {
  readonly batch: PackedBatch
  readonly encoded: EncodedBatch
  readonly done: PromiseWithResolvers<'kept' | 'dropped'>
}

/** Batches of one urgency, in order, in segments of their own. What it may hold is for others to say. */
export class SpoolLane implements AsyncDisposable {
  readonly #files: SpoolFiles
  readonly #log: Logger
  readonly #options: LaneOptions
  /** Oldest first; those at the front that are acknowledged are taken off. */
  #entries: Entry[] = []
  /** Number of the entry at the front, counted from the opening of the spool. */
  #firstEntry = 0
  readonly #byName = new Map<string, Entry>()
  #recent: Entry[] = []
  #recentBytes = 0
  #sizeBytes = 0
  #nextSegment = 1
  #totalEvents = 0
  #active: { readonly segment: Segment; readonly file: SpoolFile } | undefined
  #queue: Append[] = []
  #writing: Promise<void> | undefined
  /** Retirements of segments, one after the other. */
  #retiring: Promise<void> = Promise.resolve()
  /** Bytes that are about to be written, with the header of a segment that may have to follow. */
  #claimed = 0
  readonly #repairs: (() => Promise<void>)[] = []
  #closed = false
  readonly #segments = new Set<Segment>()
  readonly #givenUp = new Map<string, number>()
  #emitted = 0
  #delivered = 0
  #lost = 0

  private constructor(files: SpoolFiles, log: Logger, options: LaneOptions) {
    this.#files = files
    this.#log = log
    this.#options = options
  }

  /**
   * Reads what is there and changes nothing of it yet: that is for `repair`.
   *
   * @throws {CodedError} `spool-key-missing`
   */
  static async open(files: SpoolFiles, log: Logger, options: LaneOptions): Promise<SpoolLane> {
    const lane = new SpoolLane(files, log, options)
    await lane.#recover()
    return lane
  }

  /** Cuts off torn ends and removes what holds nothing, once all that lies in the folder is known to be readable. */
  async repair(): Promise<void> {
    for (const repair of this.#repairs.splice(0)) await repair()
    await this.#files.syncFolder()
  }

  get waiting(): number {
    return this.#byName.size
  }

  get sizeBytes(): number {
    return this.#sizeBytes
  }

  /** Bytes on disk and those on their way to it. */
  get claimedBytes(): number {
    return this.#sizeBytes + this.#claimed
  }

  counters(): Counters {
    return { emitted: this.#emitted, delivered: this.#delivered, lost: this.#lost }
  }

  append(batch: PackedBatch): Promise<'kept' | 'dropped'> {
    if (this.#closed)
      return Promise.reject(new CodedError('spool-failed', 'Cannot spool a batch: the spool is closed'))
    const append = {
      batch,
      encoded: encodeBatch(batch, this.#options.keys?.current()),
      done: Promise.withResolvers<'kept' | 'dropped'>(),
    }
    this.#queue.push(append)
    this.#writing ??= this.#write()
    return append.done.promise
  }

  async acknowledge(run: string, sequence: number): Promise<void> {
    const name = nameOf(run, sequence)
    const entry = this.#byName.get(name)
    if (entry === undefined) return this.#acknowledgeGivenUp(run, sequence)
    this.#byName.delete(name)
    entry.acknowledged = true
    entry.recent = undefined
    entry.segment.waiting -= 1
    this.#delivered += entry.events
    this.#forgetAcknowledged()
    const { segment } = entry
    const isActive = this.#active?.segment === segment
    if (
      segment.waiting > 0 ||
      (isActive && segment.sizeBytes < this.#options.segmentBytes * EARLY_RETIREMENT)
    )
      return
    this.#retiring = this.#retiring.then(() => this.#retire(segment))
    await this.#retiring
  }

  /** Gives out what waits, oldest first, each once; nothing when there is nothing (yet). */
  cursor(): () => Promise<PackedBatch | undefined> {
    let next = this.#firstEntry
    return async () => {
      while (!this.#closed) {
        next = Math.max(next, this.#firstEntry)
        const entry = this.#entries[next - this.#firstEntry]
        if (entry === undefined) return undefined
        next += 1
        if (entry.acknowledged) continue
        const batch = entry.recent ?? (await this.#read(entry))
        if (batch !== undefined && !entry.acknowledged) return batch
      }
      return undefined
    }
  }

  /**
   * Gives up the newest segment, all that waits in it, and counts that as lost.
   *
   * @returns whether there was one
   */
  async giveUpNewest(): Promise<boolean> {
    const isBeingWritten = (segment: Segment) =>
      this.#writing !== undefined && this.#active?.segment === segment
    const victim = [...this.#segments].findLast((segment) => segment.waiting > 0 && !isBeingWritten(segment))
    if (victim === undefined) return false
    const gaps: Gap[] = []
    for (const entry of this.#entries) {
      if (entry.segment !== victim || entry.acknowledged) continue
      gaps.push(gapOf(entry.run, entry.sequence, entry.events))
      const name = nameOf(entry.run, entry.sequence)
      this.#byName.delete(name)
      entry.acknowledged = true
      entry.recent = undefined
      this.#lose(name, entry.events)
    }
    victim.waiting = 0
    const active = this.#active?.segment === victim ? this.#active : undefined
    if (active !== undefined) this.#active = undefined
    const removing = this.#retiring.then(async () => {
      await active?.file.close()
      await this.#options.ledger.add(gaps)
      await this.#removeSegment(victim)
      // Else a crash could bring back what is already counted as lost.
      await this.#files.syncFolder()
    })
    this.#retiring = removing.catch(() => undefined)
    await removing
    this.#forgetAcknowledged()
    return true
  }

  /** Counts it; where it was under way and is stored all the same, `acknowledge` takes that back. */
  #lose(name: string, events: number): void {
    this.#lost += events
    this.#givenUp.set(name, events)
    if (this.#givenUp.size <= GIVEN_UP_KEPT) return
    for (const [oldest] of this.#givenUp) {
      this.#givenUp.delete(oldest)
      return
    }
  }

  async #acknowledgeGivenUp(run: string, sequence: number): Promise<void> {
    const name = nameOf(run, sequence)
    const events = this.#givenUp.get(name)
    if (events === undefined) return
    this.#givenUp.delete(name)
    this.#lost -= events
    this.#delivered += events
    // It may still be on its way into the ledger.
    await this.#retiring
    await this.#options.ledger.takeBack(run, sequence, events)
  }

  async #recover(): Promise<void> {
    const end = `.${this.#options.suffix}`
    const numbers = this.#files
      .list()
      .flatMap((name) => (name.endsWith(end) && /^\d{12}\./.exec(name) ? name.slice(0, 12) : []))
      .map(Number)
      .sort((a, b) => a - b)
    let before: { number: number; eventsAfter: number } | undefined
    for (const number of numbers) {
      const name = this.#segmentName(number)
      const bytes = await this.#files.read(name)
      const follows = before?.number === number - 1 ? before : undefined
      const scan = scanSegment(bytes, follows?.eventsAfter)
      let { lostEvents } = scan
      if (follows !== undefined && scan.eventsBefore !== undefined) {
        lostEvents += Math.max(0, scan.eventsBefore - follows.eventsAfter)
      }
      if (lostEvents > 0 || scan.end < bytes.length) {
        this.#log.warn(
          { segment: name, lostEvents, cutBytes: bytes.length - scan.end },
          'a segment of the spool is damaged or was cut off',
        )
      }
      this.#emitted += lostEvents
      this.#lost += lostEvents
      if (lostEvents > 0) {
        const damage = damageIn(bytes, number, lostEvents)
        const { ledger } = this.#options
        this.#repairs.push(() => (ledger.knows(damage) ? Promise.resolve() : ledger.add([damage])))
      }
      before = { number, eventsAfter: scan.eventsAfter }
      this.#totalEvents = Math.max(this.#totalEvents, scan.eventsAfter)
      this.#nextSegment = number + 1
      const segment = { number, name, sizeBytes: Math.min(scan.end, bytes.length), waiting: 0 }
      for (const { offset, header } of scan.records) {
        this.#requireKey(header.key)
        // Given up by a former process, which was ended before the segment was gone.
        if (this.#options.ledger.covers(header.run, header.sequence)) continue
        this.#emitted += header.events
        this.#remember({
          run: header.run,
          sequence: header.sequence,
          events: header.events,
          segment,
          offset,
          length: HEADER_BYTES + header.payloadBytes,
          acknowledged: false,
          recent: undefined,
        })
      }
      if (segment.waiting === 0) {
        this.#repairs.push(() => this.#files.remove(name))
        continue
      }
      // What was cut off or lost at the end is counted now, and not again at the next start.
      if (scan.end < bytes.length) this.#repairs.push(() => this.#files.truncate(name, scan.end))
      this.#sizeBytes += segment.sizeBytes
      this.#segments.add(segment)
    }
  }

  #requireKey(id: string | undefined): void {
    if (id === undefined || this.#options.keys?.find(id) !== undefined) return
    throw new CodedError(
      'spool-key-missing',
      `Cannot open the spool: its batches are sealed with key ${id}, which is not there; bring keys/keyring.json back, or move ` +
        'the folder of the spool away to begin a new one',
    )
  }

  #segmentName(number: number): string {
    return `${String(number).padStart(12, '0')}.${this.#options.suffix}`
  }

  #remember(entry: Entry): void {
    const name = nameOf(entry.run, entry.sequence)
    const known = this.#byName.get(name)
    if (known !== undefined) {
      // The same batch again, after an append whose failure was not one: the first is enough.
      this.#emitted -= entry.events
      return
    }
    this.#byName.set(name, entry)
    this.#entries.push(entry)
    entry.segment.waiting += 1
  }

  /** Writes what waits in groups, each with one sync, until nothing waits. */
  async #write(): Promise<void> {
    try {
      while (this.#queue.length > 0) {
        const group = this.#queue.splice(0)
        try {
          await this.#writeGroup(group)
        } catch (error) {
          const failure = storeFailure('spool-failed', 'spool a batch', error)
          for (const { done } of group) done.reject(failure)
        }
      }
    } finally {
      // In the step in which the queue was seen empty, so that what comes next starts a writing of its own.
      this.#writing = undefined
    }
  }

  async #writeGroup(group: readonly Append[]): Promise<void> {
    let from = 0
    while (from < group.length) {
      const active = await this.#segmentToWrite()
      const { segment } = active
      const startBytes = segment.sizeBytes
      const records: Buffer[] = []
      const entries: Entry[] = []
      const dropped: Append[] = []
      let bytes = 0
      let eventsBefore = this.#totalEvents
      let to = from
      for (; to < group.length && (bytes === 0 || startBytes + bytes < this.#options.segmentBytes); to += 1) {
        const append = group[to] as Append
        const record = recordBytes(append.encoded, eventsBefore)
        this.#claimed = bytes + record.length + SEGMENT_HEADER_BYTES
        if (!(await this.#options.makeRoom())) {
          this.#claimed = bytes
          dropped.push(append)
          continue
        }
        entries.push({
          run: append.batch.run,
          sequence: append.batch.sequence,
          events: append.batch.count,
          segment,
          offset: startBytes + bytes,
          length: record.length - HEADER_BYTES,
          acknowledged: false,
          recent: append.batch,
        })
        records.push(record)
        bytes += record.length
        eventsBefore += append.batch.count
      }
      if (dropped.length > 0) await this.#drop(dropped)
      if (bytes > 0) await this.#writeSynced(active, Buffer.concat(records))
      this.#totalEvents = eventsBefore
      for (const entry of entries) {
        this.#emitted += entry.events
        this.#keepRecent(entry)
        this.#remember(entry)
      }
      // Of those that were dropped this is known already.
      for (const { done } of group.slice(from, to)) done.resolve('kept')
      this.#options.onKept()
      from = to
    }
  }

  /** What comes after a batch that was dropped is kept only when the gap is in the ledger. */
  async #drop(appends: readonly Append[]): Promise<void> {
    await this.#options.ledger.add(appends.map(({ batch }) => gapOf(batch.run, batch.sequence, batch.count)))
    for (const { batch, done } of appends) {
      this.#emitted += batch.count
      this.#lose(nameOf(batch.run, batch.sequence), batch.count)
      done.resolve('dropped')
    }
  }

  async #writeSynced(
    { segment, file }: { readonly segment: Segment; readonly file: SpoolFile },
    bytes: Buffer,
  ): Promise<void> {
    try {
      await file.write(bytes)
      await file.sync()
    } catch (error) {
      this.#claimed = 0
      // Nothing of it counts. After a failed sync nobody knows what is on disk: that segment gets nothing more.
      this.#active = undefined
      await file.truncate(segment.sizeBytes).catch(() => undefined)
      await file.close().catch(() => undefined)
      throw error
    }
    this.#claimed = 0
    segment.sizeBytes += bytes.length
    this.#sizeBytes += bytes.length
  }

  async #segmentToWrite(): Promise<{ readonly segment: Segment; readonly file: SpoolFile }> {
    // A segment that is being removed must not be chosen.
    await this.#retiring
    const active = this.#active
    if (active !== undefined && active.segment.sizeBytes < this.#options.segmentBytes) return active
    if (active !== undefined) {
      this.#active = undefined
      await active.file.close()
      if (active.segment.waiting === 0) await this.#removeSegment(active.segment)
    }
    const number = this.#nextSegment
    this.#nextSegment += 1
    const name = this.#segmentName(number)
    const file = await this.#files.create(name)
    const opened = { segment: { number, name, sizeBytes: SEGMENT_HEADER_BYTES, waiting: 0 }, file }
    try {
      await file.write(segmentHeader(this.#totalEvents))
      await file.sync()
      await this.#files.syncFolder()
    } catch (error) {
      await file.close().catch(() => undefined)
      await this.#files.remove(name).catch(() => undefined)
      throw error
    }
    this.#sizeBytes += SEGMENT_HEADER_BYTES
    this.#segments.add(opened.segment)
    this.#active = opened
    return opened
  }

  /** Removes a segment of which everything is acknowledged. */
  async #retire(segment: Segment): Promise<void> {
    if (this.#active?.segment === segment) {
      // While something is being written it may be to this one.
      if (this.#writing !== undefined || segment.waiting > 0) return
      const { file } = this.#active
      this.#active = undefined
      await file.close()
    }
    if (segment.waiting === 0) await this.#removeSegment(segment)
  }

  async #removeSegment(segment: Segment): Promise<void> {
    if (segment.sizeBytes === 0) return
    this.#sizeBytes -= segment.sizeBytes
    this.#segments.delete(segment)
    segment.sizeBytes = 0
    try {
      await this.#files.remove(segment.name)
    } catch (error) {
      // It stays until the next start; its batches are then sent once more, which does no harm.
      this.#log.warn({ error, segment: segment.name }, 'a segment of the spool could not be removed')
    }
  }

  /** Nothing when it was acknowledged meanwhile, or is damaged or gone; then it is counted as lost. */
  async #read(entry: Entry): Promise<PackedBatch | undefined> {
    const { segment, offset, length } = entry
    let record: Buffer
    try {
      record = await this.#files.readPart(segment.name, offset, length)
    } catch (error) {
      if (entry.acknowledged) return undefined
      const isGone = (error as NodeJS.ErrnoException).code === 'ENOENT'
      // Anything else may pass (too many open files, a disk that is slow to come back), and the batch is still there.
      if (!isGone) throw storeFailure('spool-failed', `read ${segment.name}`, error)
      record = Buffer.alloc(0)
    }
    if (entry.acknowledged) return undefined
    const header = headerAt(record, 0)
    const payload = header && payloadOf(record, header)
    const batch = header && payload && decodeBatch(payload, header, this.#options.keys)
    if (batch !== undefined) return batch
    this.#log.warn({ segment: segment.name, offset, events: entry.events }, 'a batch of the spool is damaged')
    await this.#loseEntry(entry)
    return undefined
  }

  /** A record went bad after the spool was opened: it is counted and given up. */
  async #loseEntry(entry: Entry): Promise<void> {
    this.#lost += entry.events
    this.#delivered -= entry.events // `acknowledge` counts it as delivered.
    await this.acknowledge(entry.run, entry.sequence)
  }

  #keepRecent(entry: Entry): void {
    this.#recent.push(entry)
    this.#recentBytes += entry.length
    while (this.#recentBytes > RECENT_BYTES && this.#recent.length > 1) {
      const oldest = this.#recent.shift()
      if (oldest === undefined) break
      this.#recentBytes -= oldest.length
      oldest.recent = undefined
    }
  }

  #forgetAcknowledged(): void {
    let count = 0
    while (this.#entries[count]?.acknowledged === true) count += 1
    // Taking them off one by one would move the rest each time.
    if (count < 64 && count < this.#entries.length) return
    this.#entries = this.#entries.slice(count)
    this.#firstEntry += count
    this.#recent = this.#recent.filter((entry) => !entry.acknowledged)
    this.#recentBytes = this.#recent.reduce((sum, entry) => sum + entry.length, 0)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    await this.#writing
    await this.#retiring
    const active = this.#active
    this.#active = undefined
    if (active === undefined) return
    await active.file.close()
    if (active.segment.waiting === 0) await this.#removeSegment(active.segment)
  }
}

function gapOf(run: string, sequence: number, events: number): Gap {
  return { run, from: sequence, to: sequence, batches: 1, events }
}

function nameOf(run: string, sequence: number): string {
  return `${run}/${sequence}`
}
