import { parse } from 'csv-parse/sync'
import { Batch } from '../lines/batch.ts'
import { LineBlocks, type LineBlockSink, MAX_LINE_BYTES } from '../lines/line-blocks.ts'
import { JsonRecords } from '../ndjson/json-records.ts'
import type { ReaderOptions, RecordBatch, RecordReader } from '../record-format.ts'
import { separatorOf } from './separator.ts'

/** Most columns. */
const MAX_COLUMNS = 1024
const QUOTE = 34

/** A row that may go over several lines, because a quoted value has line feeds in it. */
interface Row {
  readonly offset: number
  readonly line: number
  readonly pieces: Buffer[]
  bytes: number
  quotes: number
}

/**
 * Reads the rows of a CSV file as records by the names of its first row. A row of other length than the first
 * (`wrong-column-count`), a longer one than 1 MiB (`row-too-long`) and one that does not parse (`broken-row`) are reported.
 */
export class CsvReader implements RecordReader, LineBlockSink {
  readonly #lines = new LineBlocks(this)
  readonly #json: JsonRecords
  #batch = new Batch()
  #line = 0
  #row: Row | undefined
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
  }

  tooLong(offset: number): void {
    this.#line += 1
    this.#batch.reject(this.#row?.offset ?? offset, 'row-too-long')
    this.#row = undefined
  }

  #addLine(line: Buffer, offset: number): void {
    const row = (this.#row ??= { offset, line: this.#line, pieces: [], bytes: 0, quotes: 0 })
    row.quotes += quotesIn(line)
    row.bytes += line.length
    const complete = row.quotes % 2 === 0
    if (row.bytes > MAX_LINE_BYTES) {
      this.#row = undefined
      this.#batch.reject(row.offset, 'row-too-long')
      return
    }
    // The bytes are only good during the call.
    row.pieces.push(complete && row.pieces.length === 0 ? line : Buffer.from(line))
    if (!complete) return
    this.#row = undefined
    const text = (row.pieces.length === 1 ? line : Buffer.concat(row.pieces)).toString('utf8')
    const reason = this.#addRow(text.replace(/\r?\n$/, ''), row.line)
    if (reason !== undefined) this.#batch.reject(row.offset, reason)
  }

  #addRow(text: string, line: number): string | undefined {
    if (text.trim() === '') return undefined
    if (this.#columns === undefined) {
      const header = text.replace(/^\ufeff/, '')
      this.#separator = separatorOf(header) ?? ','
      const columns = this.#values(header)
      if (columns === undefined || columns.length > MAX_COLUMNS) return 'broken-header'
      this.#columns = columns.map((name) => name.trim())
      return undefined
    }
    const values = this.#values(text)
    if (values === undefined) return 'broken-row'
    if (values.length !== this.#columns.length) return 'wrong-column-count'
    const record = Object.fromEntries(this.#columns.map((name, i) => [name, values[i] ?? '']))
    return this.#json.add(record, line, this.#batch)
  }

  #values(text: string): readonly string[] | undefined {
    // Most rows have no quotes, and need no parser.
    if (!text.includes('"')) return text.split(this.#separator)
    try {
      const [values] = parse(text, { delimiter: this.#separator, relax_quotes: true, bom: false })
      return values
    } catch {
      return undefined
    }
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
