import { spawnSync } from 'node:child_process'
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { recogniseFormat } from '@vedette/formats'
import { quantile, report } from './figures.ts'

/**
 * What reading NDJSON as records costs beside `JSON.parse` of its lines alone, lane by lane (the files given as
 * arguments, or those of `bench-lanes.txz`). Both run in turns, so that whatever disturbs the machine disturbs both;
 * the ratio is that of their fastest rounds. `--save` keeps the figures.
 */

const ROUNDS = 40
const PIECE_BYTES = 1 << 20

function parseOnly(bytes: Buffer): number {
  let records = 0
  for (const line of bytes.toString('utf8').split('\n')) {
    if (line === '') continue
    JSON.parse(line)
    records += 1
  }
  return records
}

function readRecords(bytes: Buffer, fileName: string): number {
  const format = recogniseFormat(bytes.subarray(0, 65_536), fileName)
  const reader = format.open({ readAtMs: 0, fileName })
  let records = 0
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
    records += reader.push(bytes.subarray(at, at + PIECE_BYTES)).records.length
  }
  return records + reader.end().records.length
}

function timed(run: () => number): number {
  const start = performance.now()
  run()
  return performance.now() - start
}

const corpora = fileURLToPath(new URL('../../shared/corpora/', import.meta.url))

/** Without files, the public lanes. */
function filesToRead(): { readonly files: readonly string[]; readonly remove: () => void } {
  const given = process.argv.slice(2).filter((argument) => !argument.startsWith('--'))
  if (given.length > 0) return { files: given, remove: () => undefined }
  const folder = mkdtempSync(join(tmpdir(), 'vedette-bench-'))
  const { status, stderr } = spawnSync('tar', ['-xf', `${corpora}bench-lanes.txz`, '-C', folder], {
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`Cannot unpack the lanes: ${stderr}`)
  return {
    files: globSync('**/*.ndjson', { cwd: folder }).map((file) => join(folder, file)),
    remove: () => rmSync(folder, { recursive: true }),
  }
}

const { files, remove } = filesToRead()
const lanes = files.map((file) => {
  const bytes = readFileSync(file)
  const fileName = basename(file)
  const records = readRecords(bytes, fileName)
  if (records !== parseOnly(bytes)) throw new Error(`Cannot compare: ${fileName} is not read whole`)
  const plain: number[] = []
  const ours: number[] = []
  for (let round = 0; round < ROUNDS; round += 1) {
    plain.push(timed(() => parseOnly(bytes)))
    ours.push(timed(() => readRecords(bytes, fileName)))
  }
  const fastest = quantile(ours, 0)
  return {
    lane: fileName,
    recordsPerSecond: Math.round((records / fastest) * 1000),
    megabytesPerSecond: Math.round(bytes.length / fastest / 1000),
    timesJsonParse: Number((fastest / quantile(plain, 0)).toFixed(3)),
    timesJsonParseMedian: Number((quantile(ours, 0.5) / quantile(plain, 0.5)).toFixed(3)),
  }
})
remove()
report('ndjson', { rounds: ROUNDS, lanes })
