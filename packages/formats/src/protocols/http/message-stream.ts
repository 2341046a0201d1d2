import { ByteQueue } from '../bytes/byte-queue.ts'
import { latin1 } from '../bytes/text.ts'
import type { HttpAnomaly } from './anomalies.ts'
import { Head } from './head.ts'

/** How far the body of a message goes (RFC 9112, 6.3): so many bytes, or one of these. */
export const framing = { chunked: -1, untilClose: -2, otherProtocol: -3 } as const

export interface MessageListener {
  /** The headers are whole: how long the body is. */
  head(head: Head): number
  body(length: number): void
  /** The message is whole, or is as whole as it will be. */
  over(): void
  anomaly(anomaly: HttpAnomaly): void
  /** Whether this can be the first line of a message; one that cannot is passed over. */
  accepts(line: string): boolean
  /** After what was not read: whether a message begins here. */
  begins(bytes: Uint8Array): boolean
}

const LF = 10
const CR = 13
const MOST_LINE = 8192
/** Of all headers of a message, kept or not: what goes on longer is no message. */
const MOST_HEAD = 256 * 1024
/** Before a message: empty, or no message's first. */
const MOST_PASSED_LINES = 64

type State =
  | 'start'
  | 'headers'
  | 'body'
  | 'until-close'
  | 'chunk-size'
  | 'chunk-end'
  | 'trailers'
  | 'lost'
  | 'over'

/** One direction of an HTTP/1 connection, cut into messages. */
export class MessageStream {
  readonly #listener: MessageListener
  readonly #held = new ByteQueue(MOST_LINE)
  #state: State = 'start'
  #head: Head | undefined
  /** Of a body or chunk. */
  #left = 0
  #isChunked = false
  #isLongLine = false
  #headBytes = 0
  /** The first line was none of HTTP: what follows may be headers, or a body. */
  #isDoubtful = false
  #passedLines = 0

  constructor(listener: MessageListener) {
    this.#listener = listener
  }

  /** Nothing more is read. */
  get isOver(): boolean {
    return this.#state === 'over'
  }

  push(bytes: Uint8Array): void {
    if (this.#state === 'lost' && this.#listener.begins(bytes)) this.#state = 'start'
    let at = 0
    while (at < bytes.length && this.#state !== 'over' && this.#state !== 'lost') {
      at = this.#isBody() ? this.#pass(bytes.length, at) : this.#line(bytes, at)
    }
  }

  gap(length: number): void {
    if (this.#state === 'over' || this.#state === 'lost') return
    const isWithin = this.#state !== 'start' || this.#held.length > 0
    if (isWithin) this.#flag('gap')
    if (this.#state === 'until-close' || (this.#state === 'body' && length <= this.#left)) {
      this.#pass(length, 0)
      return
    }
    this.#cutOff()
    this.#state = 'lost'
  }

  /** The connection ends: what is there is all. */
  end(): void {
    if (this.#state === 'over' || this.#state === 'lost') return
    const isWithin = this.#state !== 'start' || this.#held.length > 0
    if (isWithin && this.#state !== 'until-close') this.#flag('unfinished')
    if (this.#state === 'start' && this.#held.length > 0) this.#endLine(this.#held.view(), false)
    // What was to be the length of a chunk, or a header after no line of HTTP, was said in any case.
    if (this.#isDoubtful || (this.#state === 'chunk-size' && this.#held.length > 0))
      this.#giveUp(this.#isDoubtful ? 'bad-status-line' : 'bad-chunk')
    this.#cutOff()
    this.#state = 'over'
  }

  /** Ends the message that is being read, whatever is missing of it. */
  #cutOff(): void {
    this.#held.clear()
    this.#isLongLine = false
    if (this.#head !== undefined) this.#endHead()
    if (this.#state !== 'start' && this.#state !== 'over' && this.#state !== 'lost') this.#endMessage()
  }

  /** Headers that are still read have it themselves. */
  #flag(anomaly: HttpAnomaly): void {
    if (this.#head === undefined) this.#listener.anomaly(anomaly)
    else this.#head.anomalies.add(anomaly)
  }

  #isBody(): boolean {
    return this.#state === 'body' || this.#state === 'until-close'
  }

  #pass(length: number, from: number): number {
    if (this.#state === 'until-close') {
      this.#listener.body(length - from)
      return length
    }
    const passed = Math.min(this.#left, length - from)
    this.#left -= passed
    this.#listener.body(passed)
    if (this.#left === 0) {
      if (this.#isChunked) this.#state = 'chunk-end'
      else this.#endMessage()
    }
    return from + passed
  }

  #line(bytes: Uint8Array, from: number): number {
    const found = bytes.indexOf(LF, from)
    const end = found < 0 ? bytes.length : found + 1
    // Wherever the bytes are cut, it is the same one that is too many.
    const to = Math.min(end, from + MOST_HEAD - this.#headBytes)
    this.#headBytes += to - from
    const isWhole = found >= 0 && to === end
    if (isWhole && this.#held.length === 0 && to - from <= MOST_LINE) {
      this.#endLine(bytes.subarray(from, to), true)
      return to
    }
    if (this.#held.append(bytes, from, to) < to - from) this.#isLongLine = true
    if (isWhole) this.#endLine(this.#held.view(), true)
    else if (this.#headBytes >= MOST_HEAD) this.#giveUp('long-headers')
    return to
  }

  #endLine(bytes: Uint8Array, hasEnd: boolean): void {
    let end = bytes.length
    if (hasEnd && !this.#isLongLine) {
      end -= 1
      if (bytes[end - 1] === CR) end -= 1
      else this.#head?.anomalies.add('bare-lf')
    }
    const line = latin1(bytes, end)
    if (this.#held.length > 0) this.#held.clear()
    const isLong = this.#isLongLine
    this.#isLongLine = false
    if (isLong && this.#state !== 'start') this.#flag('long-line')
    switch (this.#state) {
      case 'start':
        this.#startLine(line, isLong)
        break
      case 'headers':
        if (line === '') this.#endHead()
        else if (this.#isDoubtful && /^HTTP\//i.test(line)) this.#restart(line)
        else if (this.#isDoubtful && !/^[!-9;-~]+[\t ]*:/.test(line)) this.#giveUp('bad-status-line')
        else this.#head?.add(line)
        break
      case 'chunk-size':
        this.#chunkSize(line)
        break
      case 'chunk-end':
        if (line !== '') this.#giveUp('bad-chunk')
        else this.#state = 'chunk-size'
        break
      default:
        if (line === '') this.#endMessage()
    }
  }

  #startLine(line: string, isLong: boolean): void {
    // RFC 9112, 2.2: empty lines before a message are passed over.
    if (line.trim() === '' || !(isLong || this.#listener.accepts(line))) {
      this.#passedLines += 1
      this.#headBytes = 0
      if (this.#passedLines > MOST_PASSED_LINES) this.#state = 'over'
      return
    }
    this.#passedLines = 0
    this.#head = new Head(line)
    if (isLong) this.#head.anomalies.add('long-line')
    this.#state = 'headers'
    if (isLong || /HTTP\//i.test(line)) return
    // HTTP/0.9 has a line and nothing else; a response in it, or in no HTTP at all, has not even that.
    if (/^\s*GET\s/i.test(line)) this.#endHead()
    else this.#isDoubtful = true
  }

  /** The first line of HTTP comes after one that is none. */
  #restart(line: string): void {
    this.#isDoubtful = false
    this.#head = new Head(line)
    this.#head.anomalies.add('bad-status-line')
  }

  #endHead(): void {
    const head = this.#head
    if (head === undefined) return
    this.#head = undefined
    this.#isDoubtful = false
    const length = this.#listener.head(head)
    this.#headBytes = 0
    this.#isChunked = length === framing.chunked
    if (length === framing.otherProtocol) this.#state = 'over'
    else if (length === framing.untilClose) this.#state = 'until-close'
    else if (length === framing.chunked) this.#state = 'chunk-size'
    else if (length === 0) this.#endMessage()
    else {
      this.#left = length
      this.#state = 'body'
    }
  }

  #endMessage(): void {
    this.#state = 'start'
    this.#headBytes = 0
    this.#listener.over()
  }

  /** RFC 9112, 7.1. */
  #chunkSize(line: string): void {
    const digits = /^[\t ]*([0-9a-f]{1,12})[\t ]*(?:;|$)/i.exec(line)?.[1]
    if (digits !== undefined) this.#headBytes = 0
    if (digits === undefined) {
      this.#giveUp('bad-chunk')
      return
    }
    if (line.includes(';')) this.#flag('chunk-extension')
    this.#left = Number.parseInt(digits, 16)
    this.#state = this.#left === 0 ? 'trailers' : 'body'
  }

  /** What follows is read as one body, and what was read wrong is a part of it. */
  #giveUp(anomaly: HttpAnomaly): void {
    this.#flag(anomaly)
    const bodyBytes = this.#isDoubtful || this.#state === 'chunk-size' ? this.#headBytes : 0
    this.#held.clear()
    this.#isLongLine = false
    if (this.#state === 'start') this.#state = 'over'
    if (this.#head !== undefined) this.#endHead()
    if (this.#state === 'over') return
    this.#state = 'until-close'
    this.#listener.body(bodyBytes)
  }
}
