import type { LogSource } from '@vedette/model'
import { areLines } from '../lines/head-lines.ts'
import { LineReader } from '../lines/line-reader.ts'
import type { RecordFormat } from '../record-format.ts'
import { isoText } from '../syslog/record.ts'
import { parseContainerLine } from './line.ts'

const UNKNOWN: LogSource = {}

/** Logs of containers: of Docker's `json-file` driver, and of runtimes of Kubernetes. A record is `{message, stream, time}`. */
export const containerLogFormat: RecordFormat = {
  name: 'container-log',
  cut: 'lines',
  recognises: (head) => areLines(head, (line) => parseContainerLine(line) !== undefined, 0.75),
  open: () =>
    new LineReader((line, number, batch) => {
      const parsed = parseContainerLine(line)
      if (parsed === undefined) return 'no-container-log-line'
      const { message, stream, timeMs, isPartial } = parsed
      batch.add(
        { message, stream, time: isoText(timeMs), ...(isPartial && { is_partial: true }) },
        number,
        UNKNOWN,
      )
      return undefined
    }),
}
