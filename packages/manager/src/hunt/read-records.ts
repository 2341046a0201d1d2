import type { ForeignRecord } from '@vedette/formats'
import { toJson } from './hunt-unit.ts'
import { readUnit } from './read-unit.ts'
import { faultOf, recognise } from './source-file.ts'
import { findTargets, reasonOf, type Unreadable } from './targets.ts'
import { unitsOf } from './units.ts'

/** Records of a piece of a file. */
export interface ReadRecords {
  /** One record a line, as JSON. */
  readonly lines: string
  readonly records: number
  readonly unreadable: readonly Unreadable[]
}

/** Records of a piece of a file, as they are. */
export interface ReadBatch {
  /** Empty where it is about what is no file. */
  readonly file: string
  /** Name of its format. */
  readonly format: string
  readonly records: readonly ForeignRecord[]
  readonly unreadable: readonly Unreadable[]
}

/** The records of files and folders of any known format, in order, piece by piece. Never throws for what a file holds. */
export async function* readRecords(
  paths: readonly string[],
  signal?: AbortSignal,
): AsyncGenerator<ReadRecords> {
  for await (const { records, unreadable } of readBatches(paths, signal)) {
    yield {
      lines: records.map((record) => `${toJson(record)}\n`).join(''),
      records: records.length,
      unreadable,
    }
  }
}

/** The same, as records. */
export async function* readBatches(
  paths: readonly string[],
  signal?: AbortSignal,
): AsyncGenerator<ReadBatch> {
  const { files, unreadable } = await findTargets(paths, signal)
  if (unreadable.length > 0) yield { file: '', format: '', records: [], unreadable }
  for (const file of files) {
    const fault = (reason: string, offset?: number): ReadBatch => ({
      file: file.path,
      format: '',
      records: [],
      unreadable: [{ file: file.path, reason, ...(offset === undefined ? {} : { offset }) }],
    })
    try {
      const found = await recognise(file.path, file.named)
      const { format, compression, name } = found
      if (!format || compression === 'unsupported' || compression === 'archive') {
        const reason = file.sizeBytes === 0 ? undefined : faultOf(found, file.named)
        if (reason !== undefined) yield fault(reason)
        continue
      }
      const [unit] = unitsOf(file, { format: format.name, cut: 'whole', compression, name }, 0)
      if (!unit) continue
      for await (const { records: batch, baseOffset } of readUnit(unit)) {
        if (signal?.aborted) return
        yield {
          file: file.path,
          format: format.name,
          records: batch.records,
          unreadable: batch.unreadable.map(({ offset, reason }) => ({
            file: file.path,
            offset: baseOffset + offset,
            reason,
          })),
        }
      }
    } catch (error) {
      yield fault(reasonOf(error))
    }
  }
}
