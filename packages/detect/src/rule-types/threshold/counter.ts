import type { WindowHit } from '../../window/grouped-window.ts'
import { CountingWindow } from './window.ts'

export interface ThresholdCounterOptions {
  readonly count: number
  readonly windowMs: number
  /** In which order what follows has to come; undefined where nothing has to follow. */
  readonly follows: 'then' | 'any' | undefined
}

/** A count that was reached, or what followed it. */
export interface Counted<T> {
  /** What was counted and what followed, oldest first. */
  readonly items: readonly T[]
  readonly count: number
}

/** What a threshold rule remembers of its groups, whatever it is that is counted: Events, or places of records. */
export class ThresholdCounter<T extends { readonly time: number }> {
  readonly window: CountingWindow<T>
  /** With any order: what came before it had anything to follow. */
  readonly early: CountingWindow<T> | undefined
  readonly #count: number
  readonly #follows: boolean

  constructor({ count, windowMs, follows }: ThresholdCounterOptions) {
    this.window = new CountingWindow<T>({ count, windowMs })
    this.early = follows === 'any' ? new CountingWindow<T>({ count: 1, windowMs }) : undefined
    this.#count = count
    this.#follows = follows !== undefined
  }

  /**
   * Takes up one item.
   *
   * @param met which of the rule's conditions it meets
   * @returns what the item completed; undefined where nothing
   */
  judge(
    key: string,
    hit: WindowHit,
    item: T,
    met: { readonly counts: boolean; readonly follows: boolean },
  ): Counted<T> | undefined {
    // An item that is both counted and follows, follows what was there before it.
    const followed = met.follows ? this.window.follow(key, hit) : undefined
    if (met.follows && !followed) this.early?.add(key, { time: hit.time, id: hit.id }, item)
    if (met.counts) {
      const { count, fires } = this.window.add(key, hit, item)
      if (fires && !this.#follows) return { items: this.window.items(key), count }
      const first = count >= this.#count ? this.early?.follow(key, hit) : undefined
      const second = first && this.window.follow(key, hit)
      if (second)
        return { items: [...first, ...second].toSorted((a, b) => a.time - b.time), count: second.length }
    }
    return followed && { items: followed, count: followed.length }
  }
}
