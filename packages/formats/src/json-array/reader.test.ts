import { expect, test } from 'vitest'
import type { RecordBatch } from '../record-format.ts'
import { JsonValuesReader, MAX_ELEMENT_BYTES } from './reader.ts'

function read(text: string, pieceBytes: number): Pick<RecordBatch, 'unreadable'> & { names: string[] } {
  const reader = new JsonValuesReader({ readAtMs: 0, fileName: 'x.json' })
  const bytes = Buffer.from(text)
  const batches: RecordBatch[] = []
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    batches.push(reader.push(bytes.subarray(at, at + pieceBytes)))
  }
  batches.push(reader.end())
  return {
    names: batches.flatMap(({ records }) => records.flatMap((record) => Object.keys(record))),
    unreadable: batches.flatMap(({ unreadable }) => unreadable),
  }
}

test.each([1 << 20, 1 << 30])(
  'an object that is too long is left out, and the next one read, %i a piece',
  (pieceBytes) => {
    const long = `{"a":"${'x'.repeat(MAX_ELEMENT_BYTES - 7)}"}`
    expect(read(`[${long},{"b":1}]`, pieceBytes)).toEqual({
      names: ['b'],
      unreadable: [{ offset: 1, reason: 'object-too-long' }],
    })
    const longest = long.replace('x', '')
    expect(read(`[${longest},{"b":1}]`, pieceBytes).names).toEqual(['a', 'b'])
  },
)

test('a quote that is missing costs one object', () => {
  const text = '[\n{"a": "1},\n{"b": 2},\n{"c": "3"}\n]\n'
  expect(read(text, 1 << 20)).toEqual({
    names: ['b', 'c'],
    unreadable: [{ offset: 2, reason: 'broken-json' }],
  })
})
