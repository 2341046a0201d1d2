import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  evtxToNdjson,
  flattenWindowsEvent,
  type ForeignRecord,
  recogniseFormat,
  type UnreadableRecord,
} from '@vedette/formats'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { unpackCorpus } from './unpack.ts'

const CHUNK = 65_536
const FILE_HEADER = 4096

function readAll(bytes: Buffer, name: string) {
  const reader = recogniseFormat(bytes, name).open({ readAtMs: 0, fileName: name })
  const batches = [reader.push(bytes), reader.end()]
  return {
    records: batches.flatMap(({ records }) => records),
    numbers: batches.flatMap(({ numbers }) => numbers),
    unreadable: batches.flatMap(({ unreadable }) => unreadable),
  }
}

/** How many records the headers of the chunks announce, and the ids of those that lie one behind the other in them. */
function census(bytes: Buffer): { announced: number; ids: number[] } {
  let announced = 0
  const ids: number[] = []
  for (let chunk = FILE_HEADER; chunk < bytes.length; chunk += CHUNK) {
    if (bytes.toString('latin1', chunk, chunk + 7) !== 'ElfChnk') continue
    announced += Number(bytes.readBigUInt64LE(chunk + 16) - bytes.readBigUInt64LE(chunk + 8)) + 1
    const end = chunk + bytes.readUInt32LE(chunk + 48)
    for (let at = chunk + 512; at < end; at += bytes.readUInt32LE(at + 4)) {
      if (bytes.toString('latin1', at, at + 2) !== '**') throw new Error(`no record at ${at}`)
      ids.push(Number(bytes.readBigUInt64LE(at + 8)))
    }
  }
  return { announced, ids }
}

describe('evtx-attack-samples', () => {
  let corpus: ReturnType<typeof unpackCorpus>
  let files: string[]
  beforeAll(() => {
    corpus = unpackCorpus('evtx-attack-samples.txz')
    files = globSync('**/*.evtx', { cwd: corpus.path }).map((file) => join(corpus.path, file))
  })
  afterAll(() => corpus[Symbol.dispose]())

  test('every record of every file: as many as the chunks announce, with the ids that lie in them', () => {
    let total = 0
    for (const file of files) {
      const bytes = readFileSync(file)
      const { records, numbers, unreadable } = readAll(bytes, file)
      const { announced, ids } = census(bytes)
      expect(unreadable, file).toEqual([])
      expect(records, file).toHaveLength(announced)
      expect(numbers, file).toEqual(records.map(({ EventRecordID: id }) => id))
      // An exported log counts its records anew from 1, in the order of the log.
      const first = ids[0] ?? 0
      const byId = records.filter(({ EventRecordID: id }, index) => id === ids[index]).length
      expect(byId === records.length || first === 1, file).toBe(true)
      total += records.length
    }
    expect(files).toHaveLength(277)
    expect(total).toBe(8255)
  })

  test('every record says where it comes from and carries data', () => {
    for (const file of files) {
      for (const record of readAll(readFileSync(file), file).records) {
        const {
          EventID: id,
          Channel: channel,
          Computer: computer,
          Provider_Name: provider,
          TimeCreated: time,
        } = record
        expect(id).toBeTypeOf('number')
        // Traces of RPC calls went through no channel.
        if (!file.endsWith('etw_rpc_zerologon.evtx')) expect(channel).toMatch(/./)
        expect(computer).toMatch(/./)
        expect(provider).toMatch(/./)
        expect(time).toMatch(/^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z$/)
        if (channel === 'Security') expect(Object.keys(record).length).toBeGreaterThan(18)
      }
    }
  })

  test('as NDJSON: a line a record', async () => {
    const lost: UnreadableRecord[] = []
    let lines = 0
    for (const file of files) {
      for await (const text of evtxToNdjson([readFileSync(file)], (unreadable) => lost.push(unreadable))) {
        for (const line of text.trimEnd().split('\n')) {
          expect(JSON.parse(line)).toHaveProperty('EventID')
          lines += 1
        }
      }
    }
    expect(lines).toBe(8255)
    expect(lost).toEqual([])
  })
})

describe("SigmaHQ's regression data", () => {
  let corpus: ReturnType<typeof unpackCorpus>
  beforeAll(() => {
    corpus = unpackCorpus('sigma.tgz')
  })
  afterAll(() => corpus[Symbol.dispose]())

  /** What the tool that wrote the JSON leaves out: attributes without a value, the last digit of times, spaces at the end. */
  function asTheOtherWrites(record: ForeignRecord): ForeignRecord {
    return Object.fromEntries(
      Object.entries(record)
        .filter(
          ([name, value]) =>
            value !== null || !/^(?:EventID|Provider|Correlation|Execution|Security)_/.test(name),
        )
        .map(([name, value]) => [name, typeof value === 'string' ? value.trimEnd() : value])
        .map(([name, value]) => [name, name === 'TimeCreated' ? String(value).slice(0, 26) : value]),
    )
  }

  /** The twin of this one was written by hand: its file has `Explorer.EXE`. */
  const EDITED = 'ad691d92-15f2-4181-9aa4-723c74f9ddc3'

  test('each EVTX file holds what its JSON twin says, field by field', () => {
    const folder = join(corpus.path, 'sigma/regression_data')
    const files = globSync('**/*.evtx', { cwd: folder }).map((file) => join(folder, file))
    let fields = 0
    let total = 0
    for (const file of files) {
      // Several records stand one behind the other.
      const twins: ForeignRecord[] = readFileSync(file.replace(/evtx$/, 'json'), 'utf8')
        .split(/\n(?=\{)/)
        .map((text) => JSON.parse(text) as ForeignRecord)
      const { records, unreadable } = readAll(readFileSync(file), file)
      expect(unreadable, file).toEqual([])
      total += records.length
      if (file.includes(EDITED)) {
        expect(records).toEqual([expect.objectContaining({ ParentCommandLine: 'C:\\Windows\\Explorer.EXE' })])
        continue
      }
      const expected = twins.map((twin) => asTheOtherWrites(flattenWindowsEvent(twin) ?? {}))
      expect(records.map(asTheOtherWrites), file).toEqual(expected)
      for (const record of expected) fields += Object.keys(record).length
    }
    expect(files).toHaveLength(119)
    expect(total).toBe(141)
    expect(fields).toBeGreaterThan(4000)
  })
})
