import { isAscii } from 'node:buffer'
import { Batch } from '../lines/batch.ts'
import { LineBlocks, type LineBlockSink } from '../lines/line-blocks.ts'
import type { ReaderOptions, RecordBatch, RecordReader } from '../record-format.ts'
import { JsonRecords } from './json-records.ts'
import { isTooDeep } from './nesting.ts'

const OPEN_BRACE = 123

/**
 * Reads JSON objects, one a line. A line that is none (`broken-json`, `not-an-object`, `nested-too-deep`, `line-too-long`)
 * is reported and reading goes on; blank lines are passed over.
 */
export class NdjsonReader implements RecordReader, LineBlockSink {
  readonly #lines = new LineBlocks(this)
  readonly #json: JsonRecords
  #batch = new Batch()
  #line = 0

  constructor(options: ReaderOptions) {
    this.#json = new JsonRecords(options.fileName)
  }

  push(bytes: Uint8Array): RecordBatch {
    this.#lines.push(bytes)
    return this.#taken()
  }

  end(): RecordBatch {
    this.#lines.end()
    return this.#taken()
  }

  block(bytes: Buffer, offset: number): void {
    // One text for many lines, and of one byte a character where that suffices: half the time of a decoder for each line.
    const ascii = isAscii(bytes)
    const text = bytes.toString(ascii ? 'latin1' : 'utf8')
    const batch = this.#batch
    const firstLine = this.#line
    let place: Place | undefined
    let at = 0
    while (at < text.length) {
      let end = text.indexOf('\n', at)
      if (end === -1) end = text.length
      this.#line += 1
      const reason = this.#parse(text.slice(at, end), batch)
      if (reason !== undefined) {
        if (!ascii) place = placeOf(bytes, this.#line - firstLine, place)
        batch.reject(offset + (place?.at ?? at), reason)
      }
      at = end + 1
    }
  }

  tooLong(offset: number): void {
    this.#line += 1
    this.#batch.reject(offset, 'line-too-long')
  }

  #parse(line: string, batch: Batch): string | undefined {
    if (line.charCodeAt(0) !== OPEN_BRACE) {
      // Trimmed is also the mark that says UTF-8, before the first line of files from Windows.
      const trimmed = line.trim()
      if (trimmed === '') return undefined
      return trimmed.charCodeAt(0) === OPEN_BRACE ? this.#parse(trimmed, batch) : 'not-an-object'
    }
    let value: unknown
    try {
      value = JSON.parse(line)
    } catch {
      return 'broken-json'
    }
    return isTooDeep(value, line) ? 'nested-too-deep' : this.#json.add(value, this.#line, batch, line)
  }

  #taken(): RecordBatch {
    const batch = this.#batch
    this.#batch = new Batch()
    return batch
  }
}

/** Where a line (1-based) of a block begins. */
interface Place {
  readonly line: number
  readonly at: number
}

/** Goes on from `from`, which is an earlier line, so that all places of a block take one walk over it. */
function placeOf(bytes: Buffer, line: number, from: Place = { line: 1, at: 0 }): Place {
  let { at } = from
  for (let n = from.line; n < line; n += 1) at = bytes.indexOf(10, at) + 1
  return { line, at }
}
