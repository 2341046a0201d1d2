import { expect, test } from 'vitest'
import { recogniseFormat } from '../record-formats.ts'
import { utmpFormat } from './format.ts'

/** A record of arm64, whose times have 64 bits. */
function wide(type: number, seconds: number, user: string): Buffer {
  const record = Buffer.alloc(400)
  record.writeInt16LE(type, 0)
  record.writeInt32LE(812, 4)
  record.write('pts/0', 8)
  record.write(user, 44)
  record.writeBigInt64LE(BigInt(seconds), 344)
  record.writeBigInt64LE(250_000n, 352)
  record.set([192, 0, 2, 1], 360)
  return record
}

test('records with times of 64 bits are told by what their times would be otherwise', () => {
  const bytes = Buffer.concat([
    wide(7, 1_795_168_900, 'anna'),
    wide(8, 1_795_169_500, ''),
    wide(7, 1_795_169_600, 'bob'),
  ])
  expect(recogniseFormat(bytes, 'wtmp').name).toBe('utmp')
  const reader = utmpFormat.open({ readAtMs: 0, fileName: 'wtmp' })
  const records = [...reader.push(bytes).records, ...reader.end().records]
  expect(records).toMatchObject([
    { type: 'user_process', user: 'anna', address: '192.0.2.1', time: '2026-11-20T10:01:40.250Z' },
    { type: 'dead_process', pid: 812 },
    { user: 'bob' },
  ])
})

test('another file of that name is none', () => {
  expect(recogniseFormat(Buffer.from('a'.repeat(1000)), 'wtmp').name).not.toBe('utmp')
})
