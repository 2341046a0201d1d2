import { compareSeverity, type RuleInfo, type Severity, type Technique } from '@vedette/model'
import type { HuntMatch } from '../match.ts'

export type GroupBy = 'rule' | 'technique' | 'host'

/** Matches that have something in common. */
export interface Group {
  /** Rule id, technique id or host; empty for what names no technique or host. */
  readonly key: string
  /** Title of the rule, name of the technique, or the host. */
  readonly title: string
  /** Of the most severe rule. */
  readonly level: Severity
  readonly matches: number
  /** Milliseconds since the epoch; undefined where no record says when. */
  readonly firstMs: number | undefined
  readonly lastMs: number | undefined
  readonly rules: ReadonlySet<RuleInfo>
  /** At most `MOST_NAMES` of them are told apart. */
  readonly hosts: ReadonlySet<string>
  /** The first match. */
  readonly sample: HuntMatch
}

/** Groups that are told apart; hosts are an attacker's text. */
const MOST_GROUPS = 20_000
const MOST_NAMES = 1000

interface Counted {
  title: string
  level: Severity
  matches: number
  firstMs: number
  lastMs: number
  readonly rules: Set<RuleInfo>
  readonly hosts: Set<string>
  readonly sample: HuntMatch
}

/** Counts matches by rule, by technique or by host. */
export class Groups {
  readonly #by: GroupBy
  readonly #groups = new Map<string, Counted>()

  constructor(by: GroupBy) {
    this.#by = by
  }

  add(match: HuntMatch): void {
    const { rule, host } = match
    if (this.#by === 'rule') this.#count(rule.id, rule.title, match)
    else if (this.#by === 'host') this.#count(host, host, match)
    else if (rule.techniques.length === 0) this.#count('', '', match)
    else for (const { id, name } of rule.techniques) this.#count(id, name, match)
  }

  /** The most severe first; of one severity the most frequent. */
  sorted(): Group[] {
    return [...this.#groups]
      .map(([key, { firstMs, lastMs, ...rest }]): Group => ({
        key,
        ...rest,
        firstMs: firstMs === Infinity ? undefined : firstMs,
        lastMs: lastMs === -Infinity ? undefined : lastMs,
      }))
      .sort(
        (a, b) => compareSeverity(b.level, a.level) || b.matches - a.matches || (a.title < b.title ? -1 : 1),
      )
  }

  #count(key: string, title: string, match: HuntMatch): void {
    const { rule, timeMs, host } = match
    let group = this.#groups.get(key)
    if (!group) {
      if (this.#groups.size >= MOST_GROUPS && key !== '') return this.#count('', 'others', match)
      group = {
        title,
        level: rule.severity,
        matches: 0,
        firstMs: Infinity,
        lastMs: -Infinity,
        rules: new Set(),
        hosts: new Set(),
        sample: match,
      }
      this.#groups.set(key, group)
    }
    group.matches += 1
    if (compareSeverity(rule.severity, group.level) > 0) group.level = rule.severity
    if (timeMs !== undefined) {
      group.firstMs = Math.min(group.firstMs, timeMs)
      group.lastMs = Math.max(group.lastMs, timeMs)
    }
    if (group.rules.size < MOST_NAMES) group.rules.add(rule)
    if (host !== '' && group.hosts.size < MOST_NAMES) group.hosts.add(host)
  }
}

/** Techniques of some rules, each once, in order of their ids. */
export function techniquesOf(rules: Iterable<RuleInfo>): Technique[] {
  const found = new Map<string, Technique>()
  for (const { techniques } of rules) for (const technique of techniques) found.set(technique.id, technique)
  return [...found.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
}
