import type { Indicator } from '@vedette/model'
import type { ReadItem } from './draft.ts'

/** A form in which indicators are written. A file in `forms/` and a line in its list. */
export interface IndicatorForm {
  /** `json`, `txt`, `csv`, `stix`, `misp`. */
  readonly name: string
  /** What a `place` counts. */
  readonly unit: 'line' | 'item'
  readonly mediaType: string
  /** Whether a text is most likely written so. @param head its first 4,096 characters */
  accepts(head: string): boolean
  /**
   * What stands in a text, in batches. A faulty item is a value; only a text that is no such document at all ends it.
   *
   * @throws {CodedError} `not-<name>`
   */
  read(text: string): Iterable<readonly ReadItem[]> | AsyncIterable<readonly ReadItem[]>
  /** The text of a file with these indicators, in pieces. */
  write(indicators: AsyncIterable<readonly Indicator[]>, now: number): AsyncIterable<string>
}

/** Items of a batch; between batches others have their turn. */
export const BATCH = 1000

/** Largest text that is read, in characters. */
export const LONGEST_TEXT = 96 * 2 ** 20
