import { areLines } from '../lines/head-lines.ts'
import { LineReader } from '../lines/line-reader.ts'
import type { RecordFormat } from '../record-format.ts'
import { syslogHeader } from '../syslog/header.ts'
import { deviceSource } from './device.ts'
import { addField, cefPairs, headerFields, MAX_PAIRS } from './extension.ts'

const START = /(?:^|\s)CEF:\s?\d+(?:\.\d+)?\|/
const HEADER = [
  'cefVersion',
  'deviceVendor',
  'deviceProduct',
  'deviceVersion',
  'deviceEventClassId',
  'name',
  'severity',
] as const

/**
 * Common Event Format ("Implementing ArcSight Common Event Format", version 26), alone or behind a syslog header: the
 * header's seven fields, the extension's keys as they are, and what has a label (`cs1Label=Policy cs1=x`) by its label too.
 */
export const cefFormat: RecordFormat = {
  name: 'cef',
  cut: 'lines',
  recognises: (head) => areLines(head, (line) => START.test(line), 0.5),
  open: (options) =>
    new LineReader((line, number, batch) => {
      const start = START.exec(line)
      if (start === null) return 'no-cef-header'
      const at = line.indexOf('CEF:', start.index) + 4
      const header = headerFields(line, at, HEADER.length) ?? withoutExtension(line, at)
      if (header === undefined) return 'broken-cef-header'
      const record: Record<string, string> = { ...syslogHeader(line.slice(0, at - 4), options) }
      HEADER.forEach((name, i) => {
        record[name] = header.fields[i]?.trim() ?? ''
      })
      const pairs = cefPairs(line.slice(header.end))
      // Header names win: the text behind them is what an attacker can write more of.
      for (const [key, value] of pairs) addField(record, key, value)
      for (const [key, label] of pairs) {
        if (!key.endsWith('Label') || label === '') continue
        const labelled = key.slice(0, -'Label'.length)
        if (Object.hasOwn(record, labelled)) addField(record, label, record[labelled] ?? '')
      }
      batch.add(record, number, deviceSource(record['deviceVendor'] ?? '', record['deviceProduct'] ?? ''))
      return pairs.length > MAX_PAIRS ? 'too-many-fields' : undefined
    }),
}

/** Some devices leave out the pipe after the severity where no extension follows. */
function withoutExtension(line: string, at: number): ReturnType<typeof headerFields> {
  return headerFields(`${line}|`, at, HEADER.length)
}
