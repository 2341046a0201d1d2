import type { LogSource } from '@vedette/model'
import type { RecordFormat } from '../record-format.ts'
import { LineReader } from './line-reader.ts'

const UNKNOWN: LogSource = {}

/** The last resort: each line that is not empty is a record `{message}` of an unknown source. */
export const linesFormat: RecordFormat = {
  name: 'lines',
  cut: 'lines',
  open: () =>
    new LineReader((line, number, batch) => {
      batch.add({ message: line }, number, UNKNOWN)
      return undefined
    }),
  recognises: () => true,
}
