import { CorrelationNetwork, type FieldText, type LoadedRules, type RuleHit } from '@vedette/detect'
import type { RuleInfo } from '@vedette/model'
import { askedFields } from './judge.ts'
import type { HuntMatch } from './match.ts'
import { MatchList } from './match-list.ts'
import { type Place, SpoolFile } from './spool-file.ts'

/** Matches of correlations that are handed on at once. */
const MATCHES_AT_ONCE = 500

type Loaded = Pick<LoadedRules, 'rules' | 'correlations'>
type Counter = ReturnType<NonNullable<LoadedRules['rules'][number]['counting']>['start']>

/** A rule that counts, at work. */
interface Counting {
  readonly info: RuleInfo
  readonly counter: Counter
  /** The record at which it fired last: two parts may hit one. */
  last: string
}

/**
 * Hits of rules that correlations are made of, and of the parts of rules that count, gathered from all files and judged at the end in order of time: files
 * overlap in time, and what belongs together may stand in different ones. Bounded as `MatchList` is.
 */
export class CorrelatedHits {
  readonly #network: CorrelationNetwork<number>
  readonly #hits: MatchList
  readonly #values = new SpoolFile()
  readonly #places: Place[] = []
  readonly #asked: (rule: string) => readonly string[] | undefined
  readonly #fields = new Map<string, readonly string[] | undefined>()
  /** By the ids of their parts. */
  readonly #counting = new Map<string, Counting>()
  #timeless = 0

  constructor(loaded: Loaded, most?: number) {
    this.#network = new CorrelationNetwork(loaded.correlations)
    this.#asked = askedFields(loaded)
    this.#hits = new MatchList(most)
    for (const { info, counting } of loaded.rules) {
      if (!counting) continue
      const one: Counting = { info, counter: counting.start(), last: '' }
      for (const part of counting.parts) this.#counting.set(part.info.id, one)
    }
  }

  /** Whether hits of a rule are wanted here. */
  concerns(rule: string): boolean {
    return this.#fieldsOf(rule) !== undefined
  }

  /** Whether a rule is only a part of others and no match of its own. */
  silent(rule: string): boolean {
    return this.#counting.has(rule) || this.#network.silent(rule)
  }

  /** Hits that could not be judged: without a time, or more than there is room for. */
  get leftOut(): number {
    return this.#timeless + this.#hits.refused
  }

  add(hit: HuntMatch, values: readonly FieldText[]): void {
    if (hit.timeMs === undefined) {
      this.#timeless += 1
      return
    }
    const before = this.#hits.length
    this.#hits.add(hit)
    // JSON has no undefined within a list; null comes back as a missing field.
    if (this.#hits.length > before) this.#places.push(this.#values.append(JSON.stringify(values)))
  }

  /** Matches of the correlations and of rules that count, in order of time, some at once. */
  *matches(): Generator<HuntMatch[]> {
    let found: HuntMatch[] = []
    for (const place of this.#hits.byTime()) {
      const match = this.#hits.at(place)
      const values = this.#valuesOf(place)
      const fields = this.#fieldsOf(match.rule.id) ?? []
      const hit: RuleHit<number> = {
        rule: match.rule.id,
        time: match.timeMs ?? 0,
        id: String(place),
        read: (name) => values[fields.indexOf(name)] ?? undefined,
        item: place,
      }
      const counting = this.#counting.get(hit.rule)
      if (counting === undefined) this.#correlate(hit, found)
      else if (this.#completes(counting, hit, match)) {
        const { info } = counting
        if (!this.#network.silent(info.id)) found.push({ ...match, rule: info })
        this.#correlate({ ...hit, rule: info.id }, found)
      }
      if (found.length >= MATCHES_AT_ONCE) {
        yield found
        found = []
      }
    }
    if (found.length > 0) yield found
  }

  #completes(counting: Counting, hit: RuleHit<number>, { file, record }: HuntMatch): boolean {
    if (!counting.counter.judge(hit)) return false
    const at = `${record} ${file}`
    if (counting.last === at) return false
    counting.last = at
    return true
  }

  #correlate(hit: RuleHit<number>, found: HuntMatch[]): void {
    for (const { correlation, alerts, time, trigger } of this.#network.judge(hit)) {
      if (alerts) found.push({ ...this.#hits.at(trigger), rule: correlation.info, timeMs: time })
    }
  }

  [Symbol.dispose](): void {
    this.#hits[Symbol.dispose]()
    this.#values[Symbol.dispose]()
  }

  #valuesOf(place: number): FieldText[] {
    const at = this.#places[place]
    return at ? (JSON.parse(this.#values.read(at).toString()) as FieldText[]) : []
  }

  #fieldsOf(rule: string): readonly string[] | undefined {
    if (!this.#fields.has(rule)) this.#fields.set(rule, this.#asked(rule))
    return this.#fields.get(rule)
  }
}
