import { Buffer } from 'node:buffer'
import { crc32 } from 'node:zlib'
import type { DefinitionCache } from './definition-cache.ts'
import type { RecordBatch, RecordReader } from '../record-format.ts'
import { CHUNK_BYTES, CHUNK_MAGIC, ChunkReader, type Gathered, isIntact, nothingGathered } from './chunk.ts'

/** `ElfFile`, with which a file begins. */
export const FILE_MAGIC = Buffer.from('ElfFile\0', 'latin1')
export const FILE_HEADER_BYTES = 4096

const zeros = Buffer.alloc(CHUNK_BYTES)

function startsWith(bytes: Buffer, magic: Buffer): boolean {
  return bytes.length >= magic.length && bytes.compare(magic, 0, magic.length, 0, magic.length) === 0
}

/**
 * Reads an EVTX file, or a part of one that begins with a chunk. Takes pieces of any size; copies only what is left of a
 * chunk between two of them.
 */
export class EvtxReader implements RecordReader {
  readonly #chunks: ChunkReader
  /** Less than a chunk. */
  #rest: Buffer = Buffer.alloc(0)
  /** Bytes before `#rest`. */
  #offset = 0

  /** @param definitions templates that came before; default: in all files */
  constructor(definitions?: DefinitionCache) {
    this.#chunks = new ChunkReader(definitions)
  }

  push(bytes: Uint8Array): RecordBatch {
    const added = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const all = this.#rest.length === 0 ? added : Buffer.concat([this.#rest, added])
    const gathered = nothingGathered()
    let at = 0
    while (all.length - at >= CHUNK_BYTES) at += this.#part(all.subarray(at, at + CHUNK_BYTES), at, gathered)
    this.#rest = Buffer.from(all.subarray(at))
    this.#offset += at
    return gathered
  }

  end(): RecordBatch {
    const gathered = nothingGathered()
    let at = 0
    while (at < this.#rest.length) at += this.#part(this.#rest.subarray(at), at, gathered)
    this.#offset += at
    this.#rest = Buffer.alloc(0)
    return gathered
  }

  /** Returns how much of it was read: all, or up to what begins inside it. */
  #part(part: Buffer, at: number, into: Gathered): number {
    const base = this.#offset + at
    if (startsWith(part, FILE_MAGIC)) return this.#fileHeader(part, base, into)
    if (!startsWith(part, CHUNK_MAGIC) && part.compare(zeros, 0, part.length) === 0) return part.length
    const intact = isIntact(part)
    const length = intact ? part.length : this.#partLength(part)
    this.#chunks.read(part.subarray(0, length), base, intact, into)
    return length
  }

  /** Where bytes were lost or put in, chunks no longer stand on their grid: one begins inside the part. */
  #partLength(part: Buffer): number {
    let length = part.length
    for (const magic of [CHUNK_MAGIC, FILE_MAGIC]) {
      // Not beyond what was found: where magics follow each other closely, the whole part would be searched for each.
      const at = part.subarray(0, length).indexOf(magic, 1)
      if (at > 0) length = at
    }
    return length
  }

  #fileHeader(part: Buffer, base: number, into: Gathered): number {
    const length = Math.min(FILE_HEADER_BYTES, part.length)
    if (length < FILE_HEADER_BYTES) into.unreadable.push({ offset: base + length, reason: 'cut-short' })
    else if (crc32(part.subarray(0, 120)) !== part.readUInt32LE(124))
      into.unreadable.push({ offset: base, reason: 'file-header-checksum' })
    return length
  }
}
