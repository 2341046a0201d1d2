import type { SavedEntry, SavedGroup } from '../../window/grouped-window.ts'

export interface HabitOptions {
  readonly learnMs: number
  readonly atLeast: number
  readonly forgetMs: number
  readonly mostValues: number
  /** Values are hours of a day, and one so many hours from a known one is not new. */
  readonly nearHours: number
  /** Default 10 000. */
  readonly mostGroups?: number
  /** Of all groups together. Default 50 000. */
  readonly mostEntries?: number
}

/** A value that a group has shown. */
export interface KnownValue {
  readonly value: string
  readonly lastMs: number
  /** How often; what is counted ends at 1000. */
  readonly count: number
}

/** What was known of a group when something new came. */
export interface NewValue {
  /** Latest first. */
  readonly known: readonly KnownValue[]
  /** Events of the group before this one. */
  readonly sightings: number
  /** Time of the group's first event. */
  readonly sinceMs: number
}

interface Known {
  value: string
  lastMs: number
  count: number
  /** Id of the event that showed it first. */
  readonly firstId: string
  /** It was new to a group that was known well enough. */
  readonly fired: boolean
}

interface Habit {
  firstMs: number
  newestMs: number
  sightings: number
  /** In the order of their last sighting. */
  readonly values: Map<string, Known>
}

const MOST_GROUPS = 10_000
const MOST_ENTRIES = 50_000
const MOST_COUNTED = 1000
const HOURS = 24

/**
 * What each group has shown so far, by event time: tells a value that it never showed from one that it did. Groups, values
 * of a group and values in all are bounded; what was used longest ago is given up first.
 *
 * An event that comes again after a restart is not counted again, and is new again where it was.
 */
export class HabitMemory {
  readonly #options: HabitOptions
  readonly #mostGroups: number
  readonly #mostEntries: number
  /** In the order of their last use. */
  readonly #groups = new Map<string, Habit>()
  #entries = 0
  #evicted = 0

  constructor(options: HabitOptions) {
    this.#options = options
    this.#mostGroups = options.mostGroups ?? MOST_GROUPS
    this.#mostEntries = options.mostEntries ?? MOST_ENTRIES
  }

  /** Groups held and given up, and how many of those held are not known well enough yet. */
  get state(): { readonly groups: number; readonly evicted: number; readonly learning: number } {
    let learning = 0
    for (const group of this.#groups.values()) if (this.#isLearning(group, group.newestMs)) learning += 1
    return { groups: this.#groups.size, evicted: this.#evicted, learning }
  }

  /** Takes up what a group showed. Undefined where that is nothing new, or too little is known to say so. */
  see(
    key: string,
    value: string,
    { time, id }: { readonly time: number; readonly id: string },
  ): NewValue | undefined {
    const group = this.#groupOf(key, time)
    this.#forget(group)
    const before = group.values.get(value)
    const isAgain = before?.firstId === id
    const isNew =
      before === undefined
        ? !this.#isLearning(group, time) &&
          group.values.size < this.#options.mostValues &&
          !this.#isNear(group, value)
        : isAgain && before.fired
    const answer = isNew
      ? {
          known: [...group.values.values()].filter((one) => one !== before).toReversed(),
          sightings: group.sightings,
          sinceMs: group.firstMs,
        }
      : undefined
    if (before === undefined) this.#add(group, { value, lastMs: time, count: 1, firstId: id, fired: isNew })
    // An event that comes again is not counted again: it is not later than what was seen.
    else if (time > before.lastMs) {
      before.lastMs = time
      before.count = Math.min(before.count + 1, MOST_COUNTED)
      group.values.delete(value)
      group.values.set(value, before)
    }
    if (time > group.newestMs || group.sightings === 0) group.sightings += 1
    group.newestMs = Math.max(group.newestMs, time)
    group.firstMs = Math.min(group.firstMs, time)
    this.#bound(group)
    return answer
  }

  save(): SavedGroup[] {
    return [...this.#groups].map(([key, { firstMs, newestMs, sightings, values }]) => ({
      key,
      newest: newestMs,
      level: sightings,
      firedAt: firstMs,
      fired: 0,
      firedBy: [],
      entries: [...values.values()].map(({ value, lastMs, count, firstId, fired }): SavedEntry => [
        lastMs,
        firstId,
        count,
        value,
        -1,
        [],
        fired,
      ]),
    }))
  }

  /** Into an empty memory. */
  restore(saved: readonly SavedGroup[]): void {
    for (const { key, newest, level, firedAt, entries } of saved) {
      const group: Habit = {
        firstMs: firedAt ?? newest,
        newestMs: newest,
        sightings: level,
        values: new Map(),
      }
      this.#groups.set(key, group)
      for (const [lastMs, firstId, count, value, , , fired] of entries) {
        if (value !== null) this.#add(group, { value: String(value), lastMs, count, firstId, fired })
      }
      this.#bound(group)
    }
  }

  #isLearning({ firstMs, sightings }: Habit, time: number): boolean {
    return time < firstMs + this.#options.learnMs || sightings < this.#options.atLeast
  }

  #isNear({ values }: Habit, value: string): boolean {
    for (let away = 1; away <= this.#options.nearHours; away += 1) {
      const hour = Number(value)
      if (values.has(String((hour + away) % HOURS))) return true
      if (values.has(String((hour - away + HOURS) % HOURS))) return true
    }
    return false
  }

  /** The group of a key, now the one that was used last. */
  #groupOf(key: string, time: number): Habit {
    const known = this.#groups.get(key)
    if (known !== undefined) {
      this.#groups.delete(key)
      this.#groups.set(key, known)
      return known
    }
    const group: Habit = { firstMs: time, newestMs: time, sightings: 0, values: new Map() }
    this.#groups.set(key, group)
    return group
  }

  #add(group: Habit, known: Known): void {
    group.values.set(known.value, known)
    this.#entries += 1
  }

  #forget(group: Habit): void {
    const oldest = group.newestMs - this.#options.forgetMs
    for (const [value, { lastMs }] of group.values) {
      if (lastMs >= oldest) break
      group.values.delete(value)
      this.#entries -= 1
    }
  }

  #bound(group: Habit): void {
    for (const value of group.values.keys()) {
      if (group.values.size <= this.#options.mostValues) break
      group.values.delete(value)
      this.#entries -= 1
    }
    for (const [key, other] of this.#groups) {
      if (this.#groups.size <= this.#mostGroups && this.#entries <= this.#mostEntries) break
      if (other === group) break
      this.#groups.delete(key)
      this.#entries -= other.values.size
      this.#evicted += 1
    }
  }
}
