import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { type ForeignRecord, recogniseFormat } from '@vedette/formats'
import type { LogSource } from '@vedette/model'

const HEAD_BYTES = 65_536

/** Every record of a file, in whatever format it is. */
export function readRecords(file: string): {
  readonly records: readonly ForeignRecord[]
  readonly sources: readonly LogSource[]
} {
  const bytes = readFileSync(file)
  const fileName = basename(file)
  const reader = recogniseFormat(bytes.subarray(0, HEAD_BYTES), fileName).open({ readAtMs: 0, fileName })
  const batches = [reader.push(bytes), reader.end()]
  return {
    records: batches.flatMap(({ records }) => records),
    sources: batches.flatMap(({ sources }) => sources),
  }
}
