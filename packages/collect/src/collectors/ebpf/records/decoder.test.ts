import type { KernelRecord } from '@vedette/model'
import { describe, expect, test } from 'vitest'
import { kinds } from '../kinds.ts'
import { Chunk, head } from './chunk.ts'
import { Decoder } from './decoder.ts'
import { fileLayout } from './files.ts'
import { exitLayout, statDevice } from './processes.ts'
import { socketLayout } from './sockets.ts'

/** A chunk with one record of a type; `fill` writes its fields. */
function chunk(type: number, size: number, fill: (view: DataView) => void, flags = 0): Chunk {
  const padded = (8 + size + 7) & ~7
  const buffer = new ArrayBuffer(padded)
  const view = new DataView(buffer)
  view.setUint32(0, (size | flags) >>> 0, true)
  const record = new DataView(buffer, 8, size)
  record.setUint32(head.type * 4, type, true)
  fill(record)
  return new Chunk(new Uint8Array(buffer))
}

function decode(of: Chunk, bootTimeMs = 0): KernelRecord[] {
  const records: KernelRecord[] = []
  const decoder = new Decoder()
  decoder.bootTimeMs = bootTimeMs
  decoder.decode(of, records)
  return records
}

const exit = (status: number, startNs = 0n, timeNs = 0n) =>
  chunk(kinds.exit, 32, (view) => {
    view.setBigUint64(head.time * 4, timeNs, true)
    view.setBigUint64(head.start * 4, startNs, true)
    view.setUint32(head.pid * 4, 42, true)
    view.setUint32(exitLayout.status * 4, status, true)
  })

describe('decode()', () => {
  test('rounds a start down to clock ticks exactly, however long the machine has been up', () => {
    const starts = [0n, 9_999_999n, 10_000_000n, 2n ** 53n + 1n, 31_536_000n * 10n ** 9n * 10n - 1n]
    for (const startNs of starts) {
      expect(decode(exit(0, startNs))[0]?.process).toEqual({
        pid: 42,
        startTicks: Number(startNs / 10_000_000n),
      })
    }
  })

  test('turns the time since boot into the time of day, with microseconds', () => {
    const [record] = decode(exit(0, 0n, 5_000_123_456n), 1_700_000_000_000)
    expect(record?.timeMs).toBeCloseTo(1_700_000_005_000.1235, 3)
  })

  test.each([
    [0, { exitCode: 0 }],
    [0x0300, { exitCode: 3 }],
    [0xff00, { exitCode: 255 }],
    [9, { signal: 9 }],
    [0x8b, { signal: 11 }],
  ])('reads the status %i of an exit as wait(2) does', (status, expected) => {
    expect(decode(exit(status))).toEqual([
      {
        source: 'ebpf',
        type: 'exit',
        timeMs: 0,
        process: { pid: 42, startTicks: 0 },
        durationMs: 0,
        ...expected,
      },
    ])
  })

  test('passes over records that were given up and those that user space must look into', () => {
    const discarded = chunk(kinds.exit, 32, () => undefined, 0x4000_0000)
    const unresolved = chunk(kinds.path, 40, () => undefined)
    expect([...decode(discarded), ...decode(unresolved)]).toEqual([])
  })

  const opened = (names: string, padding = 0) =>
    chunk(kinds.file, 40 + names.length + 8, (view) => {
      view.setUint8(fileLayout.operationByte, 3)
      view.setUint16(fileLayout.pathLengthByte, names.length, true)
      for (const [i, byte] of Buffer.from(names).entries()) view.setUint8(fileLayout.dataByte + i, byte)
      view.setUint8(fileLayout.dataByte + names.length, padding)
    })

  test('puts a path together from its end', () => {
    expect(decode(opened('passwd\0etc\0'))).toMatchObject([
      { type: 'file', operation: 'write', path: '/etc/passwd' },
    ])
  })

  test('tells paths of one inode apart, whatever stands behind them', () => {
    const decoder = new Decoder()
    const path = (names: string, padding: number) => {
      const records: KernelRecord[] = []
      decoder.decode(opened(names, padding), records)
      return (records[0] as { path?: string }).path
    }
    for (const padding of [0, 255]) {
      expect(path('a\0', padding)).toBe('/a')
      expect(path('b\0', padding)).toBe('/b')
      expect(path('abc\0', padding)).toBe('/abc')
      expect(path('abd\0', padding)).toBe('/abd')
      expect(path('abcd\0ef\0', padding)).toBe('/ef/abcd')
      expect(path('abcd\0eg\0', padding)).toBe('/eg/abcd')
      expect(path('abcd\0eg\0', padding)).toBe('/eg/abcd')
    }
  })

  test.each([
    ['::ffff:192.0.2.7', '192.0.2.7', [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 7]],
    ['2001:db8::1', '2001:db8::1', [0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]],
  ])('gives the address %s as %s', (_, text, bytes) => {
    const connected = chunk(kinds.connect, 88, (view) => {
      view.setUint16(socketLayout.familyByte, 10, true)
      view.setUint16(socketLayout.remotePortByte, 443)
      for (const [i, byte] of bytes.entries()) view.setUint8(socketLayout.remoteByte + i, byte)
    })
    expect(decode(connected)).toMatchObject([{ type: 'connect', remote: { address: text, port: 443 } }])
  })
})

test('statDevice() packs major and minor as stat(2) does', () => {
  expect(statDevice((254 << 20) | 0)).toBe(65_024)
  expect(statDevice((8 << 20) | 1)).toBe(2049)
  expect(statDevice((259 << 20) | 0x12345)).toBe(0x45 | (259 << 8) | (0x123 << 20))
})
