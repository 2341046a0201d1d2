import { visible } from '@vedette/base'
import type { Event, RuleInfo } from '@vedette/model'
import type { WindowState } from '../../window/grouped-window.ts'
import type { CompiledCorrelation } from './compile.ts'
import { type CorrelationBounds, CorrelationJudge, type JudgedFiring } from './judge.ts'
import { type RestoredState, restoreState, saveState, type Stateful } from '../../window/state.ts'

/** A rule matched. One object may be used for every hit: nothing of it is kept but `item`. */
export interface RuleHit<T> {
  /** Id of the rule. */
  readonly rule: string
  /** Event time, milliseconds since the epoch. */
  readonly time: number
  /** Id of the event; empty where it has none. */
  readonly id: string
  /** A field by its name in the words of the rule's log source. */
  read(name: string): string | readonly string[] | undefined
  /** What firings carry, and saved state: plain data. */
  readonly item: T
}

/** A correlation fired. */
export interface CorrelationFiring<T> {
  readonly correlation: CompiledCorrelation
  /** False where it is only a part of another correlation and no alert of its own. */
  readonly alerts: boolean
  /** Id of the hit at which it fired. */
  readonly id: string
  readonly time: number
  readonly trigger: T
  /** Oldest first, at most 100, the trigger among them. */
  readonly items: readonly T[]
  /** Hits in the window. */
  readonly count: number
  /** Values of the group by name, `count`, and for `value_` types the measured `value`. */
  readonly aggregate: Readonly<Record<string, string | number>>
  /** @param subject what fields in the rule's own title are read from: the event or the record of the trigger */
  title(subject: object): string
  entity(subject: object): string
}

/** What a correlation holds and has done. */
export interface CorrelationState extends WindowState {
  readonly info: RuleInfo
  /** Times that it fired. */
  readonly hits: number
  readonly silent: boolean
}

const MOST_ITEMS = 100
const NONE: readonly never[] = []

interface Running<T> {
  readonly correlation: CompiledCorrelation
  readonly judge: CorrelationJudge<T>
  readonly silent: boolean
  hits: number
}

interface Use<T> {
  readonly running: Running<T>
  readonly reference: number
}

/** Correlations at work together: each sees the hits of the rules that it refers to, and firings of correlations below. */
export class CorrelationNetwork<T> {
  readonly #running: readonly Running<T>[]
  readonly #uses = new Map<string, Use<T>[]>()
  readonly #silent = new Set<string>()

  /** @param correlations each after those that it refers to */
  constructor(correlations: readonly CompiledCorrelation[], bounds: CorrelationBounds = {}) {
    const told = new Set(correlations.flatMap(({ references, generate }) => (generate ? references : [])))
    for (const { references } of correlations) {
      for (const id of references) if (!told.has(id)) this.#silent.add(id)
    }
    this.#running = correlations.map((correlation) => ({
      correlation,
      judge: new CorrelationJudge<T>(correlation, bounds),
      silent: this.#silent.has(correlation.info.id),
      hits: 0,
    }))
    for (const running of this.#running) {
      for (const [reference, id] of running.correlation.references.entries()) {
        const use = { running, reference }
        const uses = this.#uses.get(id)
        if (uses) uses.push(use)
        else this.#uses.set(id, [use])
      }
    }
  }

  /** Whether hits of a rule are to be given to `judge`. */
  concerns(rule: string): boolean {
    return this.#uses.has(rule)
  }

  /** Whether a rule is only a part of correlations, none of which generates it, and so no alert of its own. */
  silent(rule: string): boolean {
    return this.#silent.has(rule)
  }

  /** Names of the fields that hits of a rule may be asked for. */
  fieldsOf(rule: string): readonly string[] {
    const names = new Set<string>()
    for (const { running, reference } of this.#uses.get(rule) ?? NONE) {
      const { groupFields, valueFields, info } = running.correlation
      for (const name of groupFields[reference] ?? NONE) names.add(name)
      for (const name of valueFields[reference] ?? NONE) names.add(name)
      // A correlation above asks the hit at which this one fires for what it does not have itself.
      for (const name of this.fieldsOf(info.id)) names.add(name)
    }
    return [...names]
  }

  /** Correlations that fire at a hit, those over correlations after what they refer to. Hits come by time. */
  judge(hit: RuleHit<T>): readonly CorrelationFiring<T>[] {
    const uses = this.#uses.get(hit.rule)
    if (!uses) return NONE
    let fired: CorrelationFiring<T>[] | undefined
    for (const { running, reference } of uses) {
      const judged = running.judge.judge(reference, hit)
      if (judged) this.#fire(running, judged, hit, (fired ??= []))
    }
    return fired ?? NONE
  }

  states(): CorrelationState[] {
    return this.#running.map(({ correlation, judge, hits, silent }) => ({
      info: correlation.info,
      hits,
      silent,
      ...judge.state,
    }))
  }

  /** What its correlations remember, each a window of its own. */
  windows(): Stateful<T>[] {
    return this.#running.map(({ correlation, judge }) => ({
      id: correlation.info.id,
      fingerprint: correlation.fingerprint,
      save: (itemOf) => judge.save(itemOf),
      restore: (saved, item) => judge.restore(saved, item),
    }))
  }

  /** All state as versioned JSON: to be called between batches, and at the end. */
  save(): Uint8Array {
    return saveState(this.windows())
  }

  /**
   * Takes up saved state, before the first hit. State of a correlation that is gone or means something else now is
   * dropped and told; of damaged bytes nothing is taken.
   */
  restore(bytes: Uint8Array): RestoredState {
    return restoreState(this.windows(), bytes)
  }

  #fire(running: Running<T>, judged: JudgedFiring<T>, hit: RuleHit<T>, fired: CorrelationFiring<T>[]): void {
    running.hits += 1
    const firing = firingOf(running, judged, hit)
    fired.push(firing)
    const { id } = running.correlation.info
    for (const { running: above, reference } of this.#uses.get(id) ?? NONE) {
      const inner = above.judge.judge(reference, {
        time: hit.time,
        id: hit.id,
        // Its groups by their names, and what the trigger has.
        read: (name) =>
          Object.hasOwn(firing.aggregate, name) ? String(firing.aggregate[name]) : hit.read(name),
        item: hit.item,
        more: firing.items.filter((item) => item !== hit.item),
      })
      if (inner) this.#fire(above, inner, hit, fired)
    }
  }
}

function firingOf<T>(
  { correlation, silent }: Running<T>,
  { group, count, value, items }: JudgedFiring<T>,
  { id, time, item }: RuleHit<T>,
): CorrelationFiring<T> {
  const { groupBy, header, info, type } = correlation
  const measured = type.startsWith('value_') ? { value } : {}
  const groups = Object.fromEntries(groupBy.map((name, index) => [name, group[index] ?? '']))
  const aggregate = { ...groups, count, ...measured }
  const last = [...new Set(items)].slice(-MOST_ITEMS)
  return {
    correlation,
    alerts: !silent,
    id,
    time,
    trigger: item,
    items: last.includes(item) ? last : [...last.slice(1 - MOST_ITEMS), item],
    count,
    aggregate,
    title: (subject) =>
      header.templates.title?.fill(subject as Event, aggregate) ??
      visible(titleOf(info.title, groups, count)),
    entity: (subject) =>
      header.templates.entity?.fill(subject as Event, aggregate) ?? visible(entityOf(info.id, groups)),
  }
}

const LONGEST_TITLE = 400

function titleOf(title: string, groups: Readonly<Record<string, string>>, count: number): string {
  const named = Object.entries(groups).map(([name, value]) => `${name} ${value.slice(0, 160)}`)
  return `${title}: ${[...named, `${count} times`].join(', ')}`.slice(0, LONGEST_TITLE)
}

function entityOf(id: string, groups: Readonly<Record<string, string>>): string {
  const named = Object.entries(groups).map(([name, value]) => `${name}:${value}`)
  return named.length > 0 ? named.join(' ').slice(0, LONGEST_TITLE) : `rule:${id}`
}
