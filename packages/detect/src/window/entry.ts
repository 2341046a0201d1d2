/** One hit in a window; a link in the chain of those of its group, which is in order of time. */
export interface Entry<T> {
  /** Event time, milliseconds. */
  time: number
  /** Id of the event; empty where it has none. */
  id: string
  /** Which of the rules that are referred to it is a hit of. */
  reference: number
  /** The counted value. */
  readonly value: string | number | undefined
  /** What a firing carries; undefined where it is one of too many. */
  item: T | undefined
  /** What belongs to it besides: the hits behind a hit of a correlation. */
  more: readonly T[] | undefined
  /** True once it has been part of a firing that uses up its hits. */
  spent: boolean
  before: Entry<T> | undefined
  after: Entry<T> | undefined
}
