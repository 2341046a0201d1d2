import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import type { Event } from '../event/index.ts'
import { type EventBatch, MAX_BATCH_EVENTS } from './batch.ts'

/**
 * A batch as version 2 sends it, one binary WebSocket message: a header and the events as a JSON array packed by Zstandard
 * (RFC 8878). Numbers are big-endian.
 *
 *     0  kind, 1 byte: 1, a batch     12  sequence, 8
 *     1  0, 3 bytes                   20  events, 4
 *     4  run, 8                       24  bytes of the JSON, 4
 */
export const FRAME_HEADER_BYTES = 28
const BATCH = 1
/** Most bytes of the JSON of a batch. */
export const MAX_BATCH_BYTES = 32 << 20

/** A batch whose events are a JSON array packed by Zstandard: as it lies on disk and goes over the line. */
export interface PackedBatch {
  readonly run: string
  readonly sequence: number
  /** Of its events. */
  readonly count: number
  readonly packed: Buffer
  /** Bytes of the JSON. */
  readonly plainBytes: number
}

/** Packing is what costs an agent most, and the disk and the line want the same. */
const packedBefore = new WeakMap<EventBatch, PackedBatch>()

/** Packs a batch; the second time it is what the first gave. */
export function packBatch(batch: EventBatch): PackedBatch {
  const before = packedBefore.get(batch)
  if (before !== undefined) return before
  const { run, sequence, events } = batch
  const result = packText({ run, sequence, count: events.length }, JSON.stringify(events))
  packedBefore.set(batch, result)
  return result
}

/** The same of events that are written as a JSON array already. */
export function packText(name: Pick<PackedBatch, 'run' | 'sequence' | 'count'>, events: string): PackedBatch {
  const plain = Buffer.from(events)
  const packed = zstdCompressSync(plain, {
    // Without its size the compressor takes memory for a stream of any length.
    pledgedSrcSize: plain.length,
    params: { [constants.ZSTD_c_compressionLevel]: 1 },
  })
  return { ...name, packed, plainBytes: plain.length }
}

/**
 * Its events, which are not looked at.
 *
 * @throws {SyntaxError} when they are no JSON
 */
export function unpackBatch({ run, sequence, packed, plainBytes }: PackedBatch): EventBatch {
  const plain = zstdDecompressSync(packed, { maxOutputLength: Math.max(1, plainBytes) })
  return { run, sequence, events: JSON.parse(plain.toString('utf8')) as Event[] }
}

export function batchFrame({ run, sequence, count, packed, plainBytes }: PackedBatch): Buffer {
  const header = Buffer.alloc(FRAME_HEADER_BYTES)
  header.writeUInt8(BATCH, 0)
  header.write(run.padStart(16, '0'), 4, 8, 'hex')
  header.writeBigUInt64BE(BigInt(sequence), 12)
  header.writeUInt32BE(count, 20)
  header.writeUInt32BE(plainBytes, 24)
  return Buffer.concat([header, packed])
}

/** At the end of a buffer, so that it is never quite full. */
const ROOM_BYTES = 64
/** More than any buffer that is shared with others. */
const LARGE_BYTES = 256 << 10

function giveBack(memory: ArrayBufferLike): void {
  if (memory instanceof ArrayBuffer) memory.transfer(0)
}

/** What a binary frame turned out to be; its events are not looked at yet. */
export type DecodedFrame =
  | { readonly ok: true; readonly batch: EventBatch; readonly plainBytes: number }
  /** `name` is left out where not even that can be read. */
  | { readonly ok: false; readonly name?: Pick<EventBatch, 'run' | 'sequence'>; readonly reason: string }

/**
 * Reads a frame of whatever bytes. It takes no more memory than the header tells, and that is bounded. Never throws.
 */
export function decodeBatchFrame(bytes: Buffer): DecodedFrame {
  if (bytes.length < FRAME_HEADER_BYTES || bytes.readUInt32BE(0) !== BATCH << 24)
    return { ok: false, reason: 'not a frame of this protocol' }
  const sequence = Number(bytes.readBigUInt64BE(12))
  if (!Number.isSafeInteger(sequence)) return { ok: false, reason: 'a sequence beyond 2^53' }
  const name = { run: bytes.toString('hex', 4, 12), sequence }
  const refuse = (reason: string): DecodedFrame => ({ ok: false, name, reason })
  const count = bytes.readUInt32BE(20)
  const plainBytes = bytes.readUInt32BE(24)
  if (count > MAX_BATCH_EVENTS) return refuse(`more than ${MAX_BATCH_EVENTS} events`)
  if (plainBytes > MAX_BATCH_BYTES) return refuse(`more than ${MAX_BATCH_BYTES} bytes of events`)
  let events: unknown
  try {
    const chunkSize = plainBytes + ROOM_BYTES
    const plain = zstdDecompressSync(bytes.subarray(FRAME_HEADER_BYTES), {
      maxOutputLength: Math.max(1, plainBytes),
      // In one piece: one that is full is followed by another.
      chunkSize,
    })
    if (plain.length !== plainBytes) return refuse('another length than its header tells')
    events = JSON.parse(plain.toString('utf8'))
    // Megabytes outside of the heap that wait for a collection bring it about, again and again.
    if (chunkSize > LARGE_BYTES && plain.buffer.byteLength === chunkSize) giveBack(plain.buffer)
  } catch {
    return refuse('its events cannot be unpacked')
  }
  if (!Array.isArray(events) || events.length !== count) return refuse('other events than its header tells')
  return { ok: true, batch: { ...name, events: events as Event[] }, plainBytes }
}
