import type { RuleInfo } from '@vedette/model'

/** A rule fired. */
export interface Firing {
  /** Milliseconds since the epoch; undefined where the record does not say. */
  readonly time: number | undefined
  readonly host: string
  /** The program in question; empty where there is none. */
  readonly program: string
  readonly title: string
  /** By which the event is found again: its id, or file and number. */
  readonly place: string
}

/** How often a rule would have fired, when and where. */
export interface RuleHits {
  readonly rule: RuleInfo
  readonly hits: number
  readonly first?: number
  readonly last?: number
  /** By day (UTC), oldest first; at most 400. */
  readonly days: readonly { readonly day: string; readonly hits: number }[]
  /** The most first, at most 10. */
  readonly hosts: readonly { readonly name: string; readonly hits: number }[]
  readonly programs: readonly { readonly name: string; readonly hits: number }[]
  /** Some of different programs and hosts; at most 5. */
  readonly examples: readonly Firing[]
}

const MOST_DAYS = 400
/** Different hosts, and programs, that are counted apart; the rest are one. */
const MOST_NAMES = 1000
const MOST_EXAMPLES = 5
const DAY_MS = 86_400_000

interface Count {
  readonly rule: RuleInfo
  hits: number
  first: number | undefined
  last: number | undefined
  readonly days: Map<number, number>
  readonly hosts: Map<string, number>
  readonly programs: Map<string, number>
  readonly examples: Firing[]
}

/** Counts firings rule by rule, in bounded memory. */
export class HitTally {
  readonly #counts = new Map<string, Count>()

  add(rule: RuleInfo, firing: Firing): void {
    let count = this.#counts.get(rule.id)
    if (!count) {
      count = {
        rule,
        hits: 0,
        first: undefined,
        last: undefined,
        days: new Map(),
        hosts: new Map(),
        programs: new Map(),
        examples: [],
      }
      this.#counts.set(rule.id, count)
    }
    const { time, host, program } = firing
    count.hits += 1
    if (time !== undefined) {
      count.first = Math.min(count.first ?? time, time)
      count.last = Math.max(count.last ?? time, time)
      const day = Math.floor(time / DAY_MS)
      if (count.days.has(day) || count.days.size < MOST_DAYS) add(count.days, day)
    }
    const isNew = !count.programs.has(program) || !count.hosts.has(host)
    if (isNew && count.examples.length < MOST_EXAMPLES) count.examples.push(firing)
    addName(count.hosts, host)
    addName(count.programs, program)
  }

  /** The rules that fired, the most often first. */
  get(): RuleHits[] {
    return [...this.#counts.values()]
      .map(({ rule, hits, first, last, days, hosts, programs, examples }) => ({
        rule,
        hits,
        ...(first !== undefined && { first }),
        ...(last !== undefined && { last }),
        days: [...days]
          .sort(([a], [b]) => a - b)
          .map(([day, number]) => ({ day: new Date(day * DAY_MS).toISOString().slice(0, 10), hits: number })),
        hosts: top(hosts),
        programs: top(programs),
        examples,
      }))
      .sort((a, b) => b.hits - a.hits)
  }
}

function add<K>(counts: Map<K, number>, key: K): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}

function addName(counts: Map<string, number>, name: string): void {
  if (name === '') return
  add(counts, counts.has(name) || counts.size < MOST_NAMES ? name : '(others)')
}

function top(counts: ReadonlyMap<string, number>): { name: string; hits: number }[] {
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .slice(0, 10)
    .map(([name, hits]) => ({ name, hits }))
}
