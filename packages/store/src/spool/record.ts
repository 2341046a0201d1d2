import { constants, crc32, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import type { EventBatch } from '@vedette/model'

/**
 * A record of the spool: a header, the batch as JSON (packed by Zstandard where that helps), and the header once more.
 * Both headers have a checksum of their own and count the events before them, so that what a damaged stretch held is
 * known from what stands on either side of it. Numbers are big-endian.
 *
 *     0  mark, 4 bytes       16  events before, 8         40  run, 8
 *     4  CRC-32 of the rest  24  events, 4                48  sequence, 8
 *     8  length of payload   28  packing, 4 (0, 1 zstd)
 *    12  CRC-32 of payload   32  records before, 8
 *
 * The marks hold a byte that JSON text never holds, so no attacker's text looks like a record.
 */
export const HEADER_BYTES = 56
const HEAD = 0x56_53_01_48
const TAIL = 0x56_53_01_54

const PACK_FROM_BYTES = 512
const MAX_BATCH_BYTES = 256 * 1024 * 1024

export interface RecordHeader {
  readonly run: string
  readonly sequence: number
  readonly events: number
  readonly eventsBefore: number
  readonly payloadBytes: number
  readonly payloadCrc: number
  readonly packed: boolean
}

/** A batch as it will lie on disk, but for the place that it gets. */
export interface EncodedBatch {
  readonly payload: Buffer
  readonly packed: boolean
  /** Length of the JSON text. */
  readonly plainBytes: number
}

export function encodeBatch(batch: EventBatch): EncodedBatch {
  const plain = Buffer.from(JSON.stringify(batch))
  if (plain.length < PACK_FROM_BYTES) return { payload: plain, packed: false, plainBytes: plain.length }
  const payload = zstdCompressSync(plain, { params: { [constants.ZSTD_c_compressionLevel]: 1 } })
  return { payload, packed: true, plainBytes: plain.length }
}

/** Header, payload, header: the bytes of a record. */
export function recordBytes(
  batch: EventBatch,
  { payload, packed }: EncodedBatch,
  eventsBefore: number,
): Buffer {
  const header = Buffer.alloc(HEADER_BYTES)
  header.writeUInt32BE(HEAD, 0)
  header.writeUInt32BE(payload.length, 8)
  header.writeUInt32BE(crc32(payload), 12)
  header.writeBigUInt64BE(BigInt(eventsBefore), 16)
  header.writeUInt32BE(batch.events.length, 24)
  header.writeUInt32BE(packed ? 1 : 0, 28)
  header.write(batch.run.padStart(16, '0'), 40, 8, 'hex')
  header.writeBigUInt64BE(BigInt(batch.sequence), 48)
  const trailer = Buffer.from(header)
  trailer.writeUInt32BE(TAIL, 0)
  for (const end of [header, trailer]) end.writeUInt32BE(crc32(end.subarray(8)), 4)
  return Buffer.concat([header, payload, trailer])
}

export function recordLength(header: RecordHeader): number {
  return HEADER_BYTES + header.payloadBytes + HEADER_BYTES
}

/** The header that stands at `offset`, or nothing when none does, or a damaged one. */
export function headerAt(bytes: Buffer, offset: number): RecordHeader | undefined {
  return readHeader(bytes, offset, HEAD)
}

/** The header at the end of a record, that stands at `offset`. */
export function trailerAt(bytes: Buffer, offset: number): RecordHeader | undefined {
  return readHeader(bytes, offset, TAIL)
}

function readHeader(bytes: Buffer, offset: number, mark: number): RecordHeader | undefined {
  if (offset + HEADER_BYTES > bytes.length || bytes.readUInt32BE(offset) !== mark) return undefined
  const header = bytes.subarray(offset, offset + HEADER_BYTES)
  if (crc32(header.subarray(8)) !== header.readUInt32BE(4)) return undefined
  return {
    run: header.toString('hex', 40, 48),
    sequence: Number(header.readBigUInt64BE(48)),
    events: header.readUInt32BE(24),
    eventsBefore: Number(header.readBigUInt64BE(16)),
    payloadBytes: header.readUInt32BE(8),
    payloadCrc: header.readUInt32BE(12),
    packed: header.readUInt32BE(28) === 1,
  }
}

/** The payload of the record at the start of `record`, or nothing when it is cut or damaged. */
export function payloadOf(record: Buffer, header: RecordHeader): Buffer | undefined {
  if (record.length < HEADER_BYTES + header.payloadBytes) return undefined
  const payload = record.subarray(HEADER_BYTES, HEADER_BYTES + header.payloadBytes)
  return crc32(payload) === header.payloadCrc ? payload : undefined
}

/** The batch of a payload whose checksum was right; nothing when it is none all the same, as one written wrongly. */
export function decodeBatch(payload: Buffer, header: RecordHeader): EventBatch | undefined {
  try {
    const plain = header.packed ? zstdDecompressSync(payload, { maxOutputLength: MAX_BATCH_BYTES }) : payload
    return JSON.parse(plain.toString('utf8')) as EventBatch
  } catch {
    return undefined
  }
}
