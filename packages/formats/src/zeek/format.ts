import { firstLine } from '../lines/head-lines.ts'
import { type LineParser, LineReader } from '../lines/line-reader.ts'
import type { ReaderOptions, RecordFormat } from '../record-format.ts'
import { zeekPathOf, zeekSource } from './log-name.ts'
import { parserOf, type ZeekValue } from './values.ts'

/** Most columns of a log. */
const MAX_COLUMNS = 1024

/**
 * Zeek's logs with tabs ("Zeek ASCII log format"), each with the header that its writer puts before it: names as they are
 * (`id.orig_h`), values by `#types` as Zeek's JSON has them, sets and vectors as lists, what is unset left out.
 */
export const zeekFormat: RecordFormat = {
  name: 'zeek',
  cut: 'whole',
  recognises: (head) => /^#separator (?:\\x[0-9a-fA-F]{2}|\S)|^#fields[\t,|]/.test(firstLine(head)),
  open: (options) => new LineReader(zeekLine(options)),
}

interface Column {
  readonly name: string
  readonly value: (text: string) => ZeekValue
}

function zeekLine({ fileName }: ReaderOptions): LineParser {
  let separator = '\t'
  let setSeparator = ','
  let empty = '(empty)'
  let unset = '-'
  let names: readonly string[] = []
  let columns: readonly Column[] = []
  let source = zeekSource(zeekPathOf(fileName))

  const header = (line: string): string | undefined => {
    if (line.startsWith('#separator ')) {
      separator = characterOf(line.slice('#separator '.length))
      return undefined
    }
    const [key = '', ...values] = line.split(separator, MAX_COLUMNS + 1)
    const [value = ''] = values
    if (key === '#set_separator') setSeparator = value
    else if (key === '#empty_field') empty = value
    else if (key === '#unset_field') unset = value
    else if (key === '#path' && value !== '') source = zeekSource(value)
    else if (key === '#fields') {
      names = values
      columns = names.map((name) => ({ name, value: parserOf('string', setSeparator, empty, unset) }))
    } else if (key === '#types') {
      columns = names.map((name, i) => ({
        name,
        value: parserOf(values[i] ?? 'string', setSeparator, empty, unset),
      }))
    }
    return undefined
  }

  return (line, number, batch) => {
    if (line.startsWith('#')) return header(line)
    if (columns.length === 0) return 'no-zeek-header'
    const values = line.split(separator, MAX_COLUMNS + 1)
    if (values.length !== columns.length) return 'wrong-column-count'
    const fields: [string, ZeekValue][] = []
    columns.forEach(({ name, value }, i) => {
      const text = values[i] ?? unset
      if (text !== unset) fields.push([name, value(text)])
    })
    batch.add(Object.fromEntries(fields), number, source)
    return undefined
  }
}

function characterOf(text: string): string {
  const hex = /^\\x([0-9a-fA-F]{2})/.exec(text)?.[1]
  return hex === undefined ? text.charAt(0) || '\t' : String.fromCharCode(Number.parseInt(hex, 16))
}
