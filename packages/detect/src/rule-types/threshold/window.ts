/** One counted event of a group. */
interface Entry<T> {
  /** Event time, milliseconds. */
  time: number
  id: string
  item: T
  /** The counted value, for a count of different values. */
  readonly value: string | undefined
}

/** Counted events of one group, oldest first. */
export interface Group<T> {
  readonly entries: Entry<T>[]
  readonly byValue: Map<string, Entry<T>>
  /** Newest event time seen. */
  newest: number
  /** The count at which it fires next. */
  level: number
  firedAt: number
  /** How often it fired since it last began at the count. */
  fired: number
  /** Ids of the events at which it fired lately: one that is judged again fires again. */
  readonly firedBy: Map<string, number>
  /** Events up to this time were followed already and do not count towards the next. */
  spent: number
  /** Ids of the events that followed lately, each with what was `spent` before. */
  readonly followedBy: Map<string, number>
}

export interface WindowOptions {
  readonly count: number
  readonly windowMs: number
  /** Most groups in memory. */
  readonly mostGroups?: number
  /** Most events in memory, over all groups. */
  readonly mostEntries?: number
}

/** How often a group fires within one window: at n, 2n, 4n and 8n. */
const LEVELS = 4

/** Firings of a group that are remembered. */
const MOST_REMEMBERED = 16

function remember(ids: Map<string, number>, id: string, value: number): void {
  ids.set(id, value)
  const [oldest] = ids.keys()
  if (ids.size > MOST_REMEMBERED && oldest !== undefined) ids.delete(oldest)
}

/**
 * Counts events, or different values, by group within a sliding window of event time.
 *
 * - The window is closed at both ends: events exactly `windowMs` apart are in it together.
 * - A group fires at `count`, then at twice, four and eight times as many. When an event comes more than a window after
 *   the last time it fired, it begins at `count` again (by then everything that fired has left the window).
 * - An event that is late by more than a window counts as `late` and nowhere else; any other late event is put in order.
 * - An event with an id that is counted already is not counted again; where it fired, it fires again.
 * - Memory is bounded by `mostGroups` and `mostEntries`: the group that was used least recently is given up and counted
 *   as `evicted`.
 */
export class GroupedWindow<T> {
  readonly #options: Required<WindowOptions>
  readonly #groups = new Map<string, Group<T>>()
  #entries = 0
  #evicted = 0
  #late = 0

  constructor(options: WindowOptions) {
    this.#options = { mostGroups: 10_000, mostEntries: 20_000, ...options }
  }

  get state(): {
    readonly groups: number
    readonly entries: number
    readonly evicted: number
    readonly late: number
  } {
    return { groups: this.#groups.size, entries: this.#entries, evicted: this.#evicted, late: this.#late }
  }

  /**
   * Counts one event.
   *
   * @returns how many there are in the window, and whether the group fires at this event
   */
  add(
    key: string,
    event: { readonly time: number; readonly id: string; readonly value?: string | undefined },
    item: T,
  ): { readonly count: number; readonly fires: boolean } {
    const { count, windowMs } = this.#options
    const group = this.#touch(key, event.time)
    const again = group.firedBy.get(event.id)
    if (again !== undefined) return { count: again, fires: true }
    if (event.time < group.newest - windowMs) {
      this.#late += 1
      return { count: group.entries.length, fires: false }
    }
    group.newest = Math.max(group.newest, event.time)
    this.#prune(group)
    const added = this.#insert(group, { time: event.time, id: event.id, item, value: event.value })
    this.#bound(key, group)
    const total = group.entries.length
    if (event.time > group.firedAt + windowMs) {
      group.level = count
      group.fired = 0
    }
    if (!added || total < group.level || group.fired >= LEVELS) return { count: total, fires: false }
    group.level *= 2
    group.firedAt = event.time
    group.fired += 1
    remember(group.firedBy, event.id, total)
    return { count: total, fires: true }
  }

  /**
   * Asks whether an event follows a full count: `count` events of its group within the window that ends with it. What
   * has been followed once does not count again; an event that is judged again follows again.
   *
   * @returns the counted events, oldest first, or undefined
   */
  follow(key: string, event: { readonly time: number; readonly id: string }): readonly T[] | undefined {
    const group = this.#groups.get(key)
    if (!group) return undefined
    const { count, windowMs } = this.#options
    const spent = group.followedBy.get(event.id) ?? group.spent
    const items = group.entries
      .filter(({ time }) => time > spent && time >= event.time - windowMs && time <= event.time)
      .map(({ item }) => item)
    if (items.length < count) return undefined
    remember(group.followedBy, event.id, spent)
    group.spent = Math.max(group.spent, event.time)
    return items
  }

  /** Everything that a group holds, oldest first. */
  items(key: string): readonly T[] {
    return this.#groups.get(key)?.entries.map(({ item }) => item) ?? []
  }

  #forget(key: string): void {
    const group = this.#groups.get(key)
    if (!group) return
    this.#entries -= group.entries.length
    this.#groups.delete(key)
  }

  #touch(key: string, time: number): Group<T> {
    let group = this.#groups.get(key)
    if (group) {
      this.#groups.delete(key)
    } else {
      group = {
        entries: [],
        byValue: new Map(),
        newest: time,
        level: this.#options.count,
        firedAt: -Infinity,
        fired: 0,
        firedBy: new Map(),
        spent: -Infinity,
        followedBy: new Map(),
      }
    }
    this.#groups.set(key, group) // last in the order: used most recently
    return group
  }

  #prune(group: Group<T>): void {
    const oldest = group.newest - this.#options.windowMs
    let gone = 0
    while ((group.entries[gone]?.time ?? Infinity) < oldest) gone += 1
    this.#drop(group, gone)
  }

  #drop(group: Group<T>, number: number): void {
    for (const { value } of group.entries.splice(0, number))
      if (value !== undefined) group.byValue.delete(value)
    this.#entries -= number
  }

  /** Puts an entry in its place by time. False where it changes nothing: an id or a newer value is there already. */
  #insert(group: Group<T>, entry: Entry<T>): boolean {
    const { entries, byValue } = group
    if (entry.value !== undefined) {
      const known = byValue.get(entry.value)
      if (known) {
        if (known.time >= entry.time) return false
        entries.splice(entries.indexOf(known), 1)
        this.#entries -= 1
      }
      byValue.set(entry.value, entry)
    }
    let at = entries.length
    while (at > 0 && (entries[at - 1]?.time ?? 0) > entry.time) at -= 1
    if (entry.value === undefined) {
      for (let i = at - 1; i >= 0 && entries[i]?.time === entry.time; i -= 1)
        if (entries[i]?.id === entry.id) return false
    }
    entries.splice(at, 0, entry)
    this.#entries += 1
    return true
  }

  #bound(key: string, group: Group<T>): void {
    const { count, mostGroups, mostEntries } = this.#options
    // Beyond the last level nothing more is learnt from a group's oldest events.
    const most = Math.min(count * 2 ** (LEVELS - 1), Math.max(count, mostEntries))
    if (group.entries.length > most) this.#drop(group, group.entries.length - most)
    while (this.#groups.size > mostGroups || (this.#entries > mostEntries && this.#groups.size > 1)) {
      const [oldest] = this.#groups.keys()
      if (oldest === undefined || oldest === key) break
      this.#forget(oldest)
      this.#evicted += 1
    }
  }
}
