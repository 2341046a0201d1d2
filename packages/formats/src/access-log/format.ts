import { areLines } from '../lines/head-lines.ts'
import { LineReader } from '../lines/line-reader.ts'
import type { RecordFormat } from '../record-format.ts'
import { ACCESS, isAccessLine, readAccessLine } from './line.ts'

/**
 * Access logs of Apache and nginx: the common and the combined format ("Log Files", Apache HTTP Server; `log_format
 * combined`, nginx), also with a virtual host before them. Names are those of Sigma's webserver category;
 * `cs-uri-query` is the whole target of the request, as SigmaHQ's rules use it, and `cs-uri-stem` its path.
 */
export const accessLogFormat: RecordFormat = {
  name: 'access-log',
  cut: 'lines',
  recognises: (head) => areLines(head, isAccessLine, 0.5),
  open: () =>
    new LineReader((line, number, batch) => {
      const record = readAccessLine(line)
      if (record === undefined) return 'no-access-log-line'
      batch.add(record, number, ACCESS)
      return undefined
    }),
}
