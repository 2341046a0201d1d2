import { setImmediate as turn } from 'node:timers/promises'
import { CodedError } from '@vedette/base'
import type { IndicatorDefaults, IndicatorFacts } from '@vedette/model'
import { type Malformed, malformed, type ReadItem, settle } from './draft.ts'
import { formOf } from './forms/index.ts'
import { LONGEST_TEXT } from './indicator-form.ts'
import { suspicionOf } from './well-known.ts'

/** Indicators of one import at most. */
export const MOST_INDICATORS = 2_000_000
/** Of each list in an outcome; the counts are whole. */
const MOST_LISTED = 1000

/** An indicator that would raise alerts about honest machines. */
export interface Suspect {
  readonly place: number
  readonly type: IndicatorFacts['type']
  readonly value: string
  readonly kind: 'special' | 'benign'
  readonly reason: string
}

/** What a file says, looked through and not yet kept. */
export interface ReadOutcome {
  /** `json`, `txt`, ... */
  readonly format: string
  /** What a `place` counts. */
  readonly unit: 'line' | 'item'
  /** Each value once, in the order of the file. Suspects among them, unless they were left out. */
  readonly indicators: readonly IndicatorFacts[]
  /** Items of the file. */
  readonly read: number
  readonly malformedCount: number
  /** At most 1,000, like every list here. */
  readonly malformed: readonly Malformed[]
  readonly duplicateCount: number
  readonly duplicates: readonly { readonly place: number; readonly value: string }[]
  readonly suspectCount: number
  readonly suspects: readonly Suspect[]
}

export interface ReadOptions {
  /** Name of a form; by default what the text looks like. */
  readonly format?: string | undefined
  readonly defaults: IndicatorDefaults
  readonly now: number
  /** Leave out what names honest things: for feeds that nobody looks at. */
  readonly leaveOutSuspects: boolean
}

/**
 * Reads the indicators of a file. What cannot be read is told with its place; between batches others have their turn.
 *
 * @throws {CodedError} `unknown-format`, `too-large`, `not-json`, `not-stix`, `not-misp`
 */
export async function readIndicators(
  text: string,
  options: ReadOptions,
  signal?: AbortSignal,
): Promise<ReadOutcome> {
  if (text.length > LONGEST_TEXT) {
    throw new CodedError(
      'too-large',
      `Cannot read indicators: more than ${LONGEST_TEXT / 2 ** 20} MiB of text`,
    )
  }
  const form = formOf(text, options.format)
  const gatherer = new Gatherer(options)
  for await (const batch of form.read(text)) {
    for (const item of batch) gatherer.take(item)
    await turn()
    signal?.throwIfAborted()
  }
  return { format: form.name, unit: form.unit, ...gatherer.outcome() }
}

/** Gathers items to an outcome; shared by files and by feeds that come in pages. */
export class Gatherer {
  readonly #options: Omit<ReadOptions, 'format'>
  readonly #indicators = new Map<string, IndicatorFacts>()
  readonly #malformed: Malformed[] = []
  readonly #duplicates: { place: number; value: string }[] = []
  readonly #suspects: Suspect[] = []
  #read = 0
  #malformedCount = 0
  #duplicateCount = 0
  #suspectCount = 0

  constructor(options: Omit<ReadOptions, 'format'>) {
    this.#options = options
  }

  take(item: ReadItem): void {
    this.#read += 1
    if ('fault' in item) {
      this.#refuse(malformed(item.place, item.fault, item.text))
      return
    }
    const settled = settle(item.draft, this.#options.defaults, this.#options.now)
    if ('reason' in settled) {
      this.#refuse(malformed(item.place, settled.reason, item.draft.value))
      return
    }
    const key = `${settled.type} ${settled.value}`
    if (this.#indicators.has(key)) {
      this.#duplicateCount += 1
      if (this.#duplicates.length < MOST_LISTED)
        this.#duplicates.push({ place: item.place, value: settled.value })
      return
    }
    const suspicion = suspicionOf(settled.type, settled.value)
    if (suspicion) {
      this.#suspectCount += 1
      if (this.#suspects.length < MOST_LISTED) {
        this.#suspects.push({ place: item.place, type: settled.type, value: settled.value, ...suspicion })
      }
      if (this.#options.leaveOutSuspects) return
    }
    if (this.#indicators.size >= MOST_INDICATORS) {
      throw new CodedError('too-large', `Cannot read indicators: more than ${MOST_INDICATORS}`)
    }
    this.#indicators.set(key, settled)
  }

  outcome(): Omit<ReadOutcome, 'format' | 'unit'> {
    return {
      indicators: [...this.#indicators.values()],
      read: this.#read,
      malformedCount: this.#malformedCount,
      malformed: this.#malformed,
      duplicateCount: this.#duplicateCount,
      duplicates: this.#duplicates,
      suspectCount: this.#suspectCount,
      suspects: this.#suspects,
    }
  }

  #refuse(one: Malformed): void {
    this.#malformedCount += 1
    if (this.#malformed.length < MOST_LISTED) this.#malformed.push(one)
  }
}
