import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseProcMessage } from './proc-event.ts'

/** A datagram as the kernel lays it out. */
function message(what: number, processor: number, sequence: number, data: readonly number[]): Buffer {
  const bytes = Buffer.alloc(76)
  bytes.writeUInt32LE(76, 0)
  bytes.writeUInt32LE(1, 16)
  bytes.writeUInt32LE(1, 20)
  bytes.writeUInt32LE(sequence, 24)
  bytes.writeUInt32LE(what, 36)
  bytes.writeUInt32LE(processor, 40)
  bytes.writeBigUInt64LE(123_456_789n, 44)
  data.forEach((value, i) => bytes.writeUInt32LE(value, 52 + i * 4))
  return bytes
}

describe('parseProcMessage()', () => {
  test('fork, exec and exit of a process', () => {
    expect(parseProcMessage(message(1, 3, 9, [10, 10, 20, 20]))).toEqual({
      processor: 3,
      sequence: 9,
      event: { type: 'fork', timeNs: 123_456_789, pid: 20, parent: 10 },
    })
    expect(parseProcMessage(message(2, 0, 10, [20, 20]))?.event).toMatchObject({ type: 'exec', pid: 20 })
    expect(parseProcMessage(message(0x8000_0000, 0, 11, [20, 20, 0x0100, 17]))?.event).toMatchObject({
      type: 'exit',
      pid: 20,
      status: 256,
    })
  })

  test('what concerns one thread has its number in the count but is no event', () => {
    const born = parseProcMessage(message(1, 0, 5, [10, 10, 21, 20]))
    expect(born).toEqual({ processor: 0, sequence: 5 })
    expect(parseProcMessage(message(0x8000_0000, 0, 6, [21, 20, 0, 0]))).toEqual({
      processor: 0,
      sequence: 6,
    })
    expect(parseProcMessage(message(0x200, 0, 7, [20, 20]))).toEqual({ processor: 0, sequence: 7 })
  })

  test('an acknowledgement is none of them', () => {
    expect(parseProcMessage(message(0, 0xffff_ffff, 1, [0]))).toBeUndefined()
  })

  test('any bytes give an answer', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 128 }), (bytes) => {
        parseProcMessage(Buffer.from(bytes))
      }),
    )
  })
})
