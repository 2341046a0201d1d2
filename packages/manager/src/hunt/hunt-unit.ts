import type { FieldText } from '@vedette/detect'
import type { RecordBatch } from '@vedette/formats'
import type { RecordJudge } from './judge.ts'
import { readUnit } from './read-unit.ts'
import { hostOf, timeOf } from './record-facts.ts'
import { reasonOf } from './targets.ts'
import type { Unit } from './units.ts'

/**
 * Matches as columns: they travel between threads, and few objects travel fast. The first three have one entry a match, the
 * others one for each record that was met.
 */
export interface MatchColumns {
  /** Place among the judge's rules. */
  readonly rules: number[]
  /** Of the fields that correlations ask for; null where none concerns the rule. */
  readonly values: (readonly FieldText[] | null)[]
  /** Place of the record in the columns below. */
  readonly events: number[]
  /** As the reader numbers them; in a part of a file counted from its beginning. */
  readonly records: number[]
  /** Milliseconds since the epoch; NaN where the record does not say. */
  readonly times: number[]
  readonly hosts: string[]
  /** Records as JSON. */
  readonly texts: string[]
}

/** What came of a piece of a unit. */
export interface UnitBatch {
  readonly events: number
  /** Bytes of the file read since the batch before. */
  readonly readBytes: number
  /** Line feeds in them, where the parts that follow need to know. */
  readonly lineFeeds: number
  readonly unreadable: readonly { readonly offset?: number; readonly reason: string }[]
  /** All of them; `unreadable` holds the first ones. */
  readonly unreadableCount: number
  readonly matches: MatchColumns
}

/** After so many of one of these, what was found is handed on. */
const BATCH = { events: 8192, textLength: 1 << 20, readBytes: 4 << 20 } as const
/** Unreadable places that a batch tells one by one. */
const MOST_TOLD = 100

/**
 * Reads and judges one unit. What is wrong with the file ends the unit and is told in its last batch; it throws only what
 * `emit` throws.
 */
export async function huntUnit(
  unit: Unit,
  judge: RecordJudge,
  emit: (batch: UnitBatch) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  const gathered = new Gathered()
  const reading = readUnit(unit)
  try {
    for (;;) {
      let next
      try {
        next = await reading.next()
      } catch (error) {
        gathered.unreadable(undefined, reasonOf(error))
        break
      }
      if (next.done || signal?.aborted) break
      const { records, baseOffset, readBytes, lineFeeds } = next.value
      gathered.read(readBytes, lineFeeds)
      for (const { offset, reason } of records.unreadable) gathered.unreadable(baseOffset + offset, reason)
      gathered.judge(records, judge)
      if (gathered.full) await emit(gathered.take())
    }
  } finally {
    await reading.return(undefined)
  }
  await emit(gathered.take())
}

class Gathered {
  #events = 0
  #readBytes = 0
  #toldBytes = 0
  #lineFeeds = 0
  #unreadable: { offset?: number; reason: string }[] = []
  #unreadableCount = 0
  #matches = noMatches()
  #textLength = 0

  get full(): boolean {
    return (
      this.#events >= BATCH.events ||
      this.#textLength >= BATCH.textLength ||
      this.#readBytes - this.#toldBytes >= BATCH.readBytes
    )
  }

  read(readBytes: number, lineFeeds: number): void {
    this.#readBytes = readBytes
    this.#lineFeeds += lineFeeds
  }

  unreadable(offset: number | undefined, reason: string): void {
    this.#unreadableCount += 1
    if (this.#unreadable.length < MOST_TOLD) {
      this.#unreadable.push({ reason, ...(offset === undefined ? {} : { offset }) })
    }
  }

  judge(batch: RecordBatch, judge: RecordJudge): void {
    this.#events += batch.records.length
    const before = this.#matches.rules.length
    try {
      this.#judge(batch, judge)
    } catch {
      // A record that cannot be judged must not keep the others from it.
      this.#forgetFrom(before)
      for (const at of batch.records.keys()) this.#judgeAlone(batch, at, judge)
    }
  }

  #judgeAlone({ records, numbers, sources, texts = [] }: RecordBatch, at: number, judge: RecordJudge): void {
    const before = this.#matches.rules.length
    try {
      this.#judge(
        {
          records: records.slice(at, at + 1),
          numbers: numbers.slice(at, at + 1),
          sources: sources.slice(at, at + 1),
          texts: texts.slice(at, at + 1),
          unreadable: [],
        },
        judge,
      )
    } catch {
      this.#forgetFrom(before)
      this.#events -= 1
      this.unreadable(undefined, 'judging-failed')
    }
  }

  /** Takes back matches that were told by halves. What is known of their records stays: others may name the places. */
  #forgetFrom(count: number): void {
    const { rules, values, events } = this.#matches
    for (const column of [rules, values, events]) column.length = Math.min(column.length, count)
  }

  #judge(batch: RecordBatch, judge: RecordJudge): void {
    const { rules, records, times, hosts, values, events, texts } = this.#matches
    let last = -1
    judge.judge(batch, (at, rule, own) => {
      const record = batch.records[at]
      if (record === undefined) return
      if (at !== last) {
        last = at
        const text = textOf(batch.texts?.[at]) ?? toJson(record)
        texts.push(text)
        this.#textLength += text.length
        records.push(batch.numbers[at] ?? 0)
        times.push(timeOf(record) ?? Number.NaN)
        hosts.push(hostOf(record))
      }
      rules.push(rule)
      values.push(own ?? null)
      events.push(texts.length - 1)
    })
  }

  take(): UnitBatch {
    const batch = {
      events: this.#events,
      readBytes: this.#readBytes - this.#toldBytes,
      lineFeeds: this.#lineFeeds,
      unreadable: this.#unreadable,
      unreadableCount: this.#unreadableCount,
      matches: this.#matches,
    }
    this.#events = 0
    this.#toldBytes = this.#readBytes
    this.#lineFeeds = 0
    this.#unreadable = []
    this.#unreadableCount = 0
    this.#matches = noMatches()
    this.#textLength = 0
    return batch
  }
}

function noMatches(): MatchColumns {
  return { rules: [], values: [], events: [], records: [], times: [], hosts: [], texts: [] }
}

/** A record's own text, where it may be written as it stands: a bare carriage return would end a line for some readers. */
function textOf(text: string | undefined): string | undefined {
  if (text === undefined || !text.includes('\r')) return text
  const line = text.trimEnd()
  return line.includes('\r') ? undefined : line
}

/** A record as JSON, on one line. */
export function toJson(record: object): string {
  try {
    return JSON.stringify(record)
  } catch {
    // Whole numbers beyond 2^53 that a reader kept exact.
    return JSON.stringify(record, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value))
  }
}
