import { Batch } from '../lines/batch.ts'
import { JsonRecords } from '../ndjson/json-records.ts'
import { isTooDeep } from '../ndjson/nesting.ts'
import { WRAPPER_BYTES, WRAPPER_START } from '../ndjson/wrapper.ts'
import type { ReaderOptions, RecordBatch, RecordReader } from '../record-format.ts'

/** Longest object, bytes. */
export const MAX_ELEMENT_BYTES = 16_777_216

const LINE_FEED = 10
const QUOTE = 34
const BACKSLASH = 92
const OPEN_BRACKET = 91
const CLOSE_BRACKET = 93
const OPEN_BRACE = 123
const CLOSE_BRACE = 125
const COMMA = 44
const COLON = 58
/** Levels of an object in which it is known what holds what; records are not that deep. */
const DEEPEST_KNOWN = 256

/**
 * Cuts objects out of JSON text by their braces, and hands each to `JSON.parse`: memory is that of one object, whatever the
 * size of the file. A brace that cannot stand where it does begins the next object: what is missing before it costs the one
 * object that it is missing in. An object that is broken (`broken-json`), longer than 16 MiB (`object-too-long`) or not finished
 * (`truncated`), and a value beside the objects (`not-an-object`), are reported with their offset. Numbers are lines.
 */
export class JsonValuesReader implements RecordReader {
  readonly #json: JsonRecords
  #batch = new Batch()
  /** Bytes before those that are pushed now. */
  #offset = 0
  #line = 1
  /** Where the line begins that is read now. */
  #lineOffset = 0
  #depth = 0
  #inText = false
  #escaped = false
  /** A value beside the objects was reported, and what belongs to it is passed over. */
  #inStray = false
  #inStrayText = false
  /** Where the object began that is read now. */
  #startOffset = 0
  #startLine = 0
  /** Bytes before it in its line. */
  #indent = 0
  #kept: Buffer[] = []
  #keptBytes = 0
  #tooLong = false
  /** Of each level whether it is a list. */
  readonly #lists = new Uint8Array(DEEPEST_KNOWN)
  /** The last byte of the object that was no white space and stood in no text. */
  #previous = 0
  /** The object that is read now has a list before, and so is no wrapper. */
  #hasList = false

  constructor(options: ReaderOptions) {
    this.#json = new JsonRecords(options.fileName)
  }

  push(bytes: Uint8Array): RecordBatch {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    let from = 0
    for (let at = 0; at < buffer.length; at += 1) {
      const code = buffer[at] ?? 0
      if (code === LINE_FEED) {
        this.#line += 1
        this.#lineOffset = this.#offset + at + 1
      }
      if (this.#depth === 0) {
        if (this.#between(code, this.#offset + at)) from = at
      } else if (code === LINE_FEED && this.#inText) {
        this.#breakOff()
      } else if (code === OPEN_BRACE && !this.#inText && !this.#mayOpen()) {
        this.#breakOff()
        this.#between(code, this.#offset + at)
        from = at
      } else if (this.#inside(code)) {
        this.#finish(buffer.subarray(from, at + 1))
      } else if (
        code === OPEN_BRACKET &&
        this.#depth === 2 &&
        this.#isWrapper(buffer.subarray(from, at + 1))
      ) {
        this.#forget()
      }
    }
    if (this.#depth > 0) this.#keep(buffer.subarray(from))
    this.#offset += buffer.length
    return this.#taken()
  }

  end(): RecordBatch {
    if (this.#depth > 0 && !this.#tooLong) this.#salvage()
    return this.#taken()
  }

  /** A byte outside of objects. True where an object begins. */
  #between(code: number, offset: number): boolean {
    if (this.#inStrayText) {
      if (this.#escaped) this.#escaped = false
      else if (code === BACKSLASH) this.#escaped = true
      else if (code === QUOTE) this.#inStrayText = false
      return false
    }
    if (code === OPEN_BRACE) {
      this.#inStray = false
      this.#depth = 1
      this.#lists[0] = 0
      this.#previous = code
      this.#startOffset = offset
      this.#startLine = this.#line
      this.#indent = offset - this.#lineOffset
      this.#hasList = false
      return true
    }
    if (isFiller(code)) {
      this.#inStray = false
    } else if (!this.#isMark(code, offset)) {
      if (!this.#inStray) this.#batch.reject(offset, 'not-an-object')
      this.#inStray = true
      if (code === QUOTE) this.#inStrayText = true
    }
    return false
  }

  /** A mark that says UTF-8, at the very beginning. */
  #isMark(code: number, offset: number): boolean {
    return offset < 3 && code === [0xef, 0xbb, 0xbf][offset]
  }

  /** A byte of an object. True where it is the last. */
  #inside(code: number): boolean {
    if (this.#inText) {
      if (this.#escaped) this.#escaped = false
      else if (code === BACKSLASH) this.#escaped = true
      else if (code === QUOTE) this.#inText = false
      return false
    }
    if (code > 32) this.#previous = code
    if (code === QUOTE) {
      this.#inText = true
    } else if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      if (this.#depth < DEEPEST_KNOWN) this.#lists[this.#depth] = code === OPEN_BRACKET ? 1 : 0
      this.#depth += 1
    } else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) {
      this.#depth -= 1
      return this.#depth === 0
    }
    return false
  }

  /** Whether an object may begin within the one that is read: behind a name, or in a list. */
  #mayOpen(): boolean {
    if (this.#depth > DEEPEST_KNOWN) return true
    return this.#lists[this.#depth - 1] === 1
      ? this.#previous === OPEN_BRACKET || this.#previous === COMMA
      : this.#previous === COLON
  }

  /**
   * The file ended within an object. Where objects begin lines as this one did, with as many blanks before, these are
   * taken by themselves: a bracket is missing, and not all that follows is part of one object.
   */
  #salvage(): void {
    const bytes = Buffer.concat(this.#kept)
    this.#forget()
    const text = bytes.toString('latin1')
    const starts = [...text.matchAll(/\n([ \t]*)\{/g)].filter(([, blanks]) => blanks?.length === this.#indent)
    this.#batch.reject(this.#startOffset, starts.length === 0 ? 'truncated' : 'broken-json')
    const first = { offset: this.#startOffset, line: this.#startLine }
    let line = first.line
    let counted = 0
    for (const [i, { 0: head, index }] of starts.entries()) {
      const from = index + head.length - 1
      for (; counted < from; counted += 1) if (bytes[counted] === LINE_FEED) line += 1
      const end = starts[i + 1]?.index ?? bytes.length
      const piece = bytes.subarray(from, end).toString('utf8')
      this.#startLine = line
      const reason = this.#parse(piece.replace(/[\s,\]]{1,100}$/, ''))
      if (reason !== undefined) this.#batch.reject(first.offset + from, reason)
    }
  }

  #isWrapper(piece: Buffer): boolean {
    if (this.#hasList || this.#tooLong || this.#keptBytes + piece.length > WRAPPER_BYTES) return false
    this.#hasList = true
    return WRAPPER_START.test(Buffer.concat([...this.#kept, piece]).toString('latin1'))
  }

  /** The wrapper's own braces and what follows its list are nothing. */
  #forget(): void {
    this.#depth = 0
    this.#kept = []
    this.#keptBytes = 0
  }

  /** No text goes over a line feed: a quote is missing, which would make text of the file's rest. */
  #breakOff(): void {
    if (!this.#tooLong) this.#batch.reject(this.#startOffset, 'broken-json')
    this.#forget()
    this.#tooLong = false
    this.#inText = false
    this.#escaped = false
  }

  #keep(piece: Buffer): void {
    if (this.#tooLong) return
    if (this.#keptBytes + piece.length > MAX_ELEMENT_BYTES) {
      this.#tooLong = true
      this.#forgetBytes()
      this.#batch.reject(this.#startOffset, 'object-too-long')
      return
    }
    this.#kept.push(Buffer.from(piece))
    this.#keptBytes += piece.length
  }

  #forgetBytes(): void {
    this.#kept = []
    this.#keptBytes = 0
  }

  #finish(piece: Buffer): void {
    if (this.#keptBytes > 0 || piece.length > MAX_ELEMENT_BYTES) this.#keep(piece)
    if (this.#tooLong) {
      this.#tooLong = false
      return
    }
    const text = (this.#keptBytes > 0 ? Buffer.concat(this.#kept) : piece).toString('utf8')
    this.#forgetBytes()
    const reason = this.#parse(text)
    if (reason !== undefined) this.#batch.reject(this.#startOffset, reason)
  }

  #parse(text: string): string | undefined {
    let value: unknown
    try {
      value = JSON.parse(text)
    } catch {
      return 'broken-json'
    }
    return isTooDeep(value, text) ? 'nested-too-deep' : this.#json.add(value, this.#startLine, this.#batch)
  }

  #taken(): RecordBatch {
    const batch = this.#batch
    this.#batch = new Batch()
    return batch
  }
}

/** White space, and what stands around elements: after a wrapper's list come further names, which are no records. */
function isFiller(code: number): boolean {
  return code <= 32 || code === 44 || code === OPEN_BRACKET || code === CLOSE_BRACKET || code === CLOSE_BRACE
}
