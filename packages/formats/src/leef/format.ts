import { deviceSource } from '../cef/device.ts'
import { addField, headerFields, MAX_PAIRS } from '../cef/extension.ts'
import { areLines } from '../lines/head-lines.ts'
import { LineReader } from '../lines/line-reader.ts'
import type { RecordFormat } from '../record-format.ts'
import { syslogHeader } from '../syslog/header.ts'

const START = /(?:^|\s)LEEF:([12](?:\.\d+)?)\|/

/**
 * IBM's Log Event Extended Format, 1.0 and 2.0 ("LEEF event components"), alone or behind a syslog header: `vendor`,
 * `product_name` (`product` is how a record names its log source), `product_version`, `event_id`, and the attributes by
 * their names. Attributes stand between tabs; 2.0 may name another character, as itself or in hex digits (`x09`, `0x5E`).
 */
export const leefFormat: RecordFormat = {
  name: 'leef',
  cut: 'lines',
  recognises: (head) => areLines(head, (line) => START.test(line), 0.5),
  open: (options) =>
    new LineReader((line, number, batch) => {
      const start = START.exec(line)
      if (start === null) return 'no-leef-header'
      const at = line.indexOf('LEEF:', start.index)
      const header = headerFields(line, at + 5, 5)
      if (header === undefined) return 'broken-leef-header'
      const [version = '', vendor = '', product = '', productVersion = '', eventId = ''] = header.fields
      const { separator, from } = separatorOf(line, header.end, version)
      const record: Record<string, string> = {
        ...syslogHeader(line.slice(0, at), options),
        leef_version: version,
        vendor,
        product_name: product,
        product_version: productVersion,
        event_id: eventId,
      }
      const attributes = line.slice(from).split(separator, MAX_PAIRS + 1)
      for (const attribute of attributes) {
        const equals = attribute.indexOf('=')
        if (equals > 0) addField(record, attribute.slice(0, equals).trim(), attribute.slice(equals + 1))
      }
      batch.add(record, number, deviceSource(vendor, product))
      return attributes.length > MAX_PAIRS ? 'too-many-fields' : undefined
    }),
}

function separatorOf(line: string, from: number, version: string): { separator: string; from: number } {
  const pipe = line.indexOf('|', from)
  if (!version.startsWith('2') || pipe === -1 || pipe - from > 5) return { separator: '\t', from }
  const text = line.slice(from, pipe)
  const hex = /^(?:0x|x|\\x|\\u)([0-9A-Fa-f]{1,4})$/.exec(text)?.[1]
  if (hex !== undefined) return { separator: String.fromCharCode(Number.parseInt(hex, 16)), from: pipe + 1 }
  if (text === '' || text === '\\t') return { separator: '\t', from: pipe + 1 }
  // More than one character cannot be a delimiter: 2.0 without one, and a pipe in the first value.
  return text.length === 1 ? { separator: text, from: pipe + 1 } : { separator: '\t', from }
}
