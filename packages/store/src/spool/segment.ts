import { crc32 } from 'node:zlib'
import type { Gap } from '@vedette/model'
import { HEADER_BYTES, headerAt, payloadOf, recordLength, trailerAt, type RecordHeader } from './record.ts'

/** A segment starts with: mark, 4 bytes; CRC-32 of the rest, 4; events before it in the life of the spool, 8. */
export const SEGMENT_HEADER_BYTES = 16
const SEGMENT = 0x56_53_01_53

export function segmentHeader(eventsBefore: number): Buffer {
  const header = Buffer.alloc(SEGMENT_HEADER_BYTES)
  header.writeUInt32BE(SEGMENT, 0)
  header.writeBigUInt64BE(BigInt(eventsBefore), 8)
  header.writeUInt32BE(crc32(header.subarray(8)), 4)
  return header
}

export interface FoundRecord {
  readonly offset: number
  readonly header: RecordHeader
}

/** What a segment holds. */
export interface SegmentScan {
  /** Whole and undamaged, in order. */
  readonly records: readonly FoundRecord[]
  /** Events before the segment; left out when its header is damaged. */
  readonly eventsBefore: number | undefined
  /** Events of the spool's life up to the end of the segment, as far as it can be read. */
  readonly eventsAfter: number
  /** Events of records that are damaged or cut. */
  readonly lostEvents: number
  /** Where the last whole record ends: what follows was cut off by a crash, or is damaged. */
  readonly end: number
}

/**
 * Reads a segment, whatever state it is in, in one pass. After a damaged stretch it goes on at the next header (or end of
 * a record) whose checksum is right; how many events lay between is known from the counts on both sides.
 *
 * @param eventsBefore where the segment before it ended, for one whose own header is damaged
 */
export function scanSegment(bytes: Buffer, eventsBefore?: number): SegmentScan {
  const own = readSegmentHeader(bytes)
  const records: FoundRecord[] = []
  let total = own ?? eventsBefore
  let lostEvents = 0
  let offset = own === undefined ? 0 : SEGMENT_HEADER_BYTES
  let end = Math.min(offset, bytes.length)

  /** A stretch that ends with `before` events of the spool's life behind it. */
  const reached = (before: number) => {
    if (total !== undefined && before > total) lostEvents += before - total
    total = Math.max(total ?? before, before)
  }

  while (offset + HEADER_BYTES <= bytes.length) {
    const header = headerAt(bytes, offset)
    if (header !== undefined) {
      reached(header.eventsBefore)
      const next = offset + recordLength(header)
      const isWhole = next <= bytes.length && trailerAt(bytes, next - HEADER_BYTES) !== undefined
      if (payloadOf(bytes.subarray(offset), header) === undefined) {
        reached(header.eventsBefore + header.events)
        offset = isWhole ? next : offset + HEADER_BYTES
        continue
      }
      records.push({ offset, header })
      total = header.eventsBefore + header.events
      offset += HEADER_BYTES + header.payloadBytes
      if (isWhole) offset = next
      end = Math.min(offset, bytes.length)
      continue
    }
    const trailer = trailerAt(bytes, offset)
    if (trailer !== undefined) {
      reached(trailer.eventsBefore + trailer.events)
      offset += HEADER_BYTES
      end = offset
      continue
    }
    offset += 1
  }
  return { records, eventsBefore: own, eventsAfter: total ?? 0, lostEvents, end }
}

/**
 * What is missing of a segment, under a name that stays the same while it is there: of which runs it was is not known.
 */
export function damageIn(bytes: Buffer, number: number, events: number): Gap {
  const name = crc32(bytes.subarray(0, SEGMENT_HEADER_BYTES + HEADER_BYTES))
  const run = `ffffffff${name.toString(16).padStart(8, '0')}`
  return { run, from: number, to: number, batches: 0, events }
}

function readSegmentHeader(bytes: Buffer): number | undefined {
  if (bytes.length < SEGMENT_HEADER_BYTES || bytes.readUInt32BE(0) !== SEGMENT) return undefined
  if (crc32(bytes.subarray(8, SEGMENT_HEADER_BYTES)) !== bytes.readUInt32BE(4)) return undefined
  return Number(bytes.readBigUInt64BE(8))
}
