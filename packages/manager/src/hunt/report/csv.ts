import { csvLine } from '@vedette/base'
import type { ReportWriter } from './report-writer.ts'

const COLUMNS = ['time', 'level', 'rule_id', 'title', 'techniques', 'host', 'file', 'record', 'event']

/** A line for each match, as a spreadsheet reads it (RFC 4180). The record stands in the last column, as JSON. */
export function csvReport(): ReportWriter {
  let begun = false
  const head = () => {
    if (begun) return ''
    begun = true
    return csvLine(COLUMNS)
  }
  return {
    matches: (matches) =>
      head() +
      matches
        .map(({ rule, timeMs, host, file, record, event }) =>
          csvLine([
            timeMs === undefined ? '' : new Date(timeMs).toISOString(),
            rule.severity,
            rule.id,
            rule.title,
            rule.techniques.map(({ id }) => id).join(' '),
            host,
            file,
            String(record),
            event,
          ]),
        )
        .join(''),
    *end() {
      yield head()
    },
    [Symbol.dispose]: () => undefined,
  }
}
