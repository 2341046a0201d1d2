import type { Entry } from './entry.ts'
import { type Firing, LEVELS } from './firing.ts'
import type { Measure } from './measure.ts'

/** One hit to be counted. */
export interface WindowHit {
  /** Event time, milliseconds. */
  readonly time: number
  /** Id of the event, by which one that comes again is known; empty where it has none. */
  readonly id: string
  /** The counted value. */
  readonly value?: string | number | undefined
  /** Which of the rules that are referred to it is a hit of. Default 0. */
  readonly reference?: number
}

/** What a group says after a hit. The window gives the same object every time. */
export interface Outcome {
  /** Hits in the window. */
  count: number
  /** What the condition was asked about. */
  value: number
  fires: boolean
}

export interface WindowOptions<M extends Measure> {
  readonly windowMs: number
  readonly firing: Firing
  /** Makes what is worked out for each group. */
  measure(): M
  /** True where a value that comes again takes the place of the one before: different values are counted. */
  readonly distinct?: boolean
  /** Whether a group fires, where the firing's condition needs more than the value. */
  meets?(measure: M): boolean
  /** Most groups in memory. Default 10 000. */
  readonly mostGroups?: number
  /** Most hits in memory, over all groups. Default 20 000, and at least what one group needs. */
  readonly mostEntries?: number
  /** Most hits of one group; beyond it the oldest are left out. Default: none but `mostEntries`. */
  readonly mostInGroup?: number
  /** Most hits of one group that keep what a firing carries: the latest ones. Default 100. */
  readonly mostItems?: number
}

/** What is kept of a group. */
interface Group<T, M> {
  readonly key: string
  readonly measure: M
  first: Entry<T> | undefined
  last: Entry<T> | undefined
  size: number
  /** The oldest hit that still keeps its item, and how many do. */
  oldestItem: Entry<T> | undefined
  items: number
  /** What tells the hits apart, once so many have the same time that comparing them would take long. */
  ids: Set<string> | undefined
  readonly byValue: Map<string | number, Entry<T>> | undefined
  /** Newest event time seen. */
  newest: number
  /** The count at which it fires next. */
  level: number
  firedAt: number
  /** How often it fired since it last began at the count. */
  fired: number
  /** Ids of the events at which it fired lately, with the value then: one that is judged again fires again. */
  firedBy: Map<string, number> | undefined
  /** Hits up to this time were followed already and do not count towards the next. */
  followedTo: number
  /** Ids of the events that followed lately, each with what `followedTo` was before. */
  followedBy: Map<string, number> | undefined
  /** Neighbours in the order of use. */
  older: Group<T, M> | undefined
  newer: Group<T, M> | undefined
}

/** Firings of a group that are remembered. */
const MOST_REMEMBERED = 16

function remembered(ids: Map<string, number> | undefined, id: string, value: number): Map<string, number> {
  const memory = ids ?? new Map<string, number>()
  memory.set(id, value)
  const [oldest] = memory.keys()
  if (memory.size > MOST_REMEMBERED && oldest !== undefined) memory.delete(oldest)
  return memory
}

/**
 * Judges hits by group within a sliding window of event time.
 *
 * - The window is closed at both ends: hits exactly `windowMs` apart are in it together.
 * - After a firing see `Firing`. When a hit comes more than a window after the last time a group fired, it begins anew.
 * - A hit that is late by more than a window counts as `late` and nowhere else; any other late hit is put in order.
 * - A hit with an id that is counted already is not counted again (`duplicates`); where it fired, it fires again.
 * - Memory is bounded by `mostGroups` and `mostEntries`: the group that was used least recently is given up and counted as
 *   `evicted`.
 */
export class GroupedWindow<T, M extends Measure = Measure> {
  readonly #options: WindowOptions<M>
  readonly #mostGroups: number
  readonly #mostEntries: number
  readonly #mostInGroup: number
  readonly #mostItems: number
  /** How often a group fires until a window has passed. */
  readonly #mostFirings: number
  readonly #groups = new Map<string, Group<T, M>>()
  readonly #outcome: Outcome = { count: 0, value: 0, fires: false }
  /** Ends of the order of use. */
  #oldest: Group<T, M> | undefined
  #newest: Group<T, M> | undefined
  #entries = 0
  #evicted = 0
  #late = 0
  #duplicates = 0

  constructor(options: WindowOptions<M>) {
    this.#options = options
    this.#mostGroups = options.mostGroups ?? 10_000
    this.#mostEntries = options.mostEntries ?? 20_000
    this.#mostInGroup = options.mostInGroup ?? Infinity
    this.#mostItems = options.mostItems ?? 100
    const { from, spends = false } = options.firing
    this.#mostFirings = spends ? Infinity : from === undefined ? 1 : LEVELS
  }

  get state(): WindowState {
    return {
      groups: this.#groups.size,
      entries: this.#entries,
      evicted: this.#evicted,
      late: this.#late,
      duplicates: this.#duplicates,
    }
  }

  /** Counts one hit. The outcome is good until the next one. */
  add(key: string, hit: WindowHit, item: T, more?: readonly T[]): Outcome {
    const { windowMs, firing } = this.#options
    const { time, id } = hit
    const outcome = this.#outcome
    const group = this.#touch(key, time)
    outcome.fires = false
    if (id !== '') {
      const again = group.firedBy?.get(id)
      if (again !== undefined) {
        this.#duplicates += 1
        outcome.count = group.size
        outcome.value = again
        outcome.fires = true
        return outcome
      }
    }
    if (time < group.newest - windowMs) {
      this.#late += 1
      return this.#silent(group)
    }
    if (time > group.newest) group.newest = time
    this.#prune(group)
    if (!this.#insert(group, hit, item, more)) return this.#silent(group)
    this.#bound(group)
    const { measure } = group
    const value = measure.value
    outcome.count = group.size
    outcome.value = value
    if (time > group.firedAt + windowMs) {
      group.level = firing.from ?? 0
      group.fired = 0
    }
    if (group.fired >= this.#mostFirings) return outcome
    if (firing.from !== undefined && value < group.level) return outcome
    if (this.#options.meets ? !this.#options.meets(measure) : !firing.meets(value)) return outcome
    group.level *= 2
    group.firedAt = time
    group.fired += 1
    if (id !== '') group.firedBy = remembered(group.firedBy, id, value)
    outcome.fires = true
    return outcome
  }

  /** After a firing whose hits are used up: takes them out of what is worked out. Their items are to be read before. */
  spend(key: string): void {
    const group = this.#groups.get(key)
    if (!group) return
    for (let entry = group.first; entry; entry = entry.after) {
      if (!entry.spent) group.measure.remove(entry)
      entry.spent = true
    }
    again(group)
  }

  /**
   * Asks whether an event follows a full count: `count` hits of its group within the window that ends with it. What has
   * been followed once does not count again; an event that is judged again follows again.
   *
   * @returns what the counted hits carry, oldest first, or undefined
   */
  follow(
    key: string,
    count: number,
    event: { readonly time: number; readonly id: string },
  ): readonly T[] | undefined {
    const group = this.#groups.get(key)
    if (!group) return undefined
    const { windowMs } = this.#options
    const followedTo = group.followedBy?.get(event.id) ?? group.followedTo
    const items: T[] = []
    let counted = 0
    for (let entry = group.first; entry && entry.time <= event.time; entry = entry.after) {
      if (entry.time <= followedTo || entry.time < event.time - windowMs) continue
      counted += 1
      if (entry.item !== undefined) items.push(entry.item)
    }
    if (counted < count) return undefined
    group.followedBy = remembered(group.followedBy, event.id, followedTo)
    group.followedTo = Math.max(group.followedTo, event.time)
    return items
  }

  /** What the hits of a group carry that are not used up, oldest first; those behind hits of correlations before them. */
  items(key: string): T[] {
    const items: T[] = []
    for (let entry = this.#groups.get(key)?.first; entry; entry = entry.after) {
      if (entry.spent || entry.item === undefined) continue
      if (entry.more) items.push(...entry.more)
      items.push(entry.item)
    }
    return items
  }

  /** Everything that is remembered, as plain data; items as `itemOf` writes them. */
  save(itemOf: (item: T) => number): SavedGroup[] {
    const saved: SavedGroup[] = []
    for (let group = this.#oldest; group; group = group.newer) {
      const entries: SavedEntry[] = []
      for (let entry = group.first; entry; entry = entry.after) {
        entries.push([
          entry.time,
          entry.id,
          entry.reference,
          entry.value ?? null,
          entry.item === undefined ? -1 : itemOf(entry.item),
          entry.more?.map(itemOf) ?? [],
          entry.spent,
        ])
      }
      saved.push({
        key: group.key,
        newest: group.newest,
        level: group.level,
        // JSON has no infinity.
        firedAt: Number.isFinite(group.firedAt) ? group.firedAt : null,
        fired: group.fired,
        firedBy: [...(group.firedBy ?? [])],
        entries,
      })
    }
    return saved
  }

  /** Puts back what was saved, into an empty window. */
  restore(saved: readonly SavedGroup[], item: (position: number) => T | undefined): void {
    for (const { key, newest, level, firedAt, fired, firedBy, entries } of saved) {
      const group = this.#touch(key, newest)
      group.newest = newest
      group.level = level
      group.firedAt = firedAt ?? -Infinity
      group.fired = fired
      if (firedBy.length > 0) group.firedBy = new Map(firedBy)
      for (const [time, id, reference, value, position, more, spent] of entries) {
        const hit = { time, id, reference, value: value ?? undefined }
        const own = position < 0 ? undefined : item(position)
        const others = more.flatMap((one) => item(one) ?? [])
        this.#insert(group, hit, own, others.length > 0 ? others : undefined, spent)
      }
      this.#bound(group)
    }
  }

  #silent(group: Group<T, M>): Outcome {
    this.#outcome.count = group.size
    this.#outcome.value = group.measure.value
    return this.#outcome
  }

  /** The group of a key, now the one that was used last. */
  #touch(key: string, time: number): Group<T, M> {
    const known = this.#groups.get(key)
    if (known === this.#newest && known) return known
    const group = known ?? this.#newGroup(key, time)
    if (known) this.#unlink(known)
    else this.#groups.set(key, group)
    group.older = this.#newest
    group.newer = undefined
    if (this.#newest) this.#newest.newer = group
    else this.#oldest = group
    this.#newest = group
    return group
  }

  #newGroup(key: string, time: number): Group<T, M> {
    return {
      key,
      measure: this.#options.measure(),
      first: undefined,
      last: undefined,
      size: 0,
      oldestItem: undefined,
      items: 0,
      ids: undefined,
      byValue: this.#options.distinct ? new Map() : undefined,
      newest: time,
      level: this.#options.firing.from ?? 0,
      firedAt: -Infinity,
      fired: 0,
      firedBy: undefined,
      followedTo: -Infinity,
      followedBy: undefined,
      older: undefined,
      newer: undefined,
    }
  }

  #unlink({ older, newer }: Group<T, M>): void {
    if (older) older.newer = newer
    else this.#oldest = newer
    if (newer) newer.older = older
    else this.#newest = older
  }

  #prune(group: Group<T, M>): void {
    const oldest = group.newest - this.#options.windowMs
    for (let entry = group.first; entry && entry.time < oldest; entry = entry.after)
      this.#remove(group, entry)
  }

  /** Puts a hit in its place by time. False where it changes nothing: its id, or a newer hit of its value, is there. */
  #insert(
    group: Group<T, M>,
    hit: WindowHit,
    item: T | undefined,
    more?: readonly T[],
    spent = false,
  ): boolean {
    const { time, id, value, reference = 0 } = hit
    let before = group.last
    while (before && before.time > time) before = before.before
    if (id !== '' && isThere(group, before, time, id, reference)) {
      this.#duplicates += 1
      return false
    }
    if (group.byValue && value !== undefined) {
      const known = group.byValue.get(value)
      if (known) {
        if (known.time > time || (known.time === time && known.id === id)) return false
        if (known === before) before = known.before
        this.#remove(group, known)
      }
    }
    const after = before ? before.after : group.first
    const entry: Entry<T> = { time, id, reference, value, item, more, spent, before, after }
    if (before) before.after = entry
    else group.first = entry
    if (after) after.before = entry
    else group.last = entry
    group.size += 1
    this.#entries += 1
    group.ids?.add(identityOf(entry))
    if (group.byValue && value !== undefined) group.byValue.set(value, entry)
    if (!spent) group.measure.add(entry)
    if (after) again(group)
    if (item !== undefined) this.#keepItem(group, entry)
    return true
  }

  /** Of the hits of a group only the latest keep what a firing carries. */
  #keepItem(group: Group<T, M>, entry: Entry<T>): void {
    group.items += 1
    if (!group.oldestItem || entry.time < group.oldestItem.time) group.oldestItem = entry
    if (group.items <= this.#mostItems) return
    const stripped = group.oldestItem
    stripped.item = undefined
    stripped.more = undefined
    group.items -= 1
    group.oldestItem = nextItem(stripped)
  }

  #remove(group: Group<T, M>, entry: Entry<T>): void {
    const { before, after, value } = entry
    if (entry.item !== undefined) {
      group.items -= 1
      if (group.oldestItem === entry) group.oldestItem = nextItem(entry)
    }
    if (before) before.after = after
    else group.first = after
    if (after) after.before = before
    else group.last = before
    if (!entry.spent) group.measure.remove(entry)
    group.ids?.delete(identityOf(entry))
    if (value !== undefined && group.byValue?.get(value) === entry) group.byValue.delete(value)
    group.size -= 1
    this.#entries -= 1
  }

  #bound(group: Group<T, M>): void {
    const most = Math.min(this.#mostInGroup, Math.max(this.#mostEntries, this.#options.firing.from ?? 0))
    while (group.size > most && group.first) this.#remove(group, group.first)
    while (
      this.#groups.size > this.#mostGroups ||
      (this.#entries > this.#mostEntries && this.#groups.size > 1)
    ) {
      const oldest = this.#oldest
      if (!oldest || oldest === group) break
      this.#entries -= oldest.size
      this.#groups.delete(oldest.key)
      this.#unlink(oldest)
      this.#evicted += 1
    }
  }
}

/** Hits of the same time that are compared one by one. */
const MOST_COMPARED = 32

function identityOf({ reference, id }: Entry<unknown>): string {
  return `${reference} ${id}`
}

/**
 * Whether a hit is there already: an event that comes again has the time that it had.
 *
 * @param last the latest hit that is not after it
 */
function isThere<T>(
  group: Group<T, unknown>,
  last: Entry<T> | undefined,
  time: number,
  id: string,
  reference: number,
): boolean {
  if (group.ids) {
    if (group.size > MOST_COMPARED) return group.ids.has(`${reference} ${id}`)
    group.ids = undefined
  }
  let compared = 0
  for (let entry = last; entry?.time === time; entry = entry.before) {
    if (entry.id === id && entry.reference === reference) return true
    compared += 1
  }
  if (compared > MOST_COMPARED) {
    group.ids = new Set()
    for (let entry = group.first; entry; entry = entry.after) group.ids.add(identityOf(entry))
  }
  return false
}

function nextItem<T>(from: Entry<T>): Entry<T> | undefined {
  let entry = from.after
  while (entry && entry.item === undefined) entry = entry.after
  return entry
}

/** What depends on the order of the hits is worked out again. */
function again<T, M extends Measure>({ measure, first }: Group<T, M>): void {
  measure.again?.(first)
}

/** Counts since the start, and what is held now. */
export interface WindowState {
  readonly groups: number
  readonly entries: number
  /** Groups given up for lack of room. */
  readonly evicted: number
  /** Hits that came more than a window too late. */
  readonly late: number
  /** Hits that were counted before. */
  readonly duplicates: number
}

/** A hit in saved state: time, id, reference, value, position of its item (-1 none), of those behind it, spent. */
export type SavedEntry = readonly [
  number,
  string,
  number,
  string | number | null,
  number,
  readonly number[],
  boolean,
]

export interface SavedGroup {
  readonly key: string
  readonly newest: number
  readonly level: number
  readonly firedAt: number | null
  readonly fired: number
  readonly firedBy: readonly (readonly [string, number])[]
  readonly entries: readonly SavedEntry[]
}
