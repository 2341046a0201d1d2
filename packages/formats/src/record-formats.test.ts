import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, sep } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ReaderOptions, RecordBatch, RecordFormat, UnreadableRecord } from './record-format.ts'
import { recogniseFormat, recordFormats } from './record-formats.ts'

/** 2026-11-20T12:00:00Z: gives the years that are missing. */
const readAtMs = Date.UTC(2026, 10, 20, 12)

interface ReadRecord {
  readonly number: number
  readonly source: object
  readonly record: object
}

/** What a reader makes of these pieces, flat. */
function read(
  format: RecordFormat,
  pieces: readonly Uint8Array[],
  options: ReaderOptions,
): { records: ReadRecord[]; unreadable: UnreadableRecord[] } {
  const reader = format.open(options)
  const records: ReadRecord[] = []
  const unreadable: UnreadableRecord[] = []
  const take = (batch: RecordBatch): void => {
    expect(batch.numbers).toHaveLength(batch.records.length)
    expect(batch.sources).toHaveLength(batch.records.length)
    batch.records.forEach((record, i) => {
      records.push({ number: batch.numbers[i] ?? Number.NaN, source: batch.sources[i] ?? {}, record })
    })
    unreadable.push(...batch.unreadable)
  }
  for (const piece of pieces) {
    // A copy that is wiped afterwards: nothing may hold on to the bytes.
    const copy = Uint8Array.from(piece)
    take(reader.push(copy))
    copy.fill(0x7b)
  }
  take(reader.end())
  return { records, unreadable }
}

function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const at = [0, ...places.map((n) => n % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length]
  return at.slice(1).map((end, i) => bytes.subarray(at[i], end))
}

const cases = globSync('*/cases/*/input*', { cwd: import.meta.dirname }).map((path) => {
  const parts = path.split(sep)
  const bytes = readFileSync(`${import.meta.dirname}/${path}`)
  // `input.log` stands for itself; `input.conn.log` for a file whose name says something: `conn.log`.
  const fileName = basename(path).replace(/^input\.(?=[^.]+\.)/, '')
  return { path, folder: parts[0] ?? '', bytes, fileName }
})
const byFolder = new Map(recordFormats.map((format) => [format.name, format]))

describe.each(cases)('$path', ({ path, folder, bytes, fileName }) => {
  const options: ReaderOptions = { readAtMs, fileName }
  const format = recogniseFormat(bytes.subarray(0, 65_536), fileName)

  test('is recognised', () => {
    expect(format.name).toBe(folder)
  })

  test('gives the records that are expected', () => {
    const expected = `${import.meta.dirname}/${dirname(path)}/expected.json`
    const found = `${JSON.stringify(read(format, [bytes], options), null, 2)}\n`
    if (process.env['VEDETTE_ACCEPT'] === '1') writeFileSync(expected, found)
    expect(JSON.parse(found)).toEqual(JSON.parse(readFileSync(expected, 'utf8')))
  })

  test('gives the same however it is cut into pieces', () => {
    const whole = read(format, [bytes], options)
    const bytewise = Array.from(bytes, (_, i) => bytes.subarray(i, i + 1))
    expect(read(format, bytewise, options)).toEqual(whole)
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 8 }), (places) => {
        expect(read(format, cut(bytes, places), options)).toEqual(whole)
      }),
      { numRuns: 20 },
    )
  })
})

/** Windows' own files are no text; `evtx/` has its own suite. */
const textFormats = recordFormats.filter(({ name }) => name !== 'evtx')

describe.each(textFormats)('$name', (format) => {
  const own = cases.filter(({ folder }) => folder === format.name)

  test('has a case', () => {
    expect(own.length).toBeGreaterThan(0)
  })

  test('says where damage is, and never throws', () => {
    const edit = fc.record({ at: fc.nat(), remove: fc.nat(20), put: fc.uint8Array({ maxLength: 8 }) })
    const damaged = fc
      .tuple(fc.constantFrom(...own), fc.array(edit, { minLength: 1, maxLength: 6 }))
      .map(([{ bytes, fileName }, edits]) => {
        let buffer = Buffer.from(bytes)
        for (const { at, remove, put } of edits) {
          const from = at % (buffer.length + 1)
          buffer = Buffer.concat([buffer.subarray(0, from), put, buffer.subarray(from + remove)])
        }
        return { buffer, fileName }
      })
    const any = fc
      .uint8Array({ maxLength: 500 })
      .map((bytes) => ({ buffer: Buffer.from(bytes), fileName: 'x' }))
    fc.assert(
      fc.property(
        fc.oneof({ weight: 4, arbitrary: damaged }, any),
        fc.nat(),
        ({ buffer, fileName }, place) => {
          format.recognises(buffer, fileName)
          const options = { readAtMs, fileName }
          const whole = read(format, [buffer], options)
          for (const { offset, reason } of whole.unreadable) {
            expect(offset).toBeGreaterThanOrEqual(0)
            expect(offset).toBeLessThanOrEqual(buffer.length)
            expect(reason).toMatch(/^[a-z][a-z0-9-]*$/)
          }
          expect(read(format, cut(buffer, [place]), options)).toEqual(whole)
        },
      ),
      { numRuns: 150 },
    )
  })
})

test('every case belongs to a format', () => {
  expect(cases.filter(({ folder }) => !byFolder.has(folder))).toEqual([])
})
