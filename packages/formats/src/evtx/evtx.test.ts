import { Buffer } from 'node:buffer'
import { crc32 } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ForeignRecord, UnreadableRecord } from '../record-format.ts'
import { evtxFormat } from './format.ts'
import { evtxToNdjson } from './ndjson.ts'
import {
  type Content,
  element,
  event,
  eventValues,
  evtxFile,
  type EvtxRecord,
  nested,
  number,
  text,
  type Value,
  value,
} from './testing/evtx-file.ts'

const HEADER = 4096
const CHUNK = 65_536

interface Read {
  readonly records: readonly ForeignRecord[]
  readonly numbers: readonly number[]
  readonly unreadable: readonly UnreadableRecord[]
}

function read(...pieces: Uint8Array[]): Read {
  const reader = evtxFormat.open({ readAtMs: 0, fileName: 'test.evtx' })
  const batches = [...pieces.map((piece) => reader.push(piece)), reader.end()]
  for (const { records, numbers, sources } of batches) {
    expect([numbers.length, sources.length]).toEqual([records.length, records.length])
    expect(sources.every(({ product }) => product === 'windows')).toBe(true)
  }
  return {
    records: batches.flatMap(({ records }) => records),
    numbers: batches.flatMap(({ numbers }) => numbers),
    unreadable: batches.flatMap(({ unreadable }) => unreadable),
  }
}

/** The one record of a file whose template has these sections. */
function recordOf(sections: readonly Content[], values: readonly Value[] = []): ForeignRecord {
  const template = event(...sections)
  const { records, unreadable } = read(
    evtxFile([{ id: 1, fragment: { template, values: eventValues(4688, 77, ...values) } }]),
  )
  expect(unreadable).toEqual([])
  expect(records).toHaveLength(1)
  return records[0] ?? {}
}

const system = { Provider_Name: 'Test', EventID: 4688, Channel: 'Test/Channel', EventRecordID: 77 }

/** A value in `<Data Name="x">`. */
function valueOf(type: number, bytes: readonly number[] | Buffer): unknown {
  const data = element('EventData', {}, element('Data', { Name: 'x' }, { index: 3, type }))
  return recordOf([data], [value(type, bytes)])['x']
}

const twelve = event(element('EventData', {}, element('Data', { Name: 'Name' }, { index: 3 })))

function numbered(id: number): EvtxRecord {
  return { id, fragment: { template: twelve, values: eventValues(1, id, text(`value of ${id}`)) } }
}

const many = (first: number, count: number) =>
  Array.from({ length: count }, (_, index) => numbered(first + index))

/** Offsets of the records of a chunk, from the first byte of the file. */
function offsets(file: Buffer, chunk = 0): number[] {
  const found: number[] = []
  for (
    let at = HEADER + chunk * CHUNK + 512;
    file.readUInt32LE(at) === 0x2a2a;
    at += file.readUInt32LE(at + 4)
  )
    found.push(at)
  return found
}

describe('values', () => {
  test.each<[string, number, readonly number[] | Buffer, unknown]>([
    ['null', 0, [], null],
    ['text', 1, Buffer.from('Grüße \u{1f43b} мир', 'utf16le'), 'Grüße \u{1f43b} мир'],
    ['text with its terminator', 1, Buffer.from('a\0\0', 'utf16le'), 'a'],
    ['text that ends with a space', 1, Buffer.from('net use ', 'utf16le'), 'net use '],
    ['empty text', 1, [], ''],
    ['ANSI', 2, [0x63, 0x61, 0x66, 0xe9, 0x80, 0], 'café€'],
    ['int8', 3, [0xff], -1],
    ['uint8', 4, [0xff], 255],
    ['int16', 5, [0xfe, 0xff], -2],
    ['uint16', 6, [0xfe, 0xff], 65_534],
    ['int32', 7, [0xfd, 0xff, 0xff, 0xff], -3],
    ['uint32', 8, [0xfd, 0xff, 0xff, 0xff], 4_294_967_293],
    ['int64', 9, [0xfc, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], -4],
    ['uint64 up to 2^53', 10, [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x1f, 0], 9_007_199_254_740_991],
    ['uint64 above', 10, [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], '18446744073709551615'],
    ['float', 11, [0, 0, 0xc0, 0x3f], 1.5],
    ['double', 12, [0, 0, 0, 0, 0, 0, 0xf8, 0x7f], 'NaN'],
    ['true', 13, [1, 0, 0, 0], true],
    ['false', 13, [0, 0, 0, 0], false],
    ['binary', 14, [0xde, 0xad, 0, 1], 'DEAD0001'],
    [
      'GUID',
      15,
      [0x25, 0x96, 0x84, 0x54, 0x78, 0x54, 0x94, 0x49, 0xa5, 0xba, 0x3e, 0x3b, 3, 0x28, 0xc3, 0x0d],
      '54849625-5478-4994-A5BA-3E3B0328C30D',
    ],
    ['size of 32 bits', 16, [0x10, 0, 0, 0], '0x10'],
    ['size of 64 bits', 16, [0x10, 0, 0, 0, 1, 0, 0, 0], '0x100000010'],
    ['FILETIME', 17, [0x0b, 0xdf, 0x2e, 0x37, 0x97, 0xf5, 0xd5, 0x01], '2020-03-08T22:16:29.1983115Z'],
    ['FILETIME 0', 17, [0, 0, 0, 0, 0, 0, 0, 0], '1601-01-01T00:00:00.0000000Z'],
    ['the last FILETIME', 17, Buffer.alloc(8, 0xff), '18446744073709551615'],
    ['SYSTEMTIME', 18, [0xe4, 7, 3, 0, 0, 0, 8, 0, 22, 0, 11, 0, 34, 0, 84, 1], '2020-03-08T22:11:34.340Z'],
    ['SID', 19, [1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 0x20, 2, 0, 0], 'S-1-5-32-544'],
    ['SID that lacks a part', 19, [1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0], '010200000000000520000000'],
    ['hexadecimal of 32 bits', 20, [0xe7, 3, 0, 0], '0x3e7'],
    ['hexadecimal of 64 bits', 21, [0, 0, 0, 0, 0, 0, 0, 0x80], '0x8000000000000000'],
    ['texts', 0x81, Buffer.from('a\0bc\0\0d', 'utf16le'), ['a', 'bc', '', 'd']],
    ['one text', 0x81, Buffer.from('alone\0', 'utf16le'), 'alone'],
    ['ANSI texts', 0x82, [0x61, 0, 0x62, 0], ['a', 'b']],
    ['numbers', 0x88, [1, 0, 0, 0, 2, 0, 0, 0], [1, 2]],
    ['no numbers', 0x88, [], null],
    ['a number of too few bytes', 8, [1, 2], '0102'],
    ['a type that nobody knows', 0x55, [1, 2], '0102'],
  ])('%s', (_, type, bytes, expected) => {
    expect(valueOf(type, bytes)).toEqual(expected)
  })
})

describe('names', () => {
  test('System by element, its attributes by both names, data by their own', () => {
    const template = element(
      'Event',
      {},
      element(
        'System',
        {},
        element('Provider', { Name: 'P', Guid: { index: 3, type: 15 } }),
        element('EventID', { Qualifiers: { index: 0, type: 6 } }, { index: 0, type: 6 }),
        element('TimeCreated', { SystemTime: { index: 1, type: 17 } }),
        element('Execution', { ProcessID: '4', ThreadID: { index: 2 } }),
        element('Channel'),
        element('Security', { UserID: { index: 9 } }),
      ),
      element('EventData', {}, element('Data', { Name: 'LogonId' }, { index: 4, type: 21 })),
    )
    const values = [
      number(6, 16, 5),
      value(17, Buffer.alloc(8)),
      text('12'),
      value(0),
      value(21, [0xe7, 3, 0, 0, 0, 0, 0, 0]),
    ]
    expect(read(evtxFile([{ id: 9, fragment: { template, values } }]))).toEqual({
      records: [
        {
          Provider_Name: 'P',
          Provider_Guid: null,
          EventID_Qualifiers: 5,
          EventID: 5,
          TimeCreated: '1601-01-01T00:00:00.0000000Z',
          Execution_ProcessID: 4,
          Execution_ThreadID: 12,
          Channel: null,
          Security_UserID: null,
          LogonId: '0x3e7',
        },
      ],
      // Without a number of its own, that of the file.
      numbers: [9],
      unreadable: [],
    })
  })

  test('Data without a name is a list, as are names that repeat', () => {
    const data = (...children: Content[]) => [element('EventData', {}, ...children)]
    expect(recordOf(data(element('Data', {}, 'a'), element('Data', {}, { index: 3 })), [text('b')])).toEqual({
      ...system,
      Data: ['a', 'b'],
    })
    expect(
      recordOf(data(element('Data', {}, { index: 3 })), [value(0x81, Buffer.from('a\0b\0', 'utf16le'))]),
    ).toEqual({ ...system, Data: ['a', 'b'] })
    expect(
      recordOf(data(element('Data', {}, 'a'), element('Binary', {}, { index: 3 })), [value(14, [1])]),
    ).toEqual({
      ...system,
      Data: 'a',
      Binary: '01',
    })
    expect(recordOf(data(element('Data', { Name: 'x' }, 'a'), element('Data', { Name: 'x' })))).toEqual({
      ...system,
      x: ['a', null],
    })
  })

  test('UserData by the names of its elements, however deep; what System says stays', () => {
    const section = element(
      'UserData',
      {},
      element(
        'LogFileCleared',
        { xmlns: 'urn:x' },
        element('SubjectUserName', {}, 'eve'),
        element('Channel', {}, 'Security'),
        element('Inner', {}, element('Deep', { Unit: 'ms' }, '5'), element('__proto__', {}, 'x')),
      ),
    )
    const record = recordOf([section])
    expect(record).toEqual({
      ...system,
      SubjectUserName: 'eve',
      UserData_Channel: 'Security',
      Deep: '5',
      Deep_Unit: 'ms',
      _proto_: 'x',
    })
    expect(Object.getPrototypeOf(record)).toBe(Object.prototype)
  })

  test('a name with spaces also without them, one with a value as the record says', () => {
    const section = element(
      'EventData',
      { Name: 'DetectionEvent' },
      element('Data', { Name: 'Threat Name' }, { index: 3 }),
      element('Data', { Name: { index: 4 } }, { index: 3 }),
    )
    expect(recordOf([section], [text('EICAR'), text('Level')])).toEqual({
      ...system,
      EventData_Name: 'DetectionEvent',
      'Threat Name': 'EICAR',
      ThreatName: 'EICAR',
      EventData_Level: 'EICAR',
    })
  })

  test('a forwarded event keeps its rendered message', () => {
    const section = element(
      'RenderingInfo',
      { Culture: 'en-US' },
      element('Message', {}, 'A process was created'),
      element('Level', {}, 'Information'),
      element('Keywords', {}, element('Keyword', {}, 'Audit Success')),
    )
    expect(recordOf([section])).toEqual({
      ...system,
      RenderingInfo_Culture: 'en-US',
      Message: 'A process was created',
      RenderingInfo_Level: 'Information',
      RenderingInfo_Keyword: 'Audit Success',
    })
  })

  test('text and values together are one text', () => {
    const section = element('EventData', {}, element('Data', { Name: 'x' }, 'a=', { index: 3, type: 8 }, ';'))
    expect(recordOf([section], [number(8, 32, 7)])['x']).toBe('a=7;')
  })
})

describe('binary XML in values', () => {
  const inner = element('EventData', {}, element('Data', { Name: 'Image' }, { index: 0 }))

  test('a template in a template', () => {
    const record = recordOf(
      [{ index: 3, type: 0x21 }],
      [nested({ template: inner, values: [text(String.raw`C:\Windows\System32\cmd.exe`)] })],
    )
    expect(record).toEqual({ ...system, Image: String.raw`C:\Windows\System32\cmd.exe` })
  })

  test('elements without a template', () => {
    const section = element('UserData', {}, { index: 3, type: 0x21 })
    const xml = element('EventXML', { xmlns: 'urn:x' }, element('Param1', {}, 'one'), element('Param2'))
    expect(recordOf([section], [nested({ elements: [xml] })])).toEqual({
      ...system,
      Param1: 'one',
      Param2: null,
    })
  })

  test('nothing, or an ordinary value', () => {
    expect(recordOf([{ index: 3, type: 0x21 }], [value(0)])).toEqual(system)
    const section = element('UserData', {}, { index: 3, type: 0x21 })
    expect(recordOf([section], [text('plain')])).toEqual({ ...system, UserData: 'plain' })
  })

  test('a record whose elements stand in no template', () => {
    const xml = element('Event', {}, element('System', {}, element('EventID', {}, '7')))
    expect(read(evtxFile([{ id: 3, fragment: { elements: [xml] } }]))).toEqual({
      records: [{ EventID: 7 }],
      numbers: [3],
      unreadable: [],
    })
  })

  test('records of one template have one shape each for what is nested in them', () => {
    const other = element('EventData', {}, element('Data', { Name: 'Other' }, { index: 0 }))
    const outer = event({ index: 3, type: 0x21 })
    const record = (id: number, template: typeof inner, content: string): EvtxRecord => ({
      id,
      fragment: {
        template: outer,
        values: eventValues(1, id, nested({ template, values: [text(content)] })),
      },
    })
    const file = evtxFile([record(1, inner, 'a'), record(2, other, 'b')], [record(3, inner, 'c')])
    expect(read(file).records.map(({ Image: image, Other: rest }) => [image, rest])).toEqual([
      ['a', undefined],
      [undefined, 'b'],
      ['c', undefined],
    ])
  })
})

describe('files', () => {
  const file = evtxFile(many(1, 40), many(41, 40))
  const ids = Array.from({ length: 80 }, (_, index) => index + 1)

  test('are recognised by their first letters', () => {
    expect(evtxFormat.recognises(file.subarray(0, 100), 'x.log')).toBe(true)
    expect(evtxFormat.recognises(file.subarray(0, 7), 'x.evtx')).toBe(false)
    expect(evtxFormat.recognises(Buffer.from('ElfFine\0'), 'x.evtx')).toBe(false)
    const beheaded = Buffer.from(file)
    beheaded.fill(0xff, 0, 128)
    expect(evtxFormat.recognises(beheaded.subarray(0, CHUNK), 'x')).toBe(true)
    expect(read(beheaded)).toMatchObject({
      numbers: ids,
      unreadable: [{ offset: 0, reason: 'no-chunk-header' }],
    })
  })

  test('whole, and cut at the grid without the header', () => {
    const whole = read(file)
    expect(whole.unreadable).toEqual([])
    expect(whole.numbers).toEqual(ids)
    expect(whole.records.map(({ Name: name }) => name)).toEqual(ids.map((id) => `value of ${id}`))
    expect(evtxFormat.cut).toEqual({ headerBytes: HEADER, partBytes: CHUNK })
    expect(read(file.subarray(HEADER + CHUNK)).numbers).toEqual(ids.slice(40))
  })

  test('in pieces of any size', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: file.length })), (cuts) => {
        const places = [0, ...cuts.toSorted((a, b) => a - b), file.length]
        const pieces = places.slice(1).map((end, index) => {
          // The reader may not keep what it was given.
          return Buffer.from(file.subarray(places[index], end))
        })
        const reader = evtxFormat.open({ readAtMs: 0, fileName: 'test.evtx' })
        const numbers: number[] = []
        for (const piece of pieces) {
          numbers.push(...reader.push(piece).numbers)
          piece.fill(0xff)
        }
        expect([...numbers, ...reader.end().numbers]).toEqual(ids)
      }),
      { numRuns: 50 },
    )
  })

  test('as NDJSON', async () => {
    const told: UnreadableRecord[] = []
    const damaged = Buffer.from(file)
    damaged.fill(0xff, offsets(file)[3], (offsets(file)[3] ?? 0) + 8)
    let written = ''
    for await (const lines of evtxToNdjson([damaged], (unreadable) => told.push(unreadable))) written += lines
    const parsed = written
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as ForeignRecord)
    expect(parsed.map(({ EventRecordID: id }) => id)).toEqual(ids.filter((id) => id !== 4))
    expect(told.map(({ reason }) => reason)).toEqual(['chunk-data-checksum', 'no-record'])
  })
})

describe('damage is told with its offset, and the rest is read', () => {
  const file = evtxFile(many(1, 10), many(11, 10))
  const first = offsets(file, 0)
  const at = (record: number) => first[record] ?? 0
  const damaged = (change: (bytes: Buffer) => unknown) => {
    const bytes = Buffer.from(file)
    change(bytes)
    return read(bytes)
  }
  const without = (...ids: number[]) =>
    Array.from({ length: 20 }, (_, index) => index + 1).filter((id) => !ids.includes(id))
  const dataChecksum = { offset: HEADER + 512, reason: 'chunk-data-checksum' }

  test('a wrong checksum', () => {
    const { numbers, unreadable } = damaged((bytes) => bytes.writeUInt32LE(1, HEADER + 52))
    expect(numbers).toEqual(without())
    expect(unreadable).toEqual([{ offset: HEADER, reason: 'chunk-header-checksum' }, dataChecksum])
    expect(damaged((bytes) => bytes.writeUInt32LE(1, 124))).toMatchObject({
      numbers: without(),
      unreadable: [{ offset: 0, reason: 'file-header-checksum' }],
    })
  })

  test('a record that was overwritten', () => {
    const { numbers, unreadable } = damaged((bytes) => bytes.fill(0x41, at(4), at(5)))
    expect(numbers).toEqual(without(5))
    expect(unreadable).toEqual([dataChecksum, { offset: at(4), reason: 'no-record' }])
  })

  test('a record whose size is wrong at either end', () => {
    expect(damaged((bytes) => bytes.writeUInt32LE(60_000, at(4) + 4))).toMatchObject({
      numbers: without(5),
      unreadable: [dataChecksum, { offset: at(4), reason: 'record-size' }],
    })
    expect(damaged((bytes) => bytes.writeUInt32LE(0, at(5) - 4))).toMatchObject({
      numbers: without(),
      unreadable: [dataChecksum, { offset: at(4), reason: 'record-size' }],
    })
  })

  test('a record whose values do not fit into it', () => {
    const values = at(5) + 24 + 4 + 10
    expect(damaged((bytes) => bytes.writeUInt32LE(5000, values))).toMatchObject({
      numbers: without(6),
      unreadable: [dataChecksum, { offset: at(5), reason: 'values-beyond-record' }],
    })
  })

  test('a template that is broken takes its records with it, each told', () => {
    const { numbers, unreadable } = damaged((bytes) => bytes.fill(0xee, at(0) + 70, at(0) + 80))
    expect(numbers).toEqual(without(1, 2, 3, 4, 5, 6, 7, 8, 9, 10))
    expect(unreadable.map(({ offset }) => offset)).toEqual([HEADER + 512, ...first])
  })

  test('a chunk without its header', () => {
    const { numbers, unreadable } = damaged((bytes) => bytes.fill(0xff, HEADER, HEADER + 128))
    expect(numbers).toEqual(without())
    expect(unreadable).toEqual([{ offset: HEADER, reason: 'no-chunk-header' }])
  })

  test('behind a chunk whose header is wrong, what the log held before is not taken for new', () => {
    const bytes = evtxFile(many(31, 10))
    const end = HEADER + bytes.readUInt32LE(HEADER + 48)
    const older = offsets(file, 1)[5] ?? 0
    file.copy(bytes, end + 64, older, offsets(file, 1)[6])
    bytes.fill(0xff, HEADER, HEADER + 128)
    expect(read(bytes).numbers).toEqual([31, 32, 33, 34, 35, 36, 37, 38, 39, 40])
  })

  test('a file cut short, in a record or between two', () => {
    const cut = at(7) + 20
    const { numbers, unreadable } = read(file.subarray(0, cut))
    expect(numbers).toEqual([1, 2, 3, 4, 5, 6, 7])
    expect(unreadable[0]).toEqual({ offset: cut, reason: 'cut-short' })
    expect(read(file.subarray(0, HEADER + 100)).unreadable).toEqual([
      { offset: HEADER + 100, reason: 'cut-short' },
    ])
    expect(read(file.subarray(0, 100)).unreadable).toEqual([{ offset: 100, reason: 'cut-short' }])
    // Nothing but free space is missing.
    expect(read(file.subarray(0, HEADER + CHUNK + 20_000))).toMatchObject({
      numbers: without(),
      unreadable: [],
    })
  })

  test('chunks that no longer stand on the grid', () => {
    const lost = Buffer.concat([file.subarray(0, at(8)), file.subarray(at(8) + 100)])
    expect(read(lost)).toMatchObject({ numbers: without(9) })
    const more = Buffer.concat([
      file.subarray(0, HEADER + CHUNK),
      Buffer.alloc(777, 1),
      file.subarray(HEADER + CHUNK),
    ])
    expect(read(more)).toMatchObject({
      numbers: without(),
      unreadable: [{ offset: HEADER + CHUNK, reason: 'no-chunk-header' }],
    })
  })

  test('a record that swallows the next, its checksums made for it', () => {
    const { numbers, unreadable } = damaged((bytes) => {
      const size = at(6) - at(4)
      bytes.writeUInt32LE(size, at(4) + 4)
      bytes.writeUInt32LE(size, at(6) - 4)
      const chunk = bytes.subarray(HEADER, HEADER + CHUNK)
      chunk.writeUInt32LE(crc32(chunk.subarray(512, chunk.readUInt32LE(48))), 52)
      chunk.writeUInt32LE(crc32(chunk.subarray(128, 512), crc32(chunk.subarray(0, 120))), 124)
    })
    expect(numbers).toEqual(without(6))
    expect(unreadable).toEqual([{ offset: HEADER + 512, reason: 'records-missing' }])
  })

  test('a log that was copied while it was written, and one without records', () => {
    const bytes = Buffer.from(file)
    const chunk = bytes.subarray(HEADER, HEADER + CHUNK)
    chunk.writeUInt32LE(at(6) - HEADER, 48)
    chunk.writeBigUInt64LE(6n, 16)
    chunk.writeUInt32LE(crc32(chunk.subarray(512, at(6) - HEADER)), 52)
    chunk.writeUInt32LE(crc32(chunk.subarray(128, 512), crc32(chunk.subarray(0, 120))), 124)
    expect(read(bytes)).toMatchObject({
      numbers: without(),
      unreadable: [{ offset: at(6), reason: 'free-space-offset' }],
    })
    expect(read(evtxFile([]))).toEqual({ records: [], numbers: [], unreadable: [] })
  })

  test('space that was never written is nothing to tell', () => {
    expect(read(Buffer.concat([file, Buffer.alloc(CHUNK)]))).toMatchObject({
      numbers: without(),
      unreadable: [],
    })
  })
})

describe('what is made to be costly', () => {
  test('elements in elements without end', () => {
    let deep = element('Data', {}, 'x')
    for (let depth = 0; depth < 200; depth += 1) deep = element('E', {}, deep)
    const template = event(element('EventData', {}, deep))
    const { unreadable } = read(evtxFile([{ id: 1, fragment: { template, values: eventValues(1, 1) } }]))
    expect(unreadable).toEqual([{ offset: HEADER + 512, reason: 'nested-too-deep' }])
  })

  test('binary XML in binary XML without end', () => {
    let fragment = nested({ elements: [element('Data', { Name: 'x' }, 'y')] })
    const template = element('EventData', {}, { index: 0, type: 0x21 })
    for (let depth = 0; depth < 20; depth += 1) fragment = nested({ template, values: [fragment] })
    const outer = event({ index: 3, type: 0x21 })
    const { unreadable } = read(
      evtxFile([{ id: 1, fragment: { template: outer, values: eventValues(1, 1, fragment) } }]),
    )
    expect(unreadable).toEqual([{ offset: HEADER + 512, reason: 'nested-too-deep' }])
  })

  test('a long name in many places', () => {
    const named = (units: number) => {
      const places = Array.from({ length: 500 }, () => element('n'.repeat(units), {}, 'x'))
      const template = event(element('EventData', {}, ...places))
      return read(evtxFile([{ id: 1, fragment: { template, values: eventValues(1, 1) } }]))
    }
    expect(named(512).records).toHaveLength(1)
    expect(named(513).unreadable).toEqual([{ offset: HEADER + 512, reason: 'name-too-long' }])
  })

  test('one long value in a thousand places, in many records', () => {
    const places = Array.from({ length: 1000 }, (_, index) =>
      element('Data', { Name: `n${index % 7}` }, { index: 3 }),
    )
    const template = event(element('EventData', {}, ...places))
    const records = Array.from({ length: 15 }, (_, id) => ({
      id: id + 1,
      fragment: { template, values: eventValues(1, id + 1, text('x'.repeat(500))) },
    }))
    const { records: done, unreadable } = read(evtxFile(records, [numbered(99)]))
    expect(unreadable.length).toBeGreaterThan(5)
    expect(new Set(unreadable.map(({ reason }) => reason))).toEqual(new Set(['chunk-too-costly']))
    // The next chunk has a budget of its own.
    expect(done.at(-1)).toMatchObject({ Name: 'value of 99' })
  })
})

test('never throws, and tells places inside the file, whatever stands in it', () => {
  const inner = element('EventData', {}, element('Data', { Name: 'Image' }, { index: 0 }))
  const outer = event({ index: 3, type: 0x21 }, element('UserData', {}, { index: 4, type: 0x21 }))
  const file = evtxFile(
    Array.from({ length: 12 }, (_, id) => ({
      id: id + 1,
      fragment: {
        template: outer,
        values: eventValues(
          1,
          id + 1,
          nested({ template: inner, values: [text('cmd.exe')] }),
          nested({ elements: [element('X', { a: 'b' }, 'c')] }),
        ),
      },
    })),
  )
  const used = HEADER + file.readUInt32LE(HEADER + 48)
  const byte = fc.oneof(fc.constantFrom(0, 1, 2, 4, 5, 0x0c, 0x0d, 0x0f, 0x21, 0x41, 0x81, 0xff), fc.nat(255))
  const place = fc.oneof(fc.nat(file.length - 1), fc.integer({ min: HEADER + 512, max: used }))
  const change = fc.record({ at: place, bytes: fc.array(byte, { minLength: 1, maxLength: 9 }) })
  fc.assert(
    fc.property(fc.array(change, { maxLength: 12 }), fc.option(fc.nat(file.length)), (changes, length) => {
      const bytes = Buffer.from(file.subarray(0, length ?? file.length))
      for (const { at, bytes: written } of changes) {
        if (at + written.length <= bytes.length) bytes.set(written, at)
      }
      const { records, unreadable } = read(bytes)
      expect(records.length).toBeLessThan(100)
      for (const { offset, reason } of unreadable) {
        expect(offset).toBeGreaterThanOrEqual(0)
        expect(offset).toBeLessThanOrEqual(bytes.length)
        expect(reason).toMatch(/^[a-z-]+$/)
      }
      expect(() => JSON.stringify(records)).not.toThrow()
    }),
    { numRuns: 600 },
  )
})
