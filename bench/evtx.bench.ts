import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '@vedette/base'
import { evtxToNdjson, recordFormats } from '@vedette/formats'
import { hunt, ndjsonReport } from '@vedette/manager/hunt'
import { unpackCorpus } from '../test/corpus/unpack.ts'
import { quantile, report } from './figures.ts'

/**
 * How many records of EVTX files a second one core turns into flat records, from bytes in memory: all chunks of the corpus
 * one behind the other, in ratio to a plain `JSON.parse` of the same records as NDJSON, taken in turn; and how many it hunts
 * with all of SigmaHQ's rules for Windows, from the files to matches as NDJSON. `--save` keeps the figures.
 */

const ROUNDS = 15
const WARM_UP = 5
const CHUNK = 65_536
/** Copies of the folder in two hunts: what one takes longer than the other is hunting alone, without loading rules. */
const COPIES = [2, 26] as const
const HUNTS = 5

using corpus = unpackCorpus('evtx-attack-samples.txz')
const files = globSync('**/*.evtx', { cwd: corpus.path }).map((file) => readFileSync(join(corpus.path, file)))
const chunks = Buffer.concat(files.map((file) => file.subarray(4096)))
const evtx = recordFormats.find(({ name }) => name === 'evtx')

/** Records a second of processor time, this thread's alone. */
function perSecond(run: () => number): number {
  const start = process.threadCpuUsage()
  const records = run()
  const { user, system } = process.threadCpuUsage(start)
  return records / ((user + system) / 1e6)
}

function readChunks(): number {
  const reader = evtx?.open({ readAtMs: 0, fileName: 'bench.evtx' })
  let records = 0
  for (let at = 0; at < chunks.length; at += CHUNK)
    records += reader?.push(chunks.subarray(at, at + CHUNK)).records.length ?? 0
  return records + (reader?.end().records.length ?? 0)
}

function readFiles(): number {
  let records = 0
  for (const file of files) {
    const reader = evtx?.open({ readAtMs: 0, fileName: 'bench.evtx' })
    records += (reader?.push(file).records.length ?? 0) + (reader?.end().records.length ?? 0)
  }
  return records
}

// What a hunt over one small folder sees: nothing is compiled yet.
const cold = perSecond(readFiles)

const lines: string[] = []
for (const file of files)
  for await (const text of evtxToNdjson([file], () => {})) lines.push(...text.trimEnd().split('\n'))

let parsed = 0
function parseLines(): number {
  for (const line of lines) parsed += typeof JSON.parse(line) === 'object' ? 1 : 0
  return lines.length
}

const rates: Record<'chunks' | 'files' | 'json', number[]> = { chunks: [], files: [], json: [] }
for (let round = 0; round < WARM_UP + ROUNDS; round += 1) {
  const figures = { chunks: perSecond(readChunks), files: perSecond(readFiles), json: perSecond(parseLines) }
  if (round < WARM_UP) continue
  for (const name of ['chunks', 'files', 'json'] as const) rates[name].push(figures[name])
}

const events = await hunted()

const medians = {
  chunks: quantile(rates.chunks, 0.5),
  files: quantile(rates.files, 0.5),
  json: quantile(rates.json, 0.5),
}
const records = lines.length
report('evtx', {
  records,
  'megabytes of chunks': Math.round(chunks.length / 1e6),
  'records/s of one core': {
    'chunks in a row': Math.round(medians.chunks),
    'file by file': Math.round(medians.files),
    'file by file, the first time': Math.round(cold),
    'JSON.parse of the same records': Math.round(medians.json),
  },
  'hunting, all Windows rules, events/s a core': Math.round(events.rate),
  'hunting, times the seconds of JSON.parse': Math.round((medians.json / events.rate) * 100) / 100,
  'rules, and matches in the folder': [events.rules, events.matches],
  'megabytes/s of chunks': Math.round((medians.chunks * chunks.length) / records / 1e6),
  'times JSON.parse': Math.round((medians.chunks / medians.json) * 100) / 100,
  'JSON lines parsed': parsed,
})

/** Events a second of processor time, of all threads of this process: the median of several hunts. */
async function hunted(): Promise<{
  readonly rate: number
  readonly rules: number
  readonly matches: number
}> {
  using sigma = unpackCorpus('sigma.tgz')
  const cache = mkdtempSync(join(tmpdir(), 'vedette-bench-'))
  try {
    const rules = { paths: [join(sigma.path, 'sigma/rules/windows')], cache }
    const run = async (copies: number) => {
      const writer = ndjsonReport()
      let written = 0
      const start = process.cpuUsage()
      const summary = await hunt(
        {
          rules,
          paths: Array.from({ length: copies }, () => corpus.path),
          workers: 1,
          clock: systemClock,
        },
        { matches: (matches) => void (written += writer.matches(matches).length) },
      )
      const { user, system } = process.cpuUsage(start)
      if (summary.unreadable > 0 || written === 0) throw new Error('the files were not read whole')
      return { ...summary, cpuSeconds: (user + system) / 1e6 }
    }
    const { rules: used, matches } = await run(1)
    const found: number[] = []
    for (let round = 0; round < HUNTS; round += 1) {
      const few = await run(COPIES[0])
      const many = await run(COPIES[1])
      found.push((many.events - few.events) / (many.cpuSeconds - few.cpuSeconds))
    }
    return { rate: quantile(found, 0.5), rules: used, matches }
  } finally {
    rmSync(cache, { recursive: true })
  }
}
