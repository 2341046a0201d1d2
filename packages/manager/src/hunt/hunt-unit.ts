import type { FieldText } from '@vedette/detect'
import type { RecordBatch } from '@vedette/formats'
import type { RecordJudge } from './judge.ts'
import { readUnit } from './read-unit.ts'
import { hostOf, timeOf } from './record-facts.ts'
import { reasonOf } from './targets.ts'
import type { Unit } from './units.ts'

/** Matches as columns of the same length: they travel between threads, and few objects travel fast. */
export interface MatchColumns {
  /** Place among the judge's rules. */
  readonly rules: number[]
  /** As the reader numbers them; in a part of a file counted from its beginning. */
  readonly records: number[]
  /** Milliseconds since the epoch; NaN where the record does not say. */
  readonly times: number[]
  readonly hosts: string[]
  /** Of the fields that correlations ask for; null where none concerns the rule. */
  readonly values: (readonly FieldText[] | null)[]
  /** Place in `texts`: of a record that several rules meet there is one text. */
  readonly events: number[]
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

  #judgeAlone({ records, numbers, sources }: RecordBatch, at: number, judge: RecordJudge): void {
    const before = this.#matches.rules.length
    try {
      this.#judge(
        {
          records: records.slice(at, at + 1),
          numbers: numbers.slice(at, at + 1),
          sources: sources.slice(at, at + 1),
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

  /** Takes back matches that were told by halves. Their texts stay: places in that list are known by now. */
  #forgetFrom(count: number): void {
    const { rules, records, times, hosts, values, events } = this.#matches
    for (const column of [rules, records, times, hosts, values, events])
      column.length = Math.min(column.length, count)
  }

  #judge(batch: RecordBatch, judge: RecordJudge): void {
    const { rules, records, times, hosts, values, events, texts } = this.#matches
    let last = -1
    judge.judge(batch, (at, rule, own) => {
      const record = batch.records[at]
      if (record === undefined) return
      if (at !== last) {
        last = at
        const text = toJson(record)
        texts.push(text)
        this.#textLength += text.length
      }
      rules.push(rule)
      records.push(batch.numbers[at] ?? 0)
      times.push(timeOf(record) ?? Number.NaN)
      hosts.push(hostOf(record))
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
  return { rules: [], records: [], times: [], hosts: [], values: [], events: [], texts: [] }
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
