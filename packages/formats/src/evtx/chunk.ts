import { Buffer } from 'node:buffer'
import { crc32 } from 'node:zlib'
import type { LogSource } from '@vedette/model'
import type { ForeignRecord, UnreadableRecord } from '../record-format.ts'
import { BinaryXml } from './binary-xml.ts'
import { Damage } from './damage.ts'
import type { DefinitionCache } from './definition-cache.ts'

export const CHUNK_BYTES = 65_536
export const CHUNK_MAGIC = Buffer.from('ElfChnk\0', 'latin1')

/** Header, offsets of shared names, offsets of templates: the first record follows. */
const RECORDS_START = 512
const RECORD_MAGIC = Buffer.from([0x2a, 0x2a, 0, 0])
/** Magic, size, record id, time written; at the end the size again. */
const RECORD_HEADER = 24
const RECORD_FRAME = RECORD_HEADER + 4

/** An id beyond the last one by more is damaged, and says nothing of those that follow. */
const LARGEST_STEP = 1_000_000

const windows: LogSource = { product: 'windows' }

/** What a reader has gathered and not yet handed over. */
export interface Gathered {
  records: ForeignRecord[]
  numbers: number[]
  sources: LogSource[]
  unreadable: UnreadableRecord[]
}

export function nothingGathered(): Gathered {
  return { records: [], numbers: [], sources: [], unreadable: [] }
}

function isHeaderIntact(chunk: Buffer): boolean {
  const sum = crc32(chunk.subarray(128, RECORDS_START), crc32(chunk.subarray(0, 120)))
  return sum === chunk.readUInt32LE(124)
}

function areRecordsIntact(chunk: Buffer, free: number): boolean {
  return crc32(chunk.subarray(RECORDS_START, free)) === chunk.readUInt32LE(52)
}

/** Whether bytes are a whole chunk of which nothing was changed. */
export function isIntact(chunk: Buffer): boolean {
  if (chunk.length !== CHUNK_BYTES || chunk.compare(CHUNK_MAGIC, 0, 8, 0, 8) !== 0) return false
  const free = chunk.readUInt32LE(48)
  return (
    free >= RECORDS_START && free <= CHUNK_BYTES && isHeaderIntact(chunk) && areRecordsIntact(chunk, free)
  )
}

function recordId(chunk: Buffer, offset: number): number {
  return chunk.readUInt32LE(offset + 4) * 0x1_0000_0000 + chunk.readUInt32LE(offset)
}

/** Where the records of a chunk end, and whether its header can be believed. */
interface Extent {
  readonly end: number
  readonly free: number
  readonly trusted: boolean
}

function nothingKnown(chunk: Buffer): Extent {
  return { end: chunk.length, free: Number.NaN, trusted: false }
}

/** Tells what is wrong with a chunk as a whole. */
function examine(chunk: Buffer, base: number, into: Gathered): Extent {
  const tell = (reason: string, offset: number) => into.unreadable.push({ offset: base + offset, reason })
  if (chunk.length < 8 || chunk.compare(CHUNK_MAGIC, 0, 8, 0, 8) !== 0) {
    tell('no-chunk-header', 0)
    return nothingKnown(chunk)
  }
  if (chunk.length < RECORDS_START) {
    tell('cut-short', chunk.length)
    return nothingKnown(chunk)
  }
  const free = chunk.readUInt32LE(48)
  const trusted = isHeaderIntact(chunk)
  if (!trusted) tell('chunk-header-checksum', 0)
  const fits = free >= RECORDS_START && free <= chunk.length
  if (!fits)
    tell(free > chunk.length && free <= CHUNK_BYTES ? 'cut-short' : 'free-space-offset', chunk.length)
  else if (!areRecordsIntact(chunk, free)) tell('chunk-data-checksum', RECORDS_START)
  return { end: trusted && fits ? free : chunk.length, free, trusted }
}

/** Reads chunks of EVTX files (libevtx, "Windows XML Event Log (EVTX) format"; [MS-EVEN6] for the binary XML). */
export class ChunkReader {
  readonly #definitions: DefinitionCache | undefined
  #binaryXml: BinaryXml | undefined
  /** Of the chunk at hand: the highest id, and how many records stand in it, readable or not. */
  #lastId = -1
  #seen = 0

  /** @param definitions templates that came before; default: in all files */
  constructor(definitions?: DefinitionCache) {
    this.#definitions = definitions
  }

  /**
   * Adds the records of a chunk, which may have been cut short or overwritten, and what is wrong with it. A wrong checksum
   * is told and the records are read all the same; where no record stands though one should, the next one is searched.
   *
   * @param base bytes from where offsets are counted to the chunk
   * @param intact what `isIntact` says of it
   */
  read(chunk: Buffer, base: number, intact: boolean, into: Gathered): void {
    const told = into.unreadable.length
    const extent = intact
      ? { end: chunk.readUInt32LE(48), free: 0, trusted: true }
      : examine(chunk, base, into)
    this.#binaryXml ??= new BinaryXml(chunk, this.#definitions)
    this.#binaryXml.useChunk(chunk)
    this.#lastId = -1
    this.#seen = 0
    const end = this.#records(chunk, base, RECORDS_START, extent, into)
    if (this.#continues(chunk, end)) {
      // The file was copied while it was written: its header is older than its records.
      into.unreadable.push({ offset: base + end, reason: 'free-space-offset' })
      this.#records(chunk, base, end, nothingKnown(chunk), into)
    }
    if (!extent.trusted || into.unreadable.length > told) return
    // A record that swallows its neighbours, with checksums made for it, is given away by the count.
    const announced = recordId(chunk, 16) - recordId(chunk, 8) + 1
    if (this.#seen > 0 && this.#seen < announced && announced <= CHUNK_BYTES / RECORD_FRAME)
      into.unreadable.push({ offset: base + RECORDS_START, reason: 'records-missing' })
  }

  /** Whether the record that would come next stands where the last one ends. */
  #continues(chunk: Buffer, at: number): boolean {
    if (this.#lastId < 0 || at + RECORD_FRAME > chunk.length) return false
    if (chunk.readUInt32LE(at) !== 0x2a2a || recordId(chunk, at + 8) !== this.#lastId + 1) return false
    const size = chunk.readUInt32LE(at + 4)
    return size >= RECORD_FRAME && at + size <= chunk.length && chunk.readUInt32LE(at + size - 4) === size
  }

  /** Returns where it stopped. */
  #records(chunk: Buffer, base: number, start: number, extent: Extent, into: Gathered): number {
    const { end, free, trusted } = extent
    let at = start
    while (at + RECORD_FRAME <= end) {
      // Behind the last record lies what earlier records have left.
      if (!trusted && at === free) return at
      if (chunk.readUInt32LE(at) !== 0x2a2a) {
        const next = this.#next(chunk, at, end)
        // A header that cannot be believed does not say where the records end.
        if (trusted || next !== undefined) into.unreadable.push({ offset: base + at, reason: 'no-record' })
        if (next === undefined) return chunk.length
        at = next
        continue
      }
      const size = chunk.readUInt32LE(at + 4)
      const fits = size >= RECORD_FRAME && at + size <= end
      const closed = fits && chunk.readUInt32LE(at + size - 4) === size
      const id = recordId(chunk, at + 8)
      if (!closed) into.unreadable.push({ offset: base + at, reason: 'record-size' })
      if (closed || this.#isFollowed(chunk, at, size, fits, end)) {
        // In free space lie records of an earlier turn of the log, whose ids are lower.
        const last = this.#lastId
        if (trusted || id > last) this.#record(chunk, base, at, at + size - 4, id, into)
        if (id > last && (last < 0 || id < last + LARGEST_STEP)) this.#lastId = id
        this.#seen += 1
        at += size
      } else at = this.#next(chunk, at + 4, end) ?? end
    }
    if (trusted && at < end) into.unreadable.push({ offset: base + at, reason: 'no-record' })
    return at
  }

  /** Whether the size of a record is right although its repetition at the end is not: there the next record begins. */
  #isFollowed(chunk: Buffer, at: number, size: number, fits: boolean, end: number): boolean {
    if (!fits) return false
    return at + size === end || (at + size + 4 <= end && chunk.readUInt32LE(at + size) === 0x2a2a)
  }

  #record(chunk: Buffer, base: number, at: number, end: number, id: number, into: Gathered): void {
    try {
      const record = this.#binaryXml?.record(at + RECORD_HEADER, end)
      if (record === undefined) return
      into.records.push(record)
      // An exported log counts its records anew; the event keeps its number.
      const { EventRecordID: number } = record
      into.numbers.push(typeof number === 'number' ? number : id)
      into.sources.push(windows)
    } catch (error) {
      if (!(error instanceof Damage)) throw error
      into.unreadable.push({ offset: base + at, reason: error.reason })
    }
  }

  #next(chunk: Buffer, from: number, end: number): number | undefined {
    const at = chunk.indexOf(RECORD_MAGIC, from)
    return at < 0 || at + RECORD_FRAME > end ? undefined : at
  }
}
