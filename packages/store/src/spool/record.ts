import { crc32, zstdDecompressSync } from 'node:zlib'
import type { PackedBatch } from '@vedette/model/batch-frame'
import { KEY_ID_BYTES, type SealingKey } from '../keys/sealing-key.ts'
import type { SpoolKeys } from './spool-keys.ts'

/**
 * A record of the spool: a header, the events of the batch as a JSON array packed by Zstandard and sealed by the host's key
 * where there is one, and the header once more.
 * Both headers have a checksum of their own and count the events before them, so that what a damaged stretch held is
 * known from what stands on either side of it. Numbers are big-endian.
 *
 *     0  mark, 4 bytes       16  events before, 8                      40  run, 8
 *     4  CRC-32 of the rest  24  events, 4                             48  sequence, 8
 *     8  length of payload   28  packing, 4 (1, and 2 where it is sealed)
 *    12  CRC-32 of payload   32  id of the key, 8; 0 when not sealed
 *
 * What is sealed is bound to everything of its header from byte 24 on.
 *
 * The marks hold a byte that JSON text never holds, so no attacker's text looks like a record.
 */
export const HEADER_BYTES = 56
const HEAD = 0x56_53_01_48
const TAIL = 0x56_53_01_54
const PACKED = 1
const SEALED = 2
/** From here on the header is the same wherever the record lies. */
const ABOUT_FROM = 24

const MAX_BATCH_BYTES = 256 * 1024 * 1024

export interface RecordHeader {
  readonly run: string
  readonly sequence: number
  readonly events: number
  readonly eventsBefore: number
  readonly payloadBytes: number
  readonly payloadCrc: number
  /** Id of the key that it is sealed with. */
  readonly key: string | undefined
  /** What the seal covers besides the payload. */
  readonly about: Buffer
}

/** A batch as it will lie on disk, but for the place that it gets. */
export interface EncodedBatch {
  readonly payload: Buffer
  /** The header from byte 24 on. */
  readonly about: Buffer
}

export function encodeBatch({ run, sequence, count, packed }: PackedBatch, key?: SealingKey): EncodedBatch {
  const about = Buffer.alloc(HEADER_BYTES - ABOUT_FROM)
  about.writeUInt32BE(count, 24 - ABOUT_FROM)
  about.writeUInt32BE(PACKED | (key === undefined ? 0 : SEALED), 28 - ABOUT_FROM)
  if (key !== undefined) about.write(key.id, 32 - ABOUT_FROM, KEY_ID_BYTES, 'hex')
  about.write(run.padStart(16, '0'), 40 - ABOUT_FROM, 8, 'hex')
  about.writeBigUInt64BE(BigInt(sequence), 48 - ABOUT_FROM)
  return { payload: key?.seal(packed, about) ?? packed, about }
}

/** Header, payload, header: the bytes of a record. */
export function recordBytes({ payload, about }: EncodedBatch, eventsBefore: number): Buffer {
  const header = Buffer.alloc(HEADER_BYTES)
  header.writeUInt32BE(HEAD, 0)
  header.writeUInt32BE(payload.length, 8)
  header.writeUInt32BE(crc32(payload), 12)
  header.writeBigUInt64BE(BigInt(eventsBefore), 16)
  about.copy(header, ABOUT_FROM)
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
  const packing = header.readUInt32BE(28)
  return {
    run: header.toString('hex', 40, 48),
    sequence: Number(header.readBigUInt64BE(48)),
    events: header.readUInt32BE(24),
    eventsBefore: Number(header.readBigUInt64BE(16)),
    payloadBytes: header.readUInt32BE(8),
    payloadCrc: header.readUInt32BE(12),
    key: (packing & SEALED) === 0 ? undefined : header.toString('hex', 32, 32 + KEY_ID_BYTES),
    about: header.subarray(ABOUT_FROM),
  }
}

/** The payload of the record at the start of `record`, or nothing when it is cut or damaged. */
export function payloadOf(record: Buffer, header: RecordHeader): Buffer | undefined {
  if (record.length < HEADER_BYTES + header.payloadBytes) return undefined
  const payload = record.subarray(HEADER_BYTES, HEADER_BYTES + header.payloadBytes)
  return crc32(payload) === header.payloadCrc ? payload : undefined
}

/**
 * The batch of a payload whose checksum was right; nothing when it is none all the same: it was written wrongly, or somebody
 * changed what was sealed and the checksum with it.
 */
export function decodeBatch(
  payload: Buffer,
  header: RecordHeader,
  keys?: SpoolKeys,
): PackedBatch | undefined {
  try {
    const packed = header.key === undefined ? payload : keys?.find(header.key)?.open(payload, header.about)
    if (packed === undefined) return undefined
    const { run, sequence, events: count } = header
    const { length: plainBytes } = zstdDecompressSync(packed, { maxOutputLength: MAX_BATCH_BYTES })
    return { run, sequence, count, packed, plainBytes }
  } catch {
    return undefined
  }
}
