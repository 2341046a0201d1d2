import type { ForeignRecord } from '@vedette/formats'
import { type Event, eventSchema, type LogSource } from '@vedette/model'
import { readUnit } from '../hunt/read-unit.ts'
import { faultOf, recognise } from '../hunt/source-file.ts'
import { findTargets, reasonOf, type Unreadable } from '../hunt/targets.ts'
import { unitsOf } from '../hunt/units.ts'

/** A record of a file: one of Vedette's own Events, or a foreign one. */
export interface NumberedRecord {
  readonly file: string
  /** By which people find it: its line, or the number that it carries. */
  readonly number: number
  readonly record: ForeignRecord
  readonly source: LogSource
  /** The record, where it is an Event. */
  readonly event: Event | undefined
}

/** The records of files and folders of any known form, in order. */
export async function* numberedRecords(
  paths: readonly string[],
  unreadable: (one: Unreadable) => void,
  signal?: AbortSignal,
): AsyncGenerator<readonly NumberedRecord[]> {
  const targets = await findTargets(paths, signal)
  for (const one of targets.unreadable) unreadable(one)
  for (const file of targets.files) {
    try {
      const found = await recognise(file.path, file.named)
      const { format, compression, name } = found
      if (!format || compression === 'unsupported' || compression === 'archive') {
        const reason = faultOf(found, file.named)
        if (reason !== undefined) unreadable({ file: file.path, reason })
        continue
      }
      const [unit] = unitsOf(file, { format: format.name, cut: 'whole', compression, name }, 0)
      if (!unit) continue
      for await (const { records: batch, baseOffset } of readUnit(unit)) {
        if (signal?.aborted) return
        for (const { offset, reason } of batch.unreadable) {
          unreadable({ file: file.path, offset: baseOffset + offset, reason })
        }
        yield batch.records.map((record, at) => ({
          file: file.path,
          number: batch.numbers[at] ?? at + 1,
          record,
          source: batch.sources[at] ?? {},
          event: toEvent(record),
        }))
      }
    } catch (error) {
      unreadable({ file: file.path, reason: reasonOf(error) })
    }
  }
}

/** A record as one of our Events; undefined where it is none. */
export function toEvent(record: ForeignRecord): Event | undefined {
  if (typeof record['class_uid'] !== 'number' || typeof record['kind'] !== 'string') return undefined
  const parsed = eventSchema.safeParse(record)
  return parsed.success ? (parsed.data as Event) : undefined
}
