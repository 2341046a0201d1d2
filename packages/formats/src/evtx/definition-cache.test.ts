import { Buffer } from 'node:buffer'
import { crc32 } from 'node:zlib'
import { expect, test } from 'vitest'
import { DefinitionCache } from './definition-cache.ts'
import { EvtxReader } from './reader.ts'
import { element, event, eventValues, evtxFile, nested, text } from './testing/evtx-file.ts'

const HEADER = 4096
const RECORDS = HEADER + 512

const data = (name: string, index: number) => element('Data', { Name: name }, { index, type: 1 })
const inner = element('UserData', {}, element('Own', {}, 'always ', { index: 0, type: 1 }))
const template = event(
  element('EventData', {}, data('Image', 3), data('User', 4), element('Data', { Name: 'Hash' }, 'a', 'b')),
  { index: 5, type: 0x21 },
)
const file = evtxFile(
  [1, 2].map((id) => ({
    id,
    fragment: {
      template,
      values: eventValues(1, id, text('a.exe'), text('me'), nested({ template: inner, values: [text('x')] })),
    },
  })),
)

function read(bytes: Buffer, definitions: DefinitionCache): unknown {
  const reader = new EvtxReader(definitions)
  const batches = [reader.push(bytes), reader.end()]
  return batches.map(({ records, numbers, unreadable }) => ({ records, numbers, unreadable }))
}

/** A cache that knows the definitions of the file. */
function warm(): DefinitionCache {
  const definitions = new DefinitionCache()
  read(file, definitions)
  return definitions
}

function sealed(bytes: Buffer): Buffer {
  const chunk = bytes.subarray(HEADER)
  chunk.writeUInt32LE(crc32(chunk.subarray(512, chunk.readUInt32LE(48))), 52)
  return bytes
}

test('gives the records that it gives without what came before', () => {
  const plain = read(file, new DefinitionCache())
  expect(read(file, warm())).toEqual(plain)
  expect(plain).toMatchObject([
    { records: [{ Image: 'a.exe', User: 'me', Own: 'always x' }, {}], unreadable: [] },
    {},
  ])
})

test('whatever byte is another one, the records are those that stand there', () => {
  const end = HEADER + file.readUInt32LE(HEADER + 48)
  const known = warm()
  for (let at = RECORDS; at < end; at += 1) {
    for (const change of [0x01, 0x40, (file[at] ?? 0) ^ 0x0d, file[at] ?? 0]) {
      if (change === 0) continue
      const bytes = Buffer.from(file)
      bytes[at] = (bytes[at] ?? 0) ^ change
      expect(read(sealed(bytes), known), `byte ${at} ^ ${change}`).toEqual(read(bytes, new DefinitionCache()))
    }
  }
})

test('definitions under one identifier are told apart by their names alone', () => {
  const known = warm()
  const other = Buffer.from(file)
  for (let at = other.indexOf('Image', RECORDS, 'utf16le'); at >= 0;) {
    other.write('Imago', at, 'utf16le')
    at = other.indexOf('Image', at, 'utf16le')
  }
  expect(read(sealed(other), known)).toMatchObject([{ records: [{ Imago: 'a.exe' }, {}] }, {}])
  expect(read(file, known)).toMatchObject([{ records: [{ Image: 'a.exe' }, {}] }, {}])
})

test('finds what it knows in another place of another chunk', () => {
  const known = warm()
  let found = 0
  class Counting extends DefinitionCache {
    override find(...args: Parameters<DefinitionCache['find']>): ReturnType<DefinitionCache['find']> {
      const definition = known.find(...args)
      if (definition) found += 1
      return definition
    }
  }
  const moved = evtxFile([
    {
      id: 1,
      fragment: {
        template: event(element('EventData', {}, data('Other', 3))),
        values: eventValues(1, 1, text('o')),
      },
    },
    { id: 2, fragment: { template: inner, values: [text('y')] } },
  ])
  const plain = read(moved, new DefinitionCache())
  expect(read(moved, new Counting())).toEqual(plain)
  expect(found).toBe(1)
})
