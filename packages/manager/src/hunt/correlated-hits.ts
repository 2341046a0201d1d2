import { type CompiledCorrelation, CorrelationNetwork, type FieldText, type RuleHit } from '@vedette/detect'
import { correlatedFields } from './judge.ts'
import type { HuntMatch } from './match.ts'
import { MatchList } from './match-list.ts'
import { type Place, SpoolFile } from './spool-file.ts'

/** Matches of correlations that are handed on at once. */
const MATCHES_AT_ONCE = 500

/**
 * Hits of rules that correlations are made of, gathered from all files and judged at the end in order of time: files
 * overlap in time, and what belongs together may stand in different ones. Bounded as `MatchList` is.
 */
export class CorrelatedHits {
  readonly #network: CorrelationNetwork<number>
  readonly #hits: MatchList
  readonly #values = new SpoolFile()
  readonly #places: Place[] = []
  readonly #fields = new Map<string, readonly string[] | undefined>()
  #timeless = 0

  constructor(correlations: readonly CompiledCorrelation[], most?: number) {
    this.#network = new CorrelationNetwork(correlations)
    this.#hits = new MatchList(most)
  }

  /** Whether hits of a rule are wanted here. */
  concerns(rule: string): boolean {
    return this.#fieldsOf(rule) !== undefined
  }

  /** Whether a rule is only a part of correlations and no match of its own. */
  silent(rule: string): boolean {
    return this.#network.silent(rule)
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

  /** Matches of the correlations, in order of time, some at once. */
  *matches(): Generator<HuntMatch[]> {
    let found: HuntMatch[] = []
    for (const place of this.#hits.byTime()) {
      const { rule, timeMs } = this.#hits.at(place)
      const values = this.#valuesOf(place)
      const fields = this.#fieldsOf(rule.id) ?? []
      const hit: RuleHit<number> = {
        rule: rule.id,
        time: timeMs ?? 0,
        id: String(place),
        read: (name) => values[fields.indexOf(name)] ?? undefined,
        item: place,
      }
      for (const { correlation, alerts, time, trigger } of this.#network.judge(hit)) {
        if (!alerts) continue
        found.push({ ...this.#hits.at(trigger), rule: correlation.info, timeMs: time })
      }
      if (found.length >= MATCHES_AT_ONCE) {
        yield found
        found = []
      }
    }
    if (found.length > 0) yield found
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
    if (!this.#fields.has(rule)) this.#fields.set(rule, correlatedFields(this.#network, rule))
    return this.#fields.get(rule)
  }
}
