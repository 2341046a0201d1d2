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

const broken = (...offsets: readonly number[]) => offsets.map((offset) => ({ offset, reason: 'broken-json' }))

test.each<[string, string, readonly string[], readonly number[]]>([
  ['a closing brace', '[{"a": 1,\n{"b": 2},{"c": 3}]', ['b', 'c'], [1]],
  ['a closing brace and the comma', '{"a": 1\n{"b": 2}\n{"c": [{"x": {}}, {}]}', ['b', 'c'], [0]],
  ['the brace of an inner object', '[{"a": {"x": 1},\n{"b": {"x": {}}}]', ['b'], [1]],
  ['the bracket of a list with values', '[{"a": [1, 2},{"b": 2},{"c": 3}]', ['b', 'c'], [1]],
  [
    'the bracket of a list of objects',
    '[\n  {"a": [{"x": 1},\n  {"b": 2},\n  {"c": {\n    "d": 1}}\n]\n',
    ['b', 'c'],
    [4],
  ],
])('%s that is missing costs one object, and the others have their lines', (_, text, names, offsets) => {
  for (const pieceBytes of [1, 7, 1 << 20]) {
    expect(read(text, pieceBytes)).toEqual({ names, unreadable: broken(...offsets) })
  }
  const reader = new JsonValuesReader({ readAtMs: 0, fileName: 'x.json' })
  const batches = [reader.push(Buffer.from(text)), reader.end()]
  const lines = text.split('\n')
  const found = batches.flatMap(({ records, numbers }) =>
    records.map((record, i) => [record, numbers[i]] as const),
  )
  for (const [record, number] of found) {
    const [name = ''] = Object.keys(record)
    expect(lines[(number ?? 0) - 1]).toContain(`{"${name}"`)
  }
})

test('what is whole stays whole, however it is laid out', () => {
  const records = [{ a: [{ x: 1 }, { y: [{}, []] }] }, { b: '{,{' }, { c: { d: { e: [[{}]] } } }]
  for (const text of [
    JSON.stringify(records),
    JSON.stringify(records, null, 2),
    JSON.stringify(records, null, 1).replaceAll(/^ +/gm, ''),
    records.map((record) => JSON.stringify(record, null, 1)).join('\n'),
  ]) {
    expect(read(text, 5)).toEqual({ names: ['a', 'b', 'c'], unreadable: [] })
  }
})

test('an object that the end of the file cuts is told as that', () => {
  expect(read('[\n{"a": 1},\n{"b": {"c": [', 4)).toEqual({
    names: ['a'],
    unreadable: [{ offset: 12, reason: 'truncated' }],
  })
})

test('a quote that is missing costs one object', () => {
  const text = '[\n{"a": "1},\n{"b": 2},\n{"c": "3"}\n]\n'
  expect(read(text, 1 << 20)).toEqual({
    names: ['b', 'c'],
    unreadable: [{ offset: 2, reason: 'broken-json' }],
  })
})
