import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { compressionOf } from './compression.ts'
import { readUnit } from './read-unit.ts'
import { faultOf, readPieces, recognise } from './source-file.ts'
import { unitsOf } from './units.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'vedette-hunt-test-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

interface Read {
  readonly records: unknown[]
  readonly numbers: number[]
  readonly unreadable: string[]
}

/** All records of a file, read in parts of about `unitBytes`, numbered as a hunt does. */
async function readAll(
  path: string,
  sizeBytes: number,
  unitBytes?: number,
): Promise<Read & { units: number }> {
  const { format, compression, name } = await recognise(path, true)
  if (!format || compression === 'unsupported' || compression === 'archive')
    throw new TypeError('not recognised')
  const units = unitsOf(
    { path, sizeBytes, writtenMs: 0, named: true },
    { format: format.name, cut: format.cut, compression, name },
    0,
    unitBytes,
  )
  const read: Read = { records: [], numbers: [], unreadable: [] }
  let before = 0
  for (const unit of units) {
    let feeds = 0
    let last = 0
    for await (const { records, baseOffset, lineFeeds, readBytes } of readUnit(unit)) {
      read.records.push(...records.records)
      read.numbers.push(...records.numbers.map((number) => number + before))
      read.unreadable.push(
        ...records.unreadable.map(({ offset, reason }) => `${baseOffset + offset} ${reason}`),
      )
      feeds += lineFeeds
      last = readBytes
    }
    expect(last).toBeLessThanOrEqual(unit.end - unit.start)
    before += feeds
  }
  return { ...read, units: units.length }
}

test('lines are the same however a file is cut: records, numbers and unreadable places', async () => {
  const line = fc.oneof(
    fc.constantFrom('', '{"a":1}', '{"broken', '{"message":"ünï"}', ' '),
    fc.nat(400).map((length) => `{"x":"${'y'.repeat(length)}"}`),
  )
  const path = join(folder, 'lines.ndjson')
  await fc.assert(
    fc.asyncProperty(
      fc.array(line, { maxLength: 40 }),
      fc.constantFrom('\n', '\r\n'),
      fc.boolean(),
      fc.integer({ min: 1, max: 300 }),
      async (lines, end, closed, unitBytes) => {
        const text = `{"first":true}${end}${lines.join(end)}${closed ? end : ''}`
        writeFileSync(path, text)
        const size = Buffer.byteLength(text)
        const { units, ...cut } = await readAll(path, size, unitBytes)
        const { units: one, ...whole } = await readAll(path, size)
        expect(cut).toEqual(whole)
        expect([one, units > 1]).toEqual([1, size >= 2 * unitBytes])
      },
    ),
    { numRuns: 150 },
  )
})

test('packed files hold what they hold unpacked, and keep their name', async () => {
  const text = Array.from({ length: 20_000 }, (_, i) => `{"i":${i},"text":"${'z'.repeat(i % 50)}"}\n`).join(
    '',
  )
  const plain = join(folder, 'p.ndjson')
  writeFileSync(plain, text)
  const wanted = await readAll(plain, text.length)
  expect(wanted.records).toHaveLength(20_000)
  for (const [name, bytes] of [
    ['p.ndjson.gz', gzipSync(text)],
    ['p.ndjson.zst', zstdCompressSync(text)],
    // Two members, as a log that is packed piece by piece has them.
    ['q.gz', Buffer.concat([gzipSync(text.slice(0, 1000)), gzipSync(text.slice(1000))])],
    ['q.zst', Buffer.concat([zstdCompressSync(text.slice(0, 1000)), zstdCompressSync(text.slice(1000))])],
  ] as const) {
    const path = join(folder, name)
    writeFileSync(path, bytes)
    expect(await readAll(path, bytes.length, 1000)).toEqual({ ...wanted, units: 1 })
  }
  expect((await recognise(join(folder, 'p.ndjson.gz'), true)).name).toBe('p.ndjson')
})

test('a packed file that ends too early gives what came before, then says so', async () => {
  const text = Array.from({ length: 50_000 }, (_, i) => `{"i":${i},"random":"${Math.sin(i)}"}\n`).join('')
  const bytes = gzipSync(text)
  const path = join(folder, 'cut.gz')
  writeFileSync(path, bytes.subarray(0, bytes.length / 2))
  const { format, compression, name } = await recognise(path, true)
  const [unit] = unitsOf(
    { path, sizeBytes: bytes.length / 2, writtenMs: 0, named: true },
    { format: format?.name ?? '', cut: 'lines', compression: compression as 'gzip', name },
    0,
  )
  let records = 0
  await expect(async () => {
    if (!unit) return
    for await (const part of readUnit(unit)) records += part.records.records.length
  }).rejects.toMatchObject({ code: 'broken-compression' })
  expect(records).toBeGreaterThan(1000)
})

test.each([
  // A frame to be skipped, and a first block that is longer than the head of a file.
  ['zst', Buffer.concat([Buffer.from('502a4d180400000001020304', 'hex'), zstdCompressSync(noise())])],
  ['gz', gzipSync(noise())],
])('what a packed file holds is found out also where it hardly shrinks: %s', async (ending, bytes) => {
  const path = join(folder, `noise.${ending}`)
  writeFileSync(path, bytes)
  expect((await recognise(path, false)).format?.name).toBe('ndjson')
})

function noise(): string {
  let state = 1
  const random = (): string => {
    state = (state * 48_271) % 2_147_483_647
    return state.toString(36)
  }
  return Array.from({ length: 30_000 }, () => `{"a":"${random()}${random()}"}\n`).join('')
}

test('what expands without end is given up, and damage is told of a packed file in a folder too', async () => {
  const bomb = join(folder, 'bomb.zst')
  const bytes = zstdCompressSync(Buffer.concat([Buffer.from('{}\n'), Buffer.alloc(300 << 20)]))
  writeFileSync(bomb, bytes)
  await expect(readAll(bomb, bytes.length)).rejects.toMatchObject({ code: 'expands-too-much' })
  const broken = join(folder, 'broken.gz')
  writeFileSync(broken, gzipSync('{}\n').subarray(0, 12))
  expect(faultOf(await recognise(broken, false), false)).toBe('broken-compression')
})

test('a NUL in a log does not keep it from being read; text in UTF-16 is told', async () => {
  const log = join(folder, 'app.log')
  writeFileSync(log, `${'a line\n'.repeat(100)}\0\n`)
  expect((await recognise(log, false)).format?.name).toBe('lines')
  writeFileSync(log, Buffer.from('\ufeffa line\n', 'utf16le'))
  expect(faultOf(await recognise(log, false), false)).toBe('unsupported-encoding')
  writeFileSync(log, Buffer.alloc(1000))
  expect((await recognise(log, false)).format).toBeUndefined()
})

test('whole records of a chunk that was broken off are read', async () => {
  const text = Buffer.concat([Buffer.from('ElfFile\0'), Buffer.alloc(4088), Buffer.from('ElfChnk\0')])
  const path = join(folder, 'cut.evtx.gz')
  const bytes = gzipSync(text).subarray(0, -4)
  writeFileSync(path, bytes)
  const unit = unitsOf(
    { path, sizeBytes: bytes.length, writtenMs: 0, named: true },
    { format: 'evtx', cut: 'whole', compression: 'gzip', name: 'cut.evtx' },
    0,
  )[0]
  const told: string[] = []
  await expect(async () => {
    if (!unit) return
    for await (const { records } of readUnit(unit))
      told.push(...records.unreadable.map(({ reason }) => reason))
  }).rejects.toMatchObject({ code: 'broken-compression' })
  // Of these eight bytes only that they are too few, but they were read.
  expect(told).toEqual(['cut-short'])
})

test('compressionOf() knows what it cannot unpack', () => {
  expect(compressionOf(Buffer.from('PK\u0003\u0004'))).toBe('archive')
  expect(compressionOf(Buffer.from('BZh9'))).toBe('unsupported')
  expect(compressionOf(Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]))).toBe('unsupported')
  expect(compressionOf(Buffer.from('ElfFile'))).toBe('none')
  expect(compressionOf(Buffer.alloc(0))).toBe('none')
})

test('plain text found in a folder is read where it is called a log, and always where a person named it', async () => {
  const isRead = async (name: string, named: boolean) => {
    writeFileSync(join(folder, name), 'something happened, and then nothing more\n')
    return (await recognise(join(folder, name), named)).format?.name
  }
  for (const name of ['app.log', 'app.log.1', 'messages-20261101', 'access_log', 'app.out', 'old.log.txt']) {
    expect([name, await isRead(name, false)]).toEqual([name, 'lines'])
  }
  for (const name of ['README.md', 'LICENSE', 'audit_log_cleared.yml', 'log.py', 'catalog', 'notes.txt']) {
    expect([name, await isRead(name, false)]).toEqual([name, undefined])
    expect([name, await isRead(name, true)]).toEqual([name, 'lines'])
  }
  writeFileSync(join(folder, 'binary.log'), Buffer.from([1, 2, 0, 3, 10]))
  expect((await recognise(join(folder, 'binary.log'), true)).format).toBeUndefined()
})

test('a small file that was read whole to find out what it is, is not opened again', async () => {
  const path = join(folder, 'small.ndjson')
  writeFileSync(path, '{"a":1}\n{"a":2}\n')
  const file = { path, sizeBytes: 16, writtenMs: 0, named: true }
  const { format, content, name } = await recognise(path, true, file.sizeBytes)
  if (!format || !content) throw new TypeError('not read whole')
  const [unit] = unitsOf(
    file,
    { format: format.name, cut: format.cut, compression: 'none', name, content },
    0,
  )
  if (!unit) throw new TypeError('no unit')
  rmSync(path)
  const records: unknown[] = []
  for await (const batch of readUnit(unit)) records.push(...batch.records.records)
  expect(records).toEqual([{ a: 1 }, { a: 2 }])
})

test.each([0, 1, (2 << 20) - 1, 2 << 20, (2 << 20) + 1, 4 << 20, (4 << 20) + 5])(
  'pieces of a file of %i bytes are the file, from anywhere on',
  async (sizeBytes) => {
    const path = join(folder, 'pieces')
    const whole = Buffer.alloc(
      sizeBytes,
      Uint8Array.from({ length: 251 }, (_, at) => at),
    )
    writeFileSync(path, whole)
    for (const start of [0, Math.min(7, sizeBytes)]) {
      const pieces: Buffer[] = []
      let last = 0
      for await (const { bytes, readBytes } of readPieces(path, start, sizeBytes)) {
        pieces.push(Buffer.from(bytes))
        last = readBytes
      }
      expect(Buffer.concat(pieces).equals(whole.subarray(start))).toBe(true)
      expect(last).toBe(sizeBytes - start)
    }
    // One that is shorter than it was ends where it ends.
    let read = 0
    for await (const { bytes } of readPieces(path, 0, sizeBytes + 100)) read += bytes.length
    expect(read).toBe(sizeBytes)
  },
)
