import { assert, integer, property, uint8Array } from 'fast-check'
import type { KernelRecord, SystemRecord } from '@vedette/model'
import { expect, test } from 'vitest'
import { kinds } from '../kinds.ts'
import { Chunk, head } from './chunk.ts'
import { Decoder } from './decoder.ts'
import { systemLayout } from './system.ts'

/** A chunk with one record; `fill` writes its fields, `texts` follow them. */
function decode(
  kind: number,
  call: number,
  texts: readonly string[],
  fill: (view: DataView) => void,
): SystemRecord {
  const data = Buffer.from(texts.map((text) => `${text}\0`).join(''))
  const size = systemLayout.dataByte + data.length
  const buffer = new ArrayBuffer((8 + size + 7) & ~7)
  new DataView(buffer).setUint32(0, size, true)
  const view = new DataView(buffer, 8)
  view.setUint32(head.type * 4, kind, true)
  view.setUint16(systemLayout.callByte, call, true)
  for (const [index, text] of texts.entries())
    view.setUint16(systemLayout.textLengthByte + 2 * index, Buffer.byteLength(text) + 1, true)
  new Uint8Array(buffer, 8 + systemLayout.dataByte).set(data)
  fill(view)
  const records: KernelRecord[] = []
  new Decoder().decode(new Chunk(new Uint8Array(buffer)), records)
  return records[0] as SystemRecord
}

const value = (index: number) => systemLayout.valuesByte + 8 * index

test('a mount is told in the words of its manual page, an old number in its flags left out', () => {
  const record = decode(kinds.mount, 60, ['/dev/sda1', '/mnt', 'ext4'], (view) => {
    view.setBigUint64(value(3), 0xc0ed_0000n | 1n | 4096n, true)
  })
  expect(record).toMatchObject({
    activity: 'mount',
    systemCall: 'mount',
    path: '/dev/sda1',
    arguments: { source: '/dev/sda1', target: '/mnt', fstype: 'ext4', flags: 'MS_RDONLY|MS_BIND' },
  })
})

test('a call that was refused tells why, and no bytes that it did not write', () => {
  const record = decode(kinds.write_memory, 34, [], (view) => {
    view.setBigInt64(systemLayout.resultByte, -1n, true)
    view.setUint32(systemLayout.targetPid * 4, 42, true)
  })
  expect(record).toMatchObject({ systemCall: 'process_vm_writev', target: { pid: 42 } })
  expect(record.arguments).toEqual({ result: 'EPERM' })
})

test('whatever the bytes of a record are, it is read or passed over', () => {
  assert(
    property(
      integer({ min: kinds.trace, max: kinds.perf }),
      integer({ min: 0, max: 100 }),
      uint8Array({ minLength: 200, maxLength: 400 }),
      (kind, call, noise) => {
        const record = decode(kind, call, ['x'.repeat(400)], (view) => {
          for (const [index, byte] of noise.entries()) if (index >= 42) view.setUint8(index, byte)
        })
        if (record) expect(Object.keys(record.arguments ?? {}).length).toBeLessThanOrEqual(64)
      },
    ),
  )
})
