import type { RecordFormat } from '../record-format.ts'
import { CsvReader } from './reader.ts'
import { isPreamble, separatorOf } from './separator.ts'

/** Comma-separated values with a header line (RFC 4180), or with semicolons, tabs or bars instead of commas. */
export const csvFormat: RecordFormat = {
  name: 'csv',
  cut: 'whole',
  recognises(head, fileName) {
    const text = Buffer.from(head.buffer, head.byteOffset, head.byteLength).toString('utf8')
    const lines = text.replace(/^\ufeff/, '').split(/\r?\n/, 3)
    const [first = '', second = ''] = isPreamble(lines[0] ?? '') ? lines.slice(1) : lines
    const isNamed = /\.(?:csv|tsv)(?:\.|$)/i.test(fileName)
    const separator = separatorOf(first)
    if (separator === undefined) return isNamed && first !== ''
    // Names of columns, and not a sentence with commas.
    const names = first.split(separator).map((name) => name.trim().replace(/^"(.*)"$/, '$1'))
    if (!names.every((name) => /^[@\w#][\w .:()/@#-]{0,127}$/.test(name) && !/^\d/.test(name))) return false
    return (
      isNamed ||
      (names.length >= 3 && (second.includes('"') || second.split(separator).length === names.length))
    )
  },
  open: (options) => new CsvReader(options),
}
