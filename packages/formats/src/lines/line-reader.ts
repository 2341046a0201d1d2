import type { RecordBatch, RecordReader } from '../record-format.ts'
import { Batch } from './batch.ts'
import { LineBlocks, type LineBlockSink } from './line-blocks.ts'

/**
 * Adds what a line says to the batch: any number of records. Gives a reason where the line cannot be read. The line is
 * without its line feed and not empty; `number` is 1-based.
 */
export type LineParser = (line: string, number: number, batch: Batch) => string | undefined

/**
 * Reads text line by line: UTF-8, faulty bytes as U+FFFD. Every line is a text of its own, so that a record that is
 * kept does not keep its neighbours.
 */
export class LineReader implements RecordReader, LineBlockSink {
  readonly #lines = new LineBlocks(this)
  readonly #parse: LineParser
  readonly #end: ((batch: Batch) => void) | undefined
  #batch = new Batch()
  #line = 0

  /** `end` adds what a parser with a memory still holds. */
  constructor(parse: LineParser, end?: (batch: Batch) => void) {
    this.#parse = parse
    this.#end = end
  }

  push(bytes: Uint8Array): RecordBatch {
    this.#lines.push(bytes)
    return this.#taken()
  }

  end(): RecordBatch {
    this.#lines.end()
    this.#end?.(this.#batch)
    return this.#taken()
  }

  block(bytes: Buffer, offset: number): void {
    let at = 0
    while (at < bytes.length) {
      const feed = bytes.indexOf(10, at)
      let end = feed === -1 ? bytes.length : feed
      const next = end + 1
      if (end > at && bytes[end - 1] === 13) end -= 1
      this.#line += 1
      if (end > at) {
        let line = bytes.toString('utf8', at, end)
        if (this.#line === 1 && line.startsWith('\ufeff')) line = line.slice(1)
        const reason = this.#parse(line, this.#line, this.#batch)
        if (reason !== undefined) this.#batch.reject(offset + at, reason)
      }
      at = next
    }
  }

  tooLong(offset: number): void {
    this.#line += 1
    this.#batch.reject(offset, 'line-too-long')
  }

  #taken(): RecordBatch {
    const batch = this.#batch
    this.#batch = new Batch()
    return batch
  }
}
