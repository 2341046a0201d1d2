import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { type RecordBatch, recogniseFormat } from '@vedette/formats'
import { expect, test } from 'vitest'
import { unpackCorpus } from './unpack.ts'

/** The counts of these tests were also taken with grep, sort and uniq over the unpacked files. */

interface Counts {
  readonly format: string
  readonly records: number
  readonly unreadable: number
  /** Records by log source. */
  readonly sources: Readonly<Record<string, number>>
}

function read(path: string): Counts {
  const bytes = readFileSync(path)
  const fileName = basename(path)
  const format = recogniseFormat(bytes.subarray(0, 65_536), fileName)
  const reader = format.open({ readAtMs: Date.UTC(2026, 10, 20), fileName })
  const sources: Record<string, number> = {}
  let [records, unreadable] = [0, 0]
  const take = (batch: RecordBatch): void => {
    records += batch.records.length
    unreadable += batch.unreadable.length
    for (const { product, category, service } of batch.sources) {
      const name = [product, category, service].filter(Boolean).join('/')
      sources[name] = (sources[name] ?? 0) + 1
    }
  }
  for (let at = 0; at < bytes.length; at += 100_000) take(reader.push(bytes.subarray(at, at + 100_000)))
  take(reader.end())
  return { format: format.name, records, unreadable, sources }
}

test('every line of the public syslog files is a record of its service', () => {
  using corpus = unpackCorpus('logs.txz')
  expect(read(join(corpus.path, 'logs', 'OpenSSH_2k.log'))).toEqual({
    format: 'syslog',
    records: 2000,
    unreadable: 0,
    sources: { 'linux/sshd': 2000 },
  })
  expect(read(join(corpus.path, 'logs', 'Linux_2k.log'))).toEqual({
    format: 'syslog',
    records: 2000,
    unreadable: 0,
    sources: { 'linux/sshd': 677, 'linux/auth': 174, 'linux/syslog': 1149 },
  })
})

test('every line of the lanes is a record of the source that it says', () => {
  using corpus = unpackCorpus('bench-lanes.txz')
  const lanes = globSync('**/*.ndjson', { cwd: corpus.path }).toSorted()
  const found = Object.fromEntries(
    lanes.map((lane) => [basename(lane, '.ndjson'), read(join(corpus.path, lane))]),
  )
  for (const counts of Object.values(found)) {
    expect(counts).toMatchObject({ format: 'ndjson', records: 10_000, unreadable: 0 })
  }
  expect(Object.fromEntries(Object.entries(found).map(([lane, { sources }]) => [lane, sources]))).toEqual({
    cisco_syslog: { 'cisco/aaa': 10_000 },
    match_heavy: { 'windows/process_creation': 10_000 },
    no_match: { synthetic: 10_000 },
    raw_windows: { windows: 10_000 },
    structured_windows: { 'windows/process_creation': 10_000 },
    sysmon_file_event: { 'windows/file_event': 10_000 },
  })
})
