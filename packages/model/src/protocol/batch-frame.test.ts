import { zstdCompressSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import type { EventBatch } from './batch.ts'
import {
  batchFrame,
  decodeBatchFrame,
  FRAME_HEADER_BYTES,
  MAX_BATCH_BYTES,
  packBatch,
  unpackBatch,
} from './batch-frame.ts'
import { recordedV1 } from './testing/recorded-v1.ts'

const batches = recordedV1().flatMap(({ message }) => (message.type === 'batch' ? [message.batch] : []))
const sample = batches[0] as EventBatch

/** A frame whose header and content need not agree. */
function forged(header: { readonly count: number; readonly plainBytes: number }, plain: Buffer): Buffer {
  const bytes = batchFrame(packBatch(sample))
  const head = Buffer.from(bytes.subarray(0, FRAME_HEADER_BYTES))
  head.writeUInt32BE(header.count, 20)
  head.writeUInt32BE(header.plainBytes, 24)
  return Buffer.concat([head, zstdCompressSync(plain)])
}

describe('a batch frame', () => {
  test.each(batches)('brings back batch $sequence', (batch) => {
    const packed = packBatch(batch)
    expect(unpackBatch(packed)).toEqual(batch)
    expect(packBatch(batch)).toBe(packed)
    const { plainBytes } = packed
    expect(decodeBatchFrame(batchFrame(packed))).toEqual({ ok: true, batch, plainBytes })
  })

  test('that swells to more than it says is named and refused', () => {
    const bomb = Buffer.alloc(64 << 20, ' ')
    const { run, sequence } = sample
    const refused = { ok: false, name: { run, sequence } }
    expect(decodeBatchFrame(forged({ count: 1, plainBytes: 100 }, bomb))).toMatchObject(refused)
    expect(decodeBatchFrame(forged({ count: 1, plainBytes: MAX_BATCH_BYTES }, bomb))).toMatchObject(refused)
    expect(decodeBatchFrame(forged({ count: 1, plainBytes: MAX_BATCH_BYTES + 1 }, bomb))).toMatchObject({
      ...refused,
      reason: expect.stringContaining('more than'),
    })
  })

  test('with other events than it says is refused', () => {
    const two = Buffer.from('[1,2]')
    expect(decodeBatchFrame(forged({ count: 2, plainBytes: 5 }, two)).ok).toBe(true)
    expect(decodeBatchFrame(forged({ count: 1, plainBytes: 5 }, two)).ok).toBe(false)
    expect(decodeBatchFrame(forged({ count: 2, plainBytes: 6 }, two)).ok).toBe(false)
    expect(decodeBatchFrame(forged({ count: 5001, plainBytes: 5 }, two)).ok).toBe(false)
    expect(decodeBatchFrame(forged({ count: 0, plainBytes: 2 }, Buffer.from('{}'))).ok).toBe(false)
  })

  test('that is cut or has a byte changed, anywhere, is a value and no exception', () => {
    const bytes = batchFrame(packBatch(sample))
    for (let offset = 0; offset < bytes.length; offset += 1) {
      const changed = Buffer.from(bytes)
      changed.writeUInt8(changed.readUInt8(offset) ^ 0x55, offset)
      expect(typeof decodeBatchFrame(changed).ok).toBe('boolean')
      expect(decodeBatchFrame(bytes.subarray(0, offset)).ok).toBe(false)
    }
  })
})
