import { areLines } from '../lines/head-lines.ts'
import { LineReader } from '../lines/line-reader.ts'
import type { RecordFormat } from '../record-format.ts'
import { readErrorLine } from './line.ts'

/** Error logs of nginx and Apache. */
export const errorLogFormat: RecordFormat = {
  name: 'error-log',
  cut: 'lines',
  recognises: (head) => areLines(head, (line) => readErrorLine(line) !== undefined, 0.5),
  open: () =>
    new LineReader((line, number, batch) => {
      const found = readErrorLine(line)
      if (found === undefined) return 'no-error-log-line'
      batch.add(found.record, number, found.source)
      return undefined
    }),
}
