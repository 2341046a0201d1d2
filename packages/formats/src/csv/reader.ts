import { Batch } from '../lines/batch.ts'
import { LineBlocks, type LineBlockSink, MAX_LINE_BYTES } from '../lines/line-blocks.ts'
import { JsonRecords } from '../ndjson/json-records.ts'
import type { ReaderOptions, RecordBatch, RecordReader } from '../record-format.ts'
import { valuesOf } from './row.ts'
import { isPreamble, separatorOf } from './separator.ts'

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
 * (`wrong-column-count`) and a longer one than 1 MiB (`row-too-long`) are
 * reported; of one that goes over several lines, as where a quote is never closed, the lines that are rows are read.
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
    if (this.#row !== undefined) this.#giveUp(this.#row, 'truncated')
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
    if (this.#row === undefined) this.#batch.reject(offset, 'row-too-long')
    else this.#giveUp(this.#row, 'row-too-long')
    this.#row = undefined
  }

  #addLine(line: Buffer, offset: number): void {
    const row = (this.#row ??= { offset, line: this.#line, text: '', bytes: 0, quotes: 0 })
    row.quotes += quotesIn(line)
    row.bytes += line.length
    row.text += line.toString('utf8')
    if (row.bytes > MAX_LINE_BYTES) {
      this.#row = undefined
      // In the order of the file.
      this.#addRows()
      this.#giveUp(row, 'row-too-long')
      return
    }
    if (row.quotes % 2 !== 0) return
    this.#row = undefined
    row.text = withoutFeed(row.text)
    if (row.text.trim() !== '') this.#rows.push(row)
  }

  #addRows(): void {
    const rows = this.#rows
    this.#rows = []
    for (const row of rows) {
      if (this.#columns === undefined) this.#readHeader(row)
      else {
        const reason = this.#add(valuesOf(row.text, this.#separator), row.line)
        if (reason !== undefined) this.#giveUp(row, reason)
      }
    }
  }

  /**
   * Tells of a row that cannot be read. If it goes over several lines, one of them may have had a quote too many, which
   * made one row of many: those of its lines that are rows by themselves are read.
   */
  #giveUp({ text, offset, line }: Row, reason: string): void {
    this.#batch.reject(offset, reason)
    if (this.#columns === undefined || !text.includes('\n')) return
    for (const [n, part] of text.split('\n').entries()) {
      if (part.trim() !== '') this.#add(valuesOf(withoutFeed(part), this.#separator), line + n)
    }
  }

  #readHeader(header: Row): void {
    const text = header.text.replace(/^\ufeff/, '')
    if (isPreamble(text)) return
    this.#separator = separatorOf(text) ?? ','
    const columns = valuesOf(text, this.#separator)
    if (columns.length > MAX_COLUMNS) {
      this.#batch.reject(header.offset, 'broken-header')
      // No row has as many values.
      this.#columns = []
      return
    }
    this.#columns = columns.map((name) => name.trim())
  }

  #add(values: readonly string[], line: number): string | undefined {
    const columns = this.#columns ?? []
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

function withoutFeed(line: string): string {
  return line.replace(/\r?\n$/, '').replace(/\r$/, '')
}
