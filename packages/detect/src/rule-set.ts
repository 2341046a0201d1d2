import type { ForeignRecord } from '@vedette/formats'
import type { EventKind, LogSource } from '@vedette/model'
import { bind, type Condition } from './condition/condition.ts'
import type { FieldTable } from './fields/event-view.ts'
import type { Field } from './fields/field.ts'
import { Lane } from './candidates/lane.ts'
import { compileMatcher, type Matcher } from './condition/matcher.ts'
import { concerns, fieldIn, type RecordKind, RecordKinds } from './fields/record-kind.ts'
import type { CompiledRule, Judge, Linker } from './rule-type.ts'
import type { NamedField } from './selection/reader.ts'

/** A rule at work. */
export interface Running {
  readonly rule: CompiledRule
  judge: Judge
  hits: number
  errors: number
  disabled: boolean
  asked: number
  costMs: number
}

/** A part of a rule that counts, for records that events carry. What it does is booked with the rule. */
interface RunningPart extends Running {
  readonly of: Running
  /** Its place in `counting.parts`. */
  readonly part: number
}

export function isPart(running: Running): running is RunningPart {
  return 'of' in running
}

/** The rules that concern one kind of event, or of foreign record. */
export class RuleGroup {
  /** In the order of the rules. */
  readonly running: readonly Running[]
  readonly lane: Lane
  readonly #conditions: readonly Condition<Field>[]
  readonly #table: FieldTable
  readonly #fieldOf: (running: Running, name: string) => Field | undefined
  /** Made for rules that were met. */
  readonly #matchers: (Matcher | undefined)[] = []

  /** @param fieldOf what a name of a rule's log source means in this group */
  constructor(
    running: readonly Running[],
    conditions: readonly Condition<Field>[],
    table: FieldTable,
    fieldOf: (running: Running, name: string) => Field | undefined,
    options: RuleSetOptions,
  ) {
    this.running = running
    this.#conditions = conditions
    this.#table = table
    this.#fieldOf = fieldOf
    this.lane = new Lane(conditions, {
      generate: options.generate,
      failed: (position, error) => options.failed(running[position] as Running, error),
    })
  }

  /** The condition of a rule as closures over the table: what explains a match, and what the lane is compared with. */
  matcher(position: number): Matcher {
    return (this.#matchers[position] ??= compileMatcher(
      this.#conditions[position] as Condition<Field>,
      this.#table,
    ))
  }

  /** The slot in the table of a field by its name in the words of the rule. */
  slotOf(position: number, name: string): number | undefined {
    const field = this.#fieldOf(this.running[position] as Running, name)
    return field && this.#table.slotOf(field)
  }
}

export interface RuleSetOptions {
  readonly generate: boolean
  /** Told of a rule whose condition throws. */
  readonly failed: (running: Running, error: unknown) => void
}

/** Rules that are used together, in groups that are made when the first event or record of a kind comes. */
export class RuleSet {
  readonly running: readonly Running[]
  readonly #table: FieldTable
  readonly #options: RuleSetOptions
  readonly #groups = new Map<EventKind, RuleGroup>()
  readonly #kinds: RecordKinds
  readonly #recordGroups = new Map<RecordKind, RuleGroup>()
  readonly #carriedGroups = new Map<RecordKind, RuleGroup>()
  readonly #parts: readonly RunningPart[]
  /** Records that came of each group's kind, to prepare the same in the next set. */
  readonly #examples = new Map<RecordKind, { readonly record: ForeignRecord; readonly source: LogSource }>()

  constructor(rules: readonly CompiledRule[], table: FieldTable, options: RuleSetOptions) {
    const linker: Linker = {
      matcher: (condition) => compileMatcher(condition, table),
      slot: (field) => table.slotOf(field),
    }
    this.#table = table
    this.#options = options
    this.running = rules.map((rule) => ({
      rule,
      judge: rule.start(linker),
      hits: 0,
      errors: 0,
      disabled: false,
      asked: 0,
      costMs: 0,
    }))
    this.#parts = this.running.flatMap((of) =>
      (of.rule.counting?.parts ?? []).flatMap((part, place) =>
        part.foreign === undefined ? [] : [runningPart(of, part, place)],
      ),
    )
    const foreign = [...rules, ...this.#parts.map(({ rule }) => rule)].flatMap((rule) => rule.foreign ?? [])
    const mappings = new Set(foreign.map((route) => route.mappings))
    this.#kinds = new RecordKinds(
      [...mappings].flat(),
      foreign.map(({ source }) => source),
    )
  }

  /** A set of other rules over the same table. */
  next(rules: readonly CompiledRule[]): RuleSet {
    return new RuleSet(rules, this.#table, this.#options)
  }

  /** Steps that make the groups that another set has needed so far. */
  *preparations(other: RuleSet): Generator<() => void> {
    for (const kind of other.#groups.keys()) yield () => void this.groupOfKind(kind)
    for (const [kind, { record, source }] of other.#examples) {
      if (other.#recordGroups.has(kind)) yield () => void this.groupOfRecord(record, source)
      if (other.#carriedGroups.has(kind)) yield () => void this.groupOfCarried(record, source)
    }
  }

  /** Goes on where another set stops: counters by id, and what rules have counted where they mean the same. */
  takeOver(other: RuleSet): void {
    const before = new Map(other.running.map((running) => [running.rule.info.id, running]))
    for (const running of this.running) {
      const old = before.get(running.rule.info.id)
      if (!old) continue
      running.hits = old.hits
      running.asked = old.asked
      running.costMs = old.costMs
      const { fingerprint } = running.rule
      if (fingerprint === undefined || fingerprint !== old.rule.fingerprint) continue
      running.judge = old.judge
      running.errors = old.errors
      running.disabled = old.disabled
    }
  }

  groupOfKind(kind: EventKind): RuleGroup {
    let group = this.#groups.get(kind)
    if (!group) {
      const running = this.running.filter(({ rule }) => rule.routes.has(kind))
      const conditions = running.flatMap(({ rule }) => rule.routes.get(kind) ?? [])
      const fieldOf = ({ rule }: Running, name: string) => rule.field?.(kind, name)
      group = new RuleGroup(running, conditions, this.#table, fieldOf, this.#options)
      this.#groups.set(kind, group)
    }
    return group
  }

  groupOfRecord(record: ForeignRecord, source: LogSource): RuleGroup {
    const kind = this.#kinds.kindOf(record, source)
    const group = this.#recordGroups.get(kind)
    if (group) return group
    const made = this.#recordGroup(kind)
    this.#recordGroups.set(kind, made)
    this.#examples.set(kind, { record, source })
    return made
  }

  /** As `groupOfRecord`, for a record that an event carries: rules that count count those too. */
  groupOfCarried(record: ForeignRecord, source: LogSource): RuleGroup {
    if (this.#parts.length === 0) return this.groupOfRecord(record, source)
    const kind = this.#kinds.kindOf(record, source)
    let group = this.#carriedGroups.get(kind)
    if (!group) {
      group = this.#recordGroup(kind, this.#parts)
      this.#carriedGroups.set(kind, group)
      this.#examples.set(kind, { record, source })
    }
    return group
  }

  #recordGroup(kind: RecordKind, parts: readonly RunningPart[] = []): RuleGroup {
    const running = [...this.running, ...parts].filter(
      ({ rule }) => rule.foreign && concerns(rule.foreign.source, kind),
    )
    const fields = new Map<string, Field>()
    const intern = (field: Field): Field => {
      const key = field.source.type === 'key' ? field.source.keys.join('\n') : ''
      const known = fields.get(key)
      if (!known) fields.set(key, field)
      return known ?? field
    }
    const conditions = running.flatMap(({ rule: { foreign } }) => {
      if (!foreign) return []
      // Tests that follow each other are mostly of one field.
      let last: { readonly name: string; readonly field: Field } | undefined
      const fieldOf = ({ name }: NamedField): Field => {
        if (last?.name !== name) last = { name, field: intern(fieldIn(kind, foreign.source, name)) }
        return last.field
      }
      return [bind(foreign.condition, fieldOf)]
    })
    const fieldOf = ({ rule }: Running, name: string) =>
      rule.foreign && fieldIn(kind, rule.foreign.source, name)
    return new RuleGroup(running, conditions, this.#table, fieldOf, this.#options)
  }
}

/** Its judge is asked each time, since another may take the place of it. */
function runningPart(of: Running, part: CompiledRule, place: number): RunningPart {
  return {
    rule: { ...part, info: of.rule.info },
    of,
    part: place,
    get judge() {
      return of.judge
    },
    hits: 0,
    errors: 0,
    get disabled() {
      return of.disabled
    },
    asked: 0,
    costMs: 0,
  }
}
