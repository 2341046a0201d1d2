import type { RecordFormat } from '../record-format.ts'
import { CsvReader } from './reader.ts'
import { separatorOf } from './separator.ts'

/** Comma-separated values with a header line (RFC 4180), or with semicolons, tabs or bars instead of commas. */
export const csvFormat: RecordFormat = {
  name: 'csv',
  cut: 'whole',
  recognises(head, fileName) {
    const text = Buffer.from(head.buffer, head.byteOffset, head.byteLength).toString('utf8')
    const end = text.search(/\r?\n/)
    const first = (end === -1 ? text : text.slice(0, end)).replace(/^\ufeff/, '')
    const separator = separatorOf(first)
    if (separator === undefined) return /\.csv(?:\.|$)/i.test(fileName) && first !== ''
    // Names of columns, and not a sentence with commas.
    const names = first.split(separator).map((name) => name.trim().replace(/^"(.*)"$/, '$1'))
    const isHeader = names.every((name) => /^[@\w#][\w .:()/@#-]{0,127}$/.test(name) && !/^\d/.test(name))
    return isHeader && (names.length >= 3 || /\.(?:csv|tsv)(?:\.|$)/i.test(fileName))
  },
  open: (options) => new CsvReader(options),
}
