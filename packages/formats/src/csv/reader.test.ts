import { expect, test } from 'vitest'
import { MAX_LINE_BYTES } from '../lines/line-blocks.ts'
import { csvFormat } from './format.ts'
import { CsvReader } from './reader.ts'

test('a quote that is never closed costs one row of the longest length, and no more of the file', () => {
  const reader = new CsvReader({ readAtMs: 0, fileName: 'x.csv' })
  const lines = Math.ceil(MAX_LINE_BYTES / 5) + 10
  const { records, numbers, unreadable } = reader.push(
    Buffer.from(`a,b\n1,2\n"${'line\n'.repeat(lines)}3,4\n`),
  )
  expect(unreadable[0]).toEqual({ offset: 8, reason: 'row-too-long' })
  expect(records).toEqual([
    { a: '1', b: '2' },
    { a: '3', b: '4' },
  ])
  expect(numbers).toEqual([2, 3 + lines])
})

test('a quote too many costs its row, and not those that follow it', () => {
  const text = '#TYPE Deserialized.Event\r\na,b,c\r\n1,2,3\r\n"4,5,6\r\n7,"8",9\r\n10,11,12\r\n'
  const reader = new CsvReader({ readAtMs: 0, fileName: 'x.csv' })
  const batches = [reader.push(Buffer.from(text)), reader.end()]
  expect(batches.flatMap(({ records }) => records.map(({ a }) => a))).toEqual(['1', '"4', '7', '10'])
  expect(batches.flatMap(({ numbers }) => numbers)).toEqual([3, 4, 5, 6])
  expect(batches.flatMap(({ unreadable }) => unreadable)).toEqual([{ offset: 40, reason: 'truncated' }])
})

test.each([
  ['#TYPE Deserialized.Event\r\n"Id","Message"\r\n', 'x.csv', true],
  ['sep=;\nTime;Source;Message\n1;a;b\n', 'x.txt', true],
  ['Time,Source,Message\n1,a,b\n', 'x.log', true],
  ['Time,Source,Message\n1,"a,b\n', 'x.log', true],
  ['Dear all, here is, as promised, a letter.\nIt goes on.\n', 'x.txt', false],
  ['one,two\n', 'x.csv', true],
  ['one,two\n1,2\n', 'x.txt', false],
  ['10,20,30\n1,2,3\n', 'x.txt', false],
])('%j as %s is CSV: %j', (text, fileName, expected) => {
  expect(csvFormat.recognises(Buffer.from(text), fileName)).toBe(expected)
})

test('under a broken header no row is read, however the bytes come', () => {
  const bytes = Buffer.from(`${'a,'.repeat(1024)}b\n1,2,3\n`)
  const whole = new CsvReader({ readAtMs: 0, fileName: 'x.csv' }).push(bytes)
  const inPieces = new CsvReader({ readAtMs: 0, fileName: 'x.csv' })
  const unreadable = [bytes.subarray(0, 2050), bytes.subarray(2050)].flatMap(
    (piece) => inPieces.push(piece).unreadable,
  )
  expect(whole.unreadable.map(({ reason }) => reason)).toContain('broken-header')
  expect(unreadable).toEqual(whole.unreadable)
})
