import type { LogSource } from '@vedette/model'
import type { ForeignRecord, RecordBatch, UnreadableRecord } from '../record-format.ts'

/** A batch of records while it is filled. */
export class Batch implements RecordBatch {
  readonly records: ForeignRecord[] = []
  readonly numbers: number[] = []
  readonly sources: LogSource[] = []
  readonly texts: (string | undefined)[] = []
  readonly unreadable: UnreadableRecord[] = []

  /** @param text the record's JSON, where it is given as it stands */
  add(record: ForeignRecord, number: number, source: LogSource, text?: string): void {
    this.records.push(record)
    this.numbers.push(number)
    this.sources.push(source)
    this.texts.push(text)
  }

  reject(offset: number, reason: string): void {
    this.unreadable.push({ offset, reason })
  }
}
