import type { RawRecord } from '@vedette/model'

/** By which name a record stands in the books: its type, for what was asked of the kernel the activity, else its source. */
export function kindOf(record: RawRecord): string {
  if (!('type' in record)) return record.source
  return record.type === 'system' ? record.activity : record.type
}
