import { atLeast, LEVELS } from '../../window/firing.ts'
import {
  GroupedWindow,
  type SavedGroup,
  type WindowHit,
  type WindowState,
} from '../../window/grouped-window.ts'
import { countMeasure } from '../../window/measure.ts'

export interface CountingOptions {
  readonly count: number
  readonly windowMs: number
  readonly mostGroups?: number
  readonly mostEntries?: number
}

/** Counts events, or different values where they have one, by group within a sliding window of event time. */
export class CountingWindow<T> {
  readonly #window: GroupedWindow<T>
  readonly #count: number

  constructor({ count, windowMs, ...bounds }: CountingOptions) {
    this.#count = count
    this.#window = new GroupedWindow<T>({
      ...bounds,
      windowMs,
      firing: atLeast(count),
      measure: countMeasure,
      distinct: true,
      // Beyond the last level nothing more is learnt from a group's oldest events.
      mostInGroup: count * 2 ** (LEVELS - 1),
      mostItems: Infinity,
    })
  }

  get state(): WindowState {
    return this.#window.state
  }

  /** Counts one event; whether its group fires at it. The answer is good until the next event. */
  add(key: string, event: WindowHit, item: T): { readonly count: number; readonly fires: boolean } {
    return this.#window.add(key, event, item)
  }

  /**
   * Asks whether an event follows a full count within the window that ends with it (`GroupedWindow.follow`).
   *
   * @returns the counted events, oldest first, or undefined
   */
  follow(key: string, event: { readonly time: number; readonly id: string }): readonly T[] | undefined {
    return this.#window.follow(key, this.#count, event)
  }

  /** Everything that a group holds, oldest first. */
  items(key: string): readonly T[] {
    return this.#window.items(key)
  }

  save(itemOf: (item: T) => number): readonly SavedGroup[] {
    return this.#window.save(itemOf)
  }

  /** Into an empty window. */
  restore(saved: readonly SavedGroup[], item: (number: number) => T | undefined): void {
    this.#window.restore(saved, item)
  }
}
