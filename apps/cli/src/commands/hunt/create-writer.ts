import {
  csvReport,
  type GroupBy,
  htmlReport,
  ndjsonReport,
  type ReportWriter,
  sarifReport,
} from '@vedette/manager/hunt'
import type { Invocation } from '../../command.ts'
import { tableReport } from './table-report.ts'
import { timelineReport } from './timeline-report.ts'

export type Format = 'table' | 'timeline' | 'csv' | 'ndjson' | 'sarif' | 'html'

export function createWriter(
  format: Format,
  by: GroupBy,
  { style }: Invocation,
  columns: number | undefined,
): ReportWriter {
  switch (format) {
    case 'ndjson':
      return ndjsonReport()
    case 'csv':
      return csvReport()
    case 'sarif':
      return sarifReport()
    case 'html':
      return htmlReport()
    case 'timeline':
      return timelineReport(style, columns)
    default:
      return tableReport(by, style, columns)
  }
}
