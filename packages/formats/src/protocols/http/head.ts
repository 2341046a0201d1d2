import type { HttpHeader } from '@vedette/model'
import { copied } from '../bytes/text.ts'
import type { HttpAnomaly } from './anomalies.ts'

const MOST_HEADERS = 64
const MOST_NAME = 256
const MOST_VALUE = 2048
/** Of the first line, and of it and all headers that are kept of one message. */
const MOST_LINE = 6 * 1024
const MOST_KEPT = 12 * 1024
/** Those that say what the message is: found wherever they stand. */
const TELLING = new Set([
  'connection',
  'content-disposition',
  'content-length',
  'content-type',
  'host',
  'location',
  'referer',
  'server',
  'transfer-encoding',
  'upgrade',
  'user-agent',
  'x-forwarded-for',
])

/** The first line and the headers of a message. */
export class Head {
  readonly anomalies = new Set<HttpAnomaly>()
  readonly headers: HttpHeader[] = []
  readonly #telling = new Map<string, string>()
  /** Characters that are kept. */
  cost = 0
  #last: { readonly key: string; readonly index: number } | undefined

  readonly line: string

  constructor(line: string) {
    this.line = copied(line, MOST_LINE)
    this.cost = this.line.length
    this.#flagOdd(line)
  }

  /** Of a header that tells something, its first value. Its name in lower case. */
  value(name: string): string | undefined {
    return this.#telling.get(name)
  }

  add(line: string): void {
    this.#flagOdd(line)
    if (line.startsWith(' ') || line.startsWith('\t')) this.#fold(line.trim())
    else this.#add(line)
  }

  /** Characters at which some programs end a line or a value, and others do not. */
  #flagOdd(line: string): void {
    if (line.includes('\0')) this.anomalies.add('nul')
    if (line.includes('\r')) this.anomalies.add('bare-cr')
  }

  #add(line: string): void {
    const colon = line.indexOf(':')
    if (colon < 0) this.anomalies.add('no-colon')
    const written = colon < 0 ? line : line.slice(0, colon)
    const name = written.trim().slice(0, MOST_NAME)
    if (colon >= 0 && name.length < Math.min(written.length, MOST_NAME))
      this.anomalies.add('space-before-colon')
    const value =
      colon < 0
        ? ''
        : line
            .slice(colon + 1)
            .trim()
            .slice(0, MOST_VALUE)
    const key = name.toLowerCase()
    // Parts of a text keep the whole of it in memory, so the whole counts.
    const isKept = this.headers.length < MOST_HEADERS && this.cost + line.length <= MOST_KEPT
    if (TELLING.has(key)) this.#tell(key, isKept ? value : copied(value, MOST_NAME))
    if (!isKept) {
      this.anomalies.add(this.headers.length < MOST_HEADERS ? 'long-headers' : 'many-headers')
      this.#last = undefined
      return
    }
    this.headers.push({ name, value })
    this.cost += line.length
    this.#last = { key, index: this.headers.length - 1 }
  }

  #tell(key: string, value: string): void {
    const before = this.#telling.get(key)
    if (before === undefined) this.#telling.set(key, value)
    else if (key === 'host') this.anomalies.add('multiple-host')
    else if (key === 'content-length') this.anomalies.add('multiple-content-length')
    else if (key === 'transfer-encoding') this.#telling.set(key, copied(`${before}, ${value}`, MOST_NAME))
  }

  /** RFC 9112, 5.2: a line that goes on with the one before. */
  #fold(text: string): void {
    this.anomalies.add('folded-header')
    const header = this.#last === undefined ? undefined : this.headers[this.#last.index]
    if (header === undefined || this.#last === undefined) return
    if (this.cost + text.length > MOST_KEPT) return
    this.cost += text.length
    const value = copied(`${header.value} ${text}`.trim(), MOST_VALUE)
    this.headers[this.#last.index] = { name: header.name, value }
    if (this.#telling.get(this.#last.key) === header.value) this.#telling.set(this.#last.key, value)
  }
}
