import type { SavedGroup } from '../../window/grouped-window.ts'

export interface RhythmOptions {
  readonly atLeast: number
  readonly dispersion: number
  readonly minIntervalMs: number
  readonly maxIntervalMs: number
  readonly burstMs: number
  readonly againMs: number
  /** Default 10 000. */
  readonly mostGroups?: number
}

/** What keeps time. */
export interface Rhythm {
  /** Median of the intervals, milliseconds. */
  readonly intervalMs: number
  /** Median absolute deviation of the intervals, in parts of the median. */
  readonly dispersion: number
  /** Events, bursts counted as one. */
  readonly events: number
  /** Of the first of them, milliseconds since the epoch. */
  readonly sinceMs: number
}

interface Group {
  /** Times of the last events, oldest first. */
  readonly times: number[]
  /** The event that it was told at, and when that was. */
  fired: { readonly id: string; readonly timeMs: number } | undefined
}

const MOST_GROUPS = 10_000

/**
 * Times of the last events of each group, by event time, and whether their intervals are alike. The median and its absolute
 * deviation (Hampel, 1974) do not mind a few intervals that are quite different, such as a night without power. A late event
 * is passed over. The group that was used longest ago is given up first.
 */
export class RhythmMemory {
  readonly #options: RhythmOptions
  readonly #mostGroups: number
  /** In the order of their last use. */
  readonly #groups = new Map<string, Group>()
  readonly #intervals: Float64Array
  #evicted = 0

  constructor(options: RhythmOptions) {
    this.#options = options
    this.#mostGroups = options.mostGroups ?? MOST_GROUPS
    this.#intervals = new Float64Array(options.atLeast - 1)
  }

  get state(): { readonly groups: number; readonly evicted: number } {
    return { groups: this.#groups.size, evicted: this.#evicted }
  }

  /** Takes up an event. What keeps time is answered once, and again after a while. */
  see(key: string, { id, time: timeMs }: { readonly id: string; readonly time: number }): Rhythm | undefined {
    const { atLeast, burstMs, maxIntervalMs, againMs } = this.#options
    const group = this.#groupOf(key)
    const { times } = group
    // It comes again after a restart, when nobody knows whether it was told.
    if (group.fired?.id === id) return this.#rhythmOf(times)
    const last = times.at(-1)
    if (last !== undefined) {
      if (timeMs - last <= burstMs) return undefined
      // Whoever was silent for so long begins anew.
      if (timeMs - last > 4 * maxIntervalMs) times.length = 0
    }
    times.push(timeMs)
    if (times.length < atLeast) return undefined
    if (times.length > atLeast) times.shift()
    if (group.fired !== undefined && timeMs - group.fired.timeMs < againMs) return undefined
    const rhythm = this.#rhythmOf(times)
    if (rhythm !== undefined) group.fired = { id, timeMs }
    return rhythm
  }

  save(): SavedGroup[] {
    return [...this.#groups].map(([key, { times, fired }]) => ({
      key,
      newest: times.at(-1) ?? 0,
      level: times.length,
      firedAt: fired?.timeMs ?? null,
      fired: 0,
      firedBy: fired === undefined ? [] : [[fired.id, fired.timeMs]],
      entries: times.map((time): SavedGroup['entries'][number] => [time, '', 1, null, -1, [], false]),
    }))
  }

  /** Into an empty memory. */
  restore(saved: readonly SavedGroup[]): void {
    for (const { key, firedBy, entries } of saved) {
      const times = entries.map(([time]) => time).slice(-this.#options.atLeast)
      const [fired] = firedBy
      this.#groups.set(key, { times, fired: fired && { id: fired[0], timeMs: fired[1] } })
    }
  }

  #rhythmOf(times: readonly number[]): Rhythm | undefined {
    const { dispersion, minIntervalMs, maxIntervalMs, atLeast } = this.#options
    const intervals = this.#intervals
    for (let at = 1; at < times.length; at += 1) {
      intervals[at - 1] = (times[at] as number) - (times[at - 1] as number)
    }
    const median = medianOf(intervals)
    if (median < minIntervalMs || median > maxIntervalMs) return undefined
    for (let at = 0; at < intervals.length; at += 1) {
      intervals[at] = Math.abs((intervals[at] as number) - median)
    }
    const spread = medianOf(intervals) / median
    if (spread > dispersion) return undefined
    return { intervalMs: median, dispersion: spread, events: atLeast, sinceMs: times[0] as number }
  }

  /** The group of a key, now the one that was used last. */
  #groupOf(key: string): Group {
    const known = this.#groups.get(key)
    if (known !== undefined) {
      this.#groups.delete(key)
      this.#groups.set(key, known)
      return known
    }
    const group: Group = { times: [], fired: undefined }
    this.#groups.set(key, group)
    if (this.#groups.size > this.#mostGroups) {
      const oldest = this.#groups.keys().next()
      if (!oldest.done) this.#groups.delete(oldest.value)
      this.#evicted += 1
    }
    return group
  }
}

/** Sorts them in place. */
function medianOf(numbers: Float64Array): number {
  numbers.sort()
  const middle = numbers.length >> 1
  const upper = numbers[middle] as number
  return numbers.length % 2 === 1 ? upper : ((numbers[middle - 1] as number) + upper) / 2
}
