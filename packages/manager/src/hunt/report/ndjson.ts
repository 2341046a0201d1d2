import type { RuleInfo } from '@vedette/model'
import type { HuntSummary } from '../hunt.ts'
import type { HuntMatch } from '../match.ts'
import type { ReportWriter } from './report-writer.ts'

/**
 * One JSON object a line for each match, `ruleId title level techniques time file record event`, and at last one with what
 * was done in all: `{"summary": {"events", "matches", "seconds", "rules", "unreadable"}}`.
 */
export function ndjsonReport(): ReportWriter {
  const lines = new MatchLines()
  return {
    matches: (matches) => lines.of(matches),
    *end({ summary }) {
      yield `${JSON.stringify({ summary: told(summary) })}\n`
    },
    [Symbol.dispose]: () => undefined,
  }
}

function told({ events, matches, seconds, rules, unreadable }: HuntSummary) {
  return { events, matches, seconds: Math.round(seconds * 1000) / 1000, rules, unreadable }
}

const NO_TIME = Buffer.from('null')
const EVENT = Buffer.from(',"event":')
const END = Buffer.from('}\n')
/** Bytes of the record's number, in decimal, and of what is the same in each line. */
const MOST_OTHERS = 64
/** UTF-16 units are three bytes of UTF-8 at most. */
const BYTES_A_UNIT = 3
const ZERO = 48
const MOST_DIGITS_BY_HAND = 999_999_999
const KEPT_BYTES = 1 << 20

/**
 * Lines of matches as bytes in one buffer that is used again: where most records are met, writing the lines is most of the
 * work. What a rule says of itself and the name of a file are encoded once.
 */
class MatchLines {
  readonly #heads = new Map<RuleInfo, Buffer>()
  /** For the file at hand. */
  readonly #timeless = new Map<RuleInfo, Buffer>()
  #bytes: Buffer = Buffer.allocUnsafeSlow(KEPT_BYTES / 4)
  #length = 0
  #file = ''
  #fileBytes = Buffer.alloc(0)
  #timeMs = Number.NaN
  #timeBytes = NO_TIME

  of(matches: readonly HuntMatch[]): Buffer {
    // Records of a mebibyte that many rules meet may have made it larger than others need it.
    if (this.#bytes.length > KEPT_BYTES) this.#bytes = Buffer.allocUnsafeSlow(KEPT_BYTES)
    this.#length = 0
    // Where the event of the match before stands: it is often the same one.
    let event: string | undefined
    let [from, to] = [0, 0]
    for (const match of matches) {
      const { timeMs } = match
      const head = timeMs === undefined ? this.#timelessOf(match) : this.#headOf(match.rule)
      const file = this.#fileOf(match.file)
      const same = match.event === event
      const most = same ? to - from : match.event.length * BYTES_A_UNIT
      this.#makeRoom(head.length + file.length + most + MOST_OTHERS)
      this.#bytes.set(head, this.#length)
      this.#length += head.length
      if (timeMs !== undefined) {
        this.#put(this.#timeOf(timeMs))
        this.#bytes.set(file, this.#length)
        this.#length += file.length
      }
      this.#putNumber(match.record)
      this.#put(EVENT)
      const start = this.#length
      if (same) {
        this.#bytes.copyWithin(start, from, to)
        this.#length += to - from
      } else {
        this.#length += this.#bytes.write(match.event, start)
        event = match.event
      }
      from = start
      to = this.#length
      this.#put(END)
    }
    return this.#bytes.subarray(0, this.#length)
  }

  /** A few bytes: a call of `set` takes longer than they do. */
  #put(bytes: Buffer): void {
    const all = this.#bytes
    let length = this.#length
    for (let i = 0; i < bytes.length; i += 1) {
      all[length] = bytes[i] as number
      length += 1
    }
    this.#length = length
  }

  #putNumber(number: number): void {
    if (number > MOST_DIGITS_BY_HAND || number < 0 || !Number.isInteger(number)) {
      this.#length += this.#bytes.write(String(number), this.#length, 'latin1')
      return
    }
    let digits = 1
    for (let rest = number; rest >= 10; rest = Math.trunc(rest / 10)) digits += 1
    let rest = number
    for (let at = this.#length + digits - 1; at >= this.#length; at -= 1) {
      this.#bytes[at] = ZERO + (rest % 10)
      rest = Math.trunc(rest / 10)
    }
    this.#length += digits
  }

  #makeRoom(sizeBytes: number): void {
    const wanted = this.#length + sizeBytes
    if (wanted <= this.#bytes.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(wanted, this.#bytes.length * 2))
    this.#bytes.copy(larger, 0, 0, this.#length)
    this.#bytes = larger
  }

  #headOf(rule: RuleInfo): Buffer {
    const known = this.#heads.get(rule)
    if (known !== undefined) return known
    const said = {
      ruleId: rule.id,
      title: rule.title,
      level: rule.severity,
      techniques: rule.techniques.map(({ id }) => id),
    }
    const head = Buffer.from(`${JSON.stringify(said).slice(0, -1)},"time":`)
    this.#heads.set(rule, head)
    return head
  }

  /** All that stands before the record's number, of records without a time. */
  #timelessOf({ rule, file }: HuntMatch): Buffer {
    const end = this.#fileOf(file)
    const known = this.#timeless.get(rule)
    if (known !== undefined) return known
    const bytes = Buffer.concat([this.#headOf(rule), NO_TIME, end])
    this.#timeless.set(rule, bytes)
    return bytes
  }

  #fileOf(file: string): Buffer {
    if (file !== this.#file || this.#fileBytes.length === 0) {
      this.#file = file
      this.#fileBytes = Buffer.from(`,"file":${JSON.stringify(file)},"record":`)
      this.#timeless.clear()
    }
    return this.#fileBytes
  }

  #timeOf(timeMs: number): Buffer {
    if (timeMs !== this.#timeMs) {
      this.#timeMs = timeMs
      this.#timeBytes = Buffer.from(`"${new Date(timeMs).toISOString()}"`)
    }
    return this.#timeBytes
  }
}
