import type { LogSource } from '@vedette/model'
import type { ForeignRecord, RecordBatch, UnreadableRecord } from '../record-format.ts'

/** A batch of records while it is filled. */
export class Batch implements RecordBatch {
  readonly records: ForeignRecord[] = []
  readonly numbers: number[] = []
  readonly sources: LogSource[] = []
  readonly unreadable: UnreadableRecord[] = []

  add(record: ForeignRecord, number: number, source: LogSource): void {
    this.records.push(record)
    this.numbers.push(number)
    this.sources.push(source)
  }

  reject(offset: number, reason: string): void {
    this.unreadable.push({ offset, reason })
  }
}
