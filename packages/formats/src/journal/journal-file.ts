import { zstdDecompressSync } from 'node:zlib'
import { decompressLz4Block } from './lz4-block.ts'

/**
 * Files of the systemd journal ("Journal File Format", systemd.io; systemd 187 to 257): regular and compact, with data
 * objects as they are or compressed by Zstandard or LZ4, whole, being written, archived or left open by a crash.
 */

/** Reads `length` bytes at `offset`; fewer where the file ends before. */
export type ReadJournal = (offset: number, length: number) => Uint8Array

export interface JournalEntry {
  /** Counted from 0 in the order of the file. */
  readonly index: number
  readonly offset: number
  /** Microseconds since the epoch. */
  readonly realtimeUs: number
  readonly monotonicUs: number
  readonly sequence: number
  /** 32 hex digits. */
  readonly bootId: string
  /** By name; of one that is set more than once, the last value. Faulty UTF-8 becomes U+FFFD. */
  readonly fields: Readonly<Record<string, string>>
  /** Why one of its fields, or more, could not be read. */
  readonly fault?: string
}

export interface JournalFault {
  readonly offset: number
  /** Stable, kebab-case. */
  readonly reason: string
}

export interface JournalRead {
  readonly entries: readonly JournalEntry[]
  readonly faults: readonly JournalFault[]
  /** The index to go on from. */
  readonly next: number
  /** Whether there are more entries by now. */
  readonly more: boolean
}

const SIGNATURE = 'LPKSHHRH'
const HEADER_BYTES = 208
const OBJECT_HEADER_BYTES = 16
const COMPACT = 16
/** XZ, LZ4, keyed hash, Zstandard, compact: what else is set means something that is not known here. */
const KNOWN_FLAGS = 31
const [DATA, ENTRY, ENTRY_ARRAY] = [1, 3, 6]
const [XZ, LZ4, ZSTD] = [1, 2, 4]
/** Of one field and of one entry. */
const MAX_FIELD_BYTES = 65_536
const MAX_ENTRY_CHARACTERS = 131_072
const MAX_ENTRY_FIELDS = 1024
/** Compressed data and what it may become: journald keeps larger fields out (`DATA_SIZE_MAX`) or in core dumps. */
const MAX_STORED_BYTES = 4_194_304
/** Texts of data objects that are remembered: most entries share most of theirs. */
const MAX_KNOWN = 4096
const LONGEST_KNOWN = 512
const ARCHIVED = 2

type DataText = { readonly name: string; readonly value: string } | { readonly fault: string }

interface ArrayPlace {
  /** Index of its first entry. */
  readonly first: number
  readonly offset: number
}

/** Reads the entries of one file, which may grow meanwhile. Nothing in it is trusted; never throws for what it holds. */
export class JournalFile {
  /** 32 hex digits: the file keeps it when it is renamed. */
  readonly id: string
  readonly machineId: string
  readonly #read: ReadJournal
  readonly #compact: boolean
  readonly #firstArray: number
  readonly #known = new Map<number, DataText>()
  #entries = 0
  #archived = false
  /** The array that was read last: the next entries are there, or behind it. */
  #place: ArrayPlace

  /** The file, or why it cannot be read: `not-a-journal`, `unknown-flags`, `too-short`. */
  static open(read: ReadJournal): JournalFile | string {
    const header = read(0, HEADER_BYTES)
    if (header.length < HEADER_BYTES) return 'too-short'
    const bytes = asBuffer(header)
    if (bytes.toString('latin1', 0, 8) !== SIGNATURE) return 'not-a-journal'
    const flags = bytes.readUInt32LE(12)
    if ((flags & ~KNOWN_FLAGS) !== 0) return 'unknown-flags'
    return new JournalFile(read, bytes, (flags & COMPACT) !== 0)
  }

  private constructor(read: ReadJournal, header: Buffer, compact: boolean) {
    this.#read = read
    this.#compact = compact
    this.id = header.toString('hex', 24, 40)
    this.machineId = header.toString('hex', 40, 56)
    this.#firstArray = number64(header, 176)
    this.#place = { first: 0, offset: this.#firstArray }
    this.refresh()
  }

  /** Entries at the last `refresh`. */
  get entries(): number {
    return this.#entries
  }

  /** Nothing is written to it any more. */
  get isArchived(): boolean {
    return this.#archived
  }

  /** Looks how many entries there are now. */
  refresh(): void {
    const header = asBuffer(this.#read(0, HEADER_BYTES))
    if (header.length < HEADER_BYTES) return
    this.#archived = header[16] === ARCHIVED
    this.#entries = number64(header, 152)
    // A file to which nothing was written yet gets its first array later.
    if (this.#place.offset === 0) this.#place = { first: 0, offset: number64(header, 176) }
  }

  /** The entries from `index` on, at most `most`. One that is damaged is a fault, and the ones behind it are read. */
  readFrom(index: number, most: number): JournalRead {
    const entries: JournalEntry[] = []
    const faults: JournalFault[] = []
    let next = index
    if (index < this.#place.first) this.#place = { first: 0, offset: this.#firstArray }
    const itemBytes = this.#compact ? 4 : 8
    let visited = 0
    while (next < this.#entries && entries.length + faults.length < most) {
      const { first, offset } = this.#place
      const object = this.#object(offset, ENTRY_ARRAY)
      if (object === undefined || (visited += 1) > 100_000) {
        faults.push({ offset, reason: 'damaged-entry-array' })
        // Nothing leads to the entries behind it.
        return { entries, faults, next: this.#entries, more: false }
      }
      const count = Math.floor((object.size - 24) / itemBytes)
      if (count <= 0 || next >= first + count) {
        const following = number64(asBuffer(this.#read(offset + 16, 8)), 0)
        if (following <= offset) {
          if (following !== 0 || count <= 0) {
            faults.push({ offset, reason: 'damaged-entry-array' })
            return { entries, faults, next: this.#entries, more: false }
          }
          // The next array is not linked yet.
          return { entries, faults, next, more: false }
        }
        this.#place = { first: first + Math.max(count, 0), offset: following }
        continue
      }
      const wanted =
        Math.min(first + count, this.#entries, next + most - entries.length - faults.length) - next
      const items = asBuffer(this.#read(offset + 24 + (next - first) * itemBytes, wanted * itemBytes))
      for (let i = 0; i + itemBytes <= items.length; i += itemBytes) {
        const at = this.#compact ? items.readUInt32LE(i) : number64(items, i)
        // Room that was made for entries to come.
        if (at === 0) return { entries, faults, next, more: false }
        const entry = this.#entry(at, next)
        if (typeof entry === 'string') faults.push({ offset: at, reason: entry })
        else entries.push(entry)
        next += 1
      }
      if (items.length < wanted * itemBytes) {
        faults.push({ offset, reason: 'truncated' })
        return { entries, faults, next: this.#entries, more: false }
      }
    }
    return { entries, faults, next, more: next < this.#entries }
  }

  #object(offset: number, type: number): { readonly size: number; readonly flags: number } | undefined {
    if (offset < HEADER_BYTES || offset % 8 !== 0) return undefined
    const header = asBuffer(this.#read(offset, OBJECT_HEADER_BYTES))
    if (header.length < OBJECT_HEADER_BYTES || header[0] !== type) return undefined
    const size = number64(header, 8)
    return size < OBJECT_HEADER_BYTES ? undefined : { size, flags: header[1] ?? 0 }
  }

  #entry(offset: number, index: number): JournalEntry | string {
    const object = this.#object(offset, ENTRY)
    if (object === undefined || object.size < 64) return 'damaged-entry'
    const itemBytes = this.#compact ? 4 : 16
    const count = Math.floor((object.size - 64) / itemBytes)
    if (count > MAX_ENTRY_FIELDS) return 'too-many-fields'
    const bytes = asBuffer(this.#read(offset, 64 + count * itemBytes))
    if (bytes.length < 64 + count * itemBytes) return 'truncated'
    const fields: Record<string, string> = {}
    let characters = 0
    let fault: string | undefined
    for (let at = 64; at < bytes.length; at += itemBytes) {
      const place = this.#compact ? bytes.readUInt32LE(at) : number64(bytes, at)
      const data = this.#data(place)
      if ('fault' in data) {
        fault = data.fault
        continue
      }
      characters += data.name.length + data.value.length
      if (characters > MAX_ENTRY_CHARACTERS) return 'entry-too-large'
      fields[data.name] = data.value
    }
    return {
      index,
      offset,
      sequence: number64(bytes, 16),
      realtimeUs: number64(bytes, 24),
      monotonicUs: number64(bytes, 32),
      bootId: bytes.toString('hex', 40, 56),
      fields,
      ...(fault !== undefined && { fault }),
    }
  }

  #data(offset: number): DataText {
    const known = this.#known.get(offset)
    if (known !== undefined) return known
    const data = this.#readData(offset)
    if ('fault' in data || data.value.length > LONGEST_KNOWN) return data
    if (this.#known.size >= MAX_KNOWN) this.#known.clear()
    this.#known.set(offset, data)
    return data
  }

  #readData(offset: number): DataText {
    const object = this.#object(offset, DATA)
    const start = this.#compact ? 72 : 64
    if (object === undefined || object.size < start) return { fault: 'damaged-data' }
    const size = object.size - start
    const compression = object.flags & (XZ | LZ4 | ZSTD)
    if (compression !== 0 && size > MAX_STORED_BYTES) return { fault: 'data-too-large' }
    const length = compression === 0 ? Math.min(size, MAX_FIELD_BYTES + 256) : size
    const stored = asBuffer(this.#read(offset + start, length))
    if (stored.length < length) return { fault: 'truncated' }
    const payload = decompressed(stored, compression)
    if (typeof payload === 'string') return { fault: payload }
    const equals = payload.subarray(0, 256).indexOf(0x3d)
    const name = equals < 0 ? '' : payload.toString('latin1', 0, equals)
    // The journal's own check of names (`journal_field_valid`).
    if (!/^[A-Z_][A-Z0-9_]{0,63}$/.test(name)) return { fault: 'damaged-data' }
    return { name, value: payload.toString('utf8', equals + 1, equals + 1 + MAX_FIELD_BYTES) }
  }
}

function decompressed(stored: Buffer, compression: number): Buffer | string {
  if (compression === 0) return stored
  if (compression === ZSTD) {
    try {
      return zstdDecompressSync(stored, { maxOutputLength: MAX_STORED_BYTES })
    } catch {
      return 'damaged-compression'
    }
  }
  if (compression === LZ4) {
    // Before the block stands the size of what it becomes.
    const size = stored.length < 8 ? Infinity : number64(stored, 0)
    if (size > MAX_STORED_BYTES) return 'data-too-large'
    return decompressLz4Block(stored.subarray(8), size) ?? 'damaged-compression'
  }
  return 'compressed-by-xz'
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** A 64-bit number; what no double holds exactly is no offset, count or time that can be meant, and becomes infinite. */
function number64(bytes: Buffer, at: number): number {
  if (at + 8 > bytes.length) return 0
  const high = bytes.readUInt32LE(at + 4)
  return high > 0x1f_ffff ? Infinity : high * 4_294_967_296 + bytes.readUInt32LE(at)
}
