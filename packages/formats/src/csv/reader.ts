import { parse } from 'csv-parse/sync'
import { Batch } from '../lines/batch.ts'
import { LineBlocks, type LineBlockSink, MAX_LINE_BYTES } from '../lines/line-blocks.ts'
import { JsonRecords } from '../ndjson/json-records.ts'
import type { ReaderOptions, RecordBatch, RecordReader } from '../record-format.ts'
import { separatorOf } from './separator.ts'

/** Most columns. */
const MAX_COLUMNS = 1024
const QUOTE = 34

/** A row, which may go over several lines because a quoted value has line feeds in it. */
interface Row {
  readonly offset: number
  readonly line: number
  text: string
  bytes: number
  quotes: number
}

/**
 * Reads the rows of a CSV file as records by the names of its first row. A row of other length than the first
 * (`wrong-column-count`), a longer one than 1 MiB (`row-too-long`) and one that does not parse (`broken-row`) are
 * reported; after one that is too long, as where a quote is never closed, reading goes on with the next line.
 */
export class CsvReader implements RecordReader, LineBlockSink {
  readonly #lines = new LineBlocks(this)
  readonly #json: JsonRecords
  #batch = new Batch()
  #line = 0
  /** The row whose end has not come yet. */
  #row: Row | undefined
  /** Whole rows of this push. */
  #rows: Row[] = []
  #columns: readonly string[] | undefined
  #separator = ','

  constructor(options: ReaderOptions) {
    this.#json = new JsonRecords(options.fileName)
  }

  push(bytes: Uint8Array): RecordBatch {
    this.#lines.push(bytes)
    return this.#taken()
  }

  end(): RecordBatch {
    this.#lines.end()
    this.#addRows()
    if (this.#row !== undefined) this.#batch.reject(this.#row.offset, 'truncated')
    return this.#taken()
  }

  block(bytes: Buffer, offset: number): void {
    let at = 0
    while (at < bytes.length) {
      const feed = bytes.indexOf(10, at)
      const next = feed === -1 ? bytes.length : feed + 1
      this.#line += 1
      this.#addLine(bytes.subarray(at, next), offset + at)
      at = next
    }
    this.#addRows()
  }

  tooLong(offset: number): void {
    this.#line += 1
    this.#batch.reject(this.#row?.offset ?? offset, 'row-too-long')
    this.#row = undefined
  }

  #addLine(line: Buffer, offset: number): void {
    const row = (this.#row ??= { offset, line: this.#line, text: '', bytes: 0, quotes: 0 })
    row.quotes += quotesIn(line)
    row.bytes += line.length
    if (row.bytes > MAX_LINE_BYTES) {
      this.#row = undefined
      // In the order of the file.
      this.#addRows()
      this.#batch.reject(row.offset, 'row-too-long')
      return
    }
    row.text += line.toString('utf8')
    if (row.quotes % 2 !== 0) return
    this.#row = undefined
    row.text = row.text.replace(/\r?\n$/, '')
    if (row.text.trim() !== '') this.#rows.push(row)
  }

  #addRows(): void {
    let rows = this.#rows
    this.#rows = []
    if (this.#columns === undefined) {
      const [header, ...others] = rows
      if (header === undefined) return
      this.#readHeader(header)
      rows = others
    }
    const quoted = rows.filter(({ quotes }) => quotes > 0).map(({ text }) => text)
    const parsed = parseRows(quoted, this.#separator)
    let next = 0
    for (const row of rows) {
      // Most rows have no quotes, and need no parser.
      const values = row.quotes === 0 ? row.text.split(this.#separator) : parsed[next]
      if (row.quotes > 0) next += 1
      const reason = this.#add(values, row.line)
      if (reason !== undefined) this.#batch.reject(row.offset, reason)
    }
  }

  #readHeader(header: Row): void {
    const text = header.text.replace(/^\ufeff/, '')
    this.#separator = separatorOf(text) ?? ','
    const [columns] = parseRows([text], this.#separator)
    if (columns === undefined || columns.length > MAX_COLUMNS) {
      this.#batch.reject(header.offset, 'broken-header')
      // No row has as many values.
      this.#columns = []
      return
    }
    this.#columns = columns.map((name) => name.trim())
  }

  #add(values: readonly string[] | undefined, line: number): string | undefined {
    const columns = this.#columns
    if (values === undefined || columns === undefined) return 'broken-row'
    if (values.length !== columns.length) return 'wrong-column-count'
    const record = Object.fromEntries(columns.map((name, i) => [name, values[i] ?? '']))
    return this.#json.add(record, line, this.#batch)
  }

  #taken(): RecordBatch {
    const batch = this.#batch
    this.#batch = new Batch()
    return batch
  }
}

function quotesIn(bytes: Buffer): number {
  let count = 0
  for (let at = bytes.indexOf(QUOTE); at !== -1; at = bytes.indexOf(QUOTE, at + 1)) count += 1
  return count
}

/** The values of each row; `undefined` where it does not parse. */
function parseRows(rows: readonly string[], delimiter: string): readonly (readonly string[] | undefined)[] {
  if (rows.length === 0) return []
  try {
    const parsed = parse(rows.join('\n'), {
      delimiter,
      relax_quotes: true,
      relax_column_count: true,
      record_delimiter: '\n',
    })
    // A parser for each row costs many times more; it is only needed to tell which one is broken.
    if (parsed.length === rows.length) return parsed
  } catch {
    if (rows.length === 1) return [undefined]
  }
  return rows.length === 1 ? [undefined] : rows.map((row) => parseRows([row], delimiter)[0])
}
