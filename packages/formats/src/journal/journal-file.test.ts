import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { zstdDecompressSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { journalExportFormat } from '../journal-export/format.ts'
import type { RecordBatch } from '../record-format.ts'
import { recogniseFormat } from '../record-formats.ts'
import { JournalFile } from './journal-file.ts'
import { decompressLz4Block } from './lz4-block.ts'
import { JournalWriter, type JournalWriterOptions } from './testing/journal-writer.ts'

const options = { readAtMs: 0, fileName: 'system.journal' }

function open(bytes: Buffer): JournalFile {
  const file = JournalFile.open((offset, length) => bytes.subarray(offset, offset + length))
  if (typeof file === 'string') throw new Error(file)
  return file
}

function records(bytes: Buffer): RecordBatch {
  const reader = recogniseFormat(bytes.subarray(0, 65_536), 'system.journal').open(options)
  reader.push(bytes)
  return reader.end()
}

/** Made by systemd-journal-remote of systemd 252 out of `entries.export`. */
describe('files that systemd wrote', () => {
  const folder = join(import.meta.dirname, 'testing/real')
  const exported = journalExportFormat.open(options)
  const entries = exported.push(readFileSync(join(folder, 'entries.export')))

  test('the export stream has 77 entries', () => {
    expect(exported.end().records).toEqual([])
    expect(entries.unreadable).toEqual([])
    expect(entries.records).toHaveLength(77)
    expect(entries.records[4]).toMatchObject({
      message: 'two lines\nof one message\u0000\ufffd',
      program: 'app',
      pid: 900,
    })
    expect(entries.records[5]).toMatchObject({ message: 'long '.repeat(400), PRIORITY: '4' })
  })

  test.each(['compact', 'regular'])('%s: the same entries', (name) => {
    const found = records(zstdDecompressSync(readFileSync(join(folder, `${name}.journal.zst`))))
    expect(found.unreadable).toEqual([])
    expect(found.records).toEqual(entries.records)
    expect(found.sources).toEqual(entries.sources)
  })
})

const variants: readonly JournalWriterOptions[] = [
  { compact: true },
  { compact: false },
  { compact: true, compression: 'zstd' },
  { compact: false, compression: 'lz4' },
]

function written(options: JournalWriterOptions, count: number): JournalWriter {
  const writer = new JournalWriter(options)
  for (let i = 0; i < count; i += 1) {
    writer.append(1_795_168_800_000_000 + i, ['_HOSTNAME=web-1', `MESSAGE=${`entry ${i} `.repeat(20)}`])
  }
  return writer
}

describe.each(variants)('%j', (variant) => {
  test('every entry, over several arrays, from any place', () => {
    const file = open(written(variant, 70).bytes)
    expect(file.entries).toBe(70)
    const { entries, faults, next, more } = file.readFrom(0, 1000)
    expect(faults).toEqual([])
    expect(entries.map(({ fields }) => fields['MESSAGE'])).toEqual(
      Array.from({ length: 70 }, (_, i) => `entry ${i} `.repeat(20)),
    )
    expect([next, more]).toEqual([70, false])
    expect(entries[3]).toMatchObject({ index: 3, sequence: 4, realtimeUs: 1_795_168_800_000_003 })
    expect(file.readFrom(33, 2).entries.map(({ index }) => index)).toEqual([33, 34])
    expect(file.readFrom(5, 1)).toMatchObject({ next: 6, more: true })
  })

  test('what is appended is there after the next look', () => {
    const writer = written(variant, 0)
    let bytes = writer.bytes
    const file = JournalFile.open((offset, length) => bytes.subarray(offset, offset + length))
    if (typeof file === 'string') throw new Error(file)
    expect(file.readFrom(0, 10)).toEqual({ entries: [], faults: [], next: 0, more: false })
    for (let i = 0; i < 20; i += 1) {
      writer.append(i, [`MESSAGE=${i}`])
      bytes = writer.bytes
      file.refresh()
      expect(file.readFrom(i, 10).entries.map(({ fields }) => fields)).toEqual([{ MESSAGE: String(i) }])
    }
    expect(file.isArchived).toBe(false)
    writer.archive()
    bytes = writer.bytes
    file.refresh()
    expect(file.isArchived).toBe(true)
  })

  test('damage is told with its place; nothing is thrown, and nothing read twice', () => {
    const whole = written(variant, 40).bytes
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), fc.nat(whole.length), (at, value, length) => {
        const bytes = Buffer.from(whole.subarray(0, Math.max(length, 300)))
        bytes[at % bytes.length] = value
        const reader = recogniseFormat(whole.subarray(0, 64), '').open(options)
        reader.push(bytes)
        const { records: found, numbers } = reader.end()
        expect(new Set(numbers).size).toBe(numbers.length)
        expect(found.length).toBeLessThanOrEqual(10_000)
      }),
      { numRuns: 500 },
    )
  })
})

test('an entry that is damaged is told, and those behind it are read', () => {
  const writer = written({}, 3)
  const offset = writer.append(9, ['MESSAGE=damaged'])
  writer.append(10, ['MESSAGE=whole'])
  writer.bytes[offset] = 7
  const { entries, faults } = open(writer.bytes).readFrom(0, 100)
  expect(faults).toEqual([{ offset, reason: 'damaged-entry' }])
  expect(entries.map(({ index }) => index)).toEqual([0, 1, 2, 4])
})

test('a field that cannot be read is told, and the rest of its entry is given', () => {
  const writer = written({}, 1)
  const offset = writer.append(9, ['_HOSTNAME=web-1', 'MESSAGE=compressed'])
  const data = writer.bytes.indexOf('MESSAGE=compressed') - 72
  writer.bytes[data + 1] = 1
  expect(open(writer.bytes).readFrom(1, 1).entries).toMatchObject([
    { fields: { _HOSTNAME: 'web-1' }, fault: 'compressed-by-xz' },
  ])
  expect(records(writer.bytes).unreadable).toEqual([{ offset, reason: 'compressed-by-xz' }])
})

test('what is no journal, or one of a later kind, says so', () => {
  const { bytes } = written({}, 1)
  expect(JournalFile.open(() => Buffer.alloc(100))).toBe('too-short')
  expect(JournalFile.open((offset, length) => Buffer.alloc(length))).toBe('not-a-journal')
  const later = Buffer.from(bytes)
  later[12] = 64
  expect(JournalFile.open((offset, length) => later.subarray(offset, offset + length))).toBe('unknown-flags')
})

describe('decompressLz4Block()', () => {
  // Of lz4 1.9 for `MESSAGE=` and forty times `long `.
  const block = Buffer.from('df4d4553534147453d6c6f6e67200500ab506c6f6e6720', 'hex')
  const text = `MESSAGE=${'long '.repeat(40)}`

  test('reads what lz4 wrote', () => {
    expect(decompressLz4Block(block, text.length)?.toString()).toBe(text)
  })

  test('damage gives nothing', () => {
    expect(decompressLz4Block(block, text.length - 1)).toBeUndefined()
    expect(decompressLz4Block(block, text.length + 1)).toBeUndefined()
    for (let length = 0; length < block.length - 1; length += 1) {
      expect(decompressLz4Block(block.subarray(0, length), text.length)).toBeUndefined()
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), fc.nat(1000), (bytes, size) => {
        expect([undefined, size]).toContain(decompressLz4Block(bytes, size)?.length)
      }),
    )
  })
})
