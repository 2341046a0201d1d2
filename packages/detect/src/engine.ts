import type { Clock, Logger } from '@vedette/base'
import type { ForeignRecord } from '@vedette/formats'
import {
  type AlertId,
  type Detection,
  type Event,
  type EventKind,
  type LogSource,
  processOf,
  type RuleInfo,
} from '@vedette/model'
import { createHash } from 'node:crypto'
import { bind, type Condition } from './condition.ts'
import { EventView, FieldTable } from './event-view.ts'
import type { RecordMatch } from './explain.ts'
import type { Field } from './field.ts'
import { Lane } from './lane.ts'
import { compileMatcher, type Matcher } from './matcher.ts'
import { concerns, fieldIn, type RecordKind, RecordKinds } from './record-kind.ts'
import type { CompiledRule, Hit, Judge, Linker } from './rule-type.ts'

export interface EngineOptions {
  readonly clock: Clock
  readonly log: Logger
  /**
   * `index` asks only the rules that an event could match; `scan` asks every rule, which gives the same detections
   * slower and is what the index is compared with. Default `index`.
   */
  readonly strategy?: 'index' | 'scan'
  /** Whether code may be made for rules that are asked often. Default: where the process allows it. */
  readonly generate?: boolean
}

/** What an engine has done with one rule. */
export interface RuleState {
  readonly info: RuleInfo
  readonly hits: number
  readonly errors: number
  /** True once it has failed too often and is no longer asked. */
  readonly disabled: boolean
  /** For rules that count: groups in memory, and groups given up for lack of room. */
  readonly groups?: number
  readonly evicted?: number
}

export interface EngineCounters {
  readonly events: number
  readonly detections: number
  /** Times that a rule failed on an event. */
  readonly errors: number
  /** Time spent in `evaluate`, milliseconds. */
  readonly busyMs: number
}

/** A rule met a foreign record. One object a rule, used again: what is needed of it is taken during the visit. */
export interface RecordHit {
  readonly rule: RuleInfo
  /** What in the record made it fire; worked out when asked, during the visit. */
  matches(): readonly RecordMatch[]
  /** Counted values, where the rule is a correlation. */
  readonly aggregate?: Readonly<Record<string, string | number>>
}

/** Judges events by rules. Its state (counts of threshold rules) lives in memory; one engine a tenant. */
export interface Engine {
  /** Detections of a batch, in the order of its events and, for one event, of the rules. Never throws. */
  evaluate(events: readonly Event[]): Detection[]
  /**
   * Judges foreign records. Where their source says nothing, `product`, `category` and `service` of the record itself count;
   * the mappings tell more of some.
   *
   * @param sources of the records, one for each; an object a source
   * @param visit called for each hit, in the order of the records and, for one record, of the rules; what it throws is thrown
   */
  judgeRecords(
    records: readonly ForeignRecord[],
    sources: readonly LogSource[],
    visit: (index: number, hit: RecordHit) => void,
  ): void
  readonly rules: readonly RuleInfo[]
  readonly counters: EngineCounters
  /** One entry a rule, in the order of `rules`. */
  states(): RuleState[]
}

/** A rule that fails on this many events is no longer asked. */
const MOST_ERRORS = 10

/** Groups for kinds of foreign records; what is beyond is judged by all rules that concern it, one by one. */
const MOST_GROUPS = 256
const NO_SOURCE: LogSource = {}

interface Running {
  readonly rule: CompiledRule
  readonly order: number
  readonly judge: Judge
  hits: number
  errors: number
  disabled: boolean
}

/** The rules that concern one kind of event, or of foreign record. */
interface Group {
  /** In the order of the rules. */
  readonly running: readonly Running[]
  readonly conditions: readonly Condition<Field>[]
  readonly lane: Lane
  /** Made for rules that were met. */
  readonly matchers: (Matcher | undefined)[]
}

/** Starts rules together. The rules may be used by other engines too. */
export function createEngine(rules: readonly CompiledRule[], options: EngineOptions): Engine {
  return new RuleEngine(rules, options)
}

class RuleEngine implements Engine {
  readonly rules: readonly RuleInfo[]
  readonly #options: EngineOptions
  readonly #running: readonly Running[]
  readonly #table = new FieldTable()
  readonly #view: EventView
  readonly #groups = new Map<EventKind, Group>()
  readonly #kinds: RecordKinds
  readonly #recordGroups = new Map<RecordKind, Group>()
  readonly #hit: ReusedHit
  #events = 0
  #detections = 0
  #errors = 0
  #busyMs = 0

  constructor(rules: readonly CompiledRule[], options: EngineOptions) {
    const linker: Linker = {
      matcher: (condition) => compileMatcher(condition, this.#table),
      slot: (field) => this.#table.slotOf(field),
    }
    this.#options = options
    this.#view = new EventView(this.#table)
    this.#hit = new ReusedHit(this.#view, (group, position) => this.#matcher(group, position))
    this.rules = rules.map(({ info }) => info)
    this.#running = rules.map((rule, order) => ({
      rule,
      order,
      judge: rule.start(linker),
      hits: 0,
      errors: 0,
      disabled: false,
    }))
    const foreign = rules.flatMap((rule) => rule.foreign ?? [])
    const mappings = new Set(foreign.map((route) => route.mappings))
    this.#kinds = new RecordKinds(
      [...mappings].flat(),
      foreign.map(({ source }) => source),
    )
  }

  get counters(): EngineCounters {
    return { events: this.#events, detections: this.#detections, errors: this.#errors, busyMs: this.#busyMs }
  }

  states(): RuleState[] {
    return this.#running.map(({ rule, judge, hits, errors, disabled }) => ({
      info: rule.info,
      hits,
      errors,
      disabled,
      ...(judge.state ? { groups: judge.state.groups, evicted: judge.state.evicted } : {}),
    }))
  }

  evaluate(events: readonly Event[]): Detection[] {
    const started = this.#options.clock.monotonic()
    const detections: Detection[] = []
    for (const event of events) {
      try {
        this.#judge(event, detections)
      } catch (error) {
        this.#errors += 1
        this.#options.log.error({ event: event.id, error }, 'event could not be judged')
      }
    }
    this.#events += events.length
    this.#detections += detections.length
    this.#busyMs += this.#options.clock.monotonic() - started
    return detections
  }

  judgeRecords(
    records: readonly ForeignRecord[],
    sources: readonly LogSource[],
    visit: (index: number, hit: RecordHit) => void,
  ): void {
    const started = this.#options.clock.monotonic()
    const view = this.#view
    for (let index = 0; index < records.length; index += 1) {
      const record = records[index] as ForeignRecord
      const group = this.#groupOf(record, sources[index] ?? NO_SOURCE)
      const count = this.#collect(group, record)
      if (count === 0) continue
      view.look(record)
      for (let i = 0; i < count; i += 1) {
        const position = group.lane.met[i] as number
        const running = group.running[position] as Running
        if (running.disabled) continue
        running.hits += 1
        this.#detections += 1
        visit(index, this.#hit.of(running.rule.info, group, position))
      }
    }
    this.#events += records.length
    this.#busyMs += this.#options.clock.monotonic() - started
  }

  #judge(event: Event, detections: Detection[]): void {
    const group = this.#nativeGroup(event.kind)
    const carried =
      event.kind === 'log' && event.unmapped !== undefined
        ? this.#groupOf(event.unmapped, event.log_source ?? NO_SOURCE)
        : undefined
    const asked = carried && new Set<Running>()
    this.#judgeIn(group, event, event, detections, asked)
    if (carried && event.kind === 'log') {
      this.#judgeIn(carried, event.unmapped ?? {}, event, detections, asked)
    }
  }

  /** @param asked rules that the event met already, and those that it meets now */
  #judgeIn(
    group: Group,
    root: object,
    event: Event,
    detections: Detection[],
    asked: Set<Running> | undefined,
  ): void {
    const view = this.#view
    const count = this.#collect(group, root)
    if (count === 0) return
    view.look(root, event)
    for (let i = 0; i < count; i += 1) {
      const position = group.lane.met[i] as number
      const running = group.running[position] as Running
      if (running.disabled || asked?.has(running)) continue
      asked?.add(running)
      try {
        const hit = running.judge.judge(view, this.#matcher(group, position))
        if (!hit) continue
        running.hits += 1
        detections.push(toDetection(running.rule.info, hit))
      } catch (error) {
        this.#failed(running, event.id, error)
      }
    }
  }

  /** Finds the rules of a group that an event or record meets: `met` of its lane. */
  #collect({ lane, conditions, running, matchers }: Group, root: object): number {
    if (this.#options.strategy !== 'scan') return lane.collect(root)
    const view = this.#view
    view.look(root)
    let count = 0
    for (let position = 0; position < conditions.length; position += 1) {
      try {
        if (!this.#matcher({ lane, conditions, running, matchers }, position).test(view)) continue
        lane.met[count] = position
        count += 1
      } catch (error) {
        this.#failed(running[position] as Running, '', error)
      }
    }
    return count
  }

  #matcher({ conditions, matchers }: Group, position: number): Matcher {
    return (matchers[position] ??= compileMatcher(conditions[position] as Condition<Field>, this.#table))
  }

  #groupOf(record: ForeignRecord, source: LogSource): Group {
    const kind = this.#kinds.kindOf(record, source)
    let group = this.#recordGroups.get(kind)
    if (!group) {
      group = this.#recordGroup(kind)
      if (this.#recordGroups.size < MOST_GROUPS) this.#recordGroups.set(kind, group)
    }
    return group
  }

  #recordGroup(kind: RecordKind): Group {
    const running: Running[] = []
    const conditions: Condition<Field>[] = []
    for (const one of this.#running) {
      const { foreign } = one.rule
      if (!foreign || !concerns(foreign.source, kind)) continue
      running.push(one)
      conditions.push(bind(foreign.condition, ({ name }) => fieldIn(kind, foreign.source, name)))
    }
    return this.#group(running, conditions)
  }

  #nativeGroup(kind: EventKind): Group {
    let group = this.#groups.get(kind)
    if (!group) {
      const running = this.#running.filter(({ rule }) => rule.routes.has(kind))
      const conditions = running.flatMap(({ rule }) => rule.routes.get(kind) ?? [])
      group = this.#group(running, conditions)
      this.#groups.set(kind, group)
    }
    return group
  }

  #group(running: readonly Running[], conditions: readonly Condition<Field>[]): Group {
    const lane = new Lane(conditions, {
      generate: this.#options.generate ?? true,
      failed: (position, error) => this.#failed(running[position] as Running, '', error),
    })
    return { running, conditions, lane, matchers: [] }
  }

  #failed(running: Running, event: string | number, error: unknown): void {
    running.errors += 1
    this.#errors += 1
    running.disabled = running.errors >= MOST_ERRORS
    const { id, file } = running.rule.info
    const fields = { rule: id, file, event, error, errors: running.errors }
    if (running.disabled) this.#options.log.error(fields, 'rule failed too often and is disabled')
    else this.#options.log.warn(fields, 'rule failed on an event')
  }
}

/** The one hit that all visits get. */
class ReusedHit implements RecordHit {
  readonly #view: EventView
  readonly #matcher: (group: Group, position: number) => Matcher
  #rule: RuleInfo | undefined
  #group: Group | undefined
  #position = 0

  constructor(view: EventView, matcher: (group: Group, position: number) => Matcher) {
    this.#view = view
    this.#matcher = matcher
  }

  of(rule: RuleInfo, group: Group, position: number): this {
    this.#rule = rule
    this.#group = group
    this.#position = position
    return this
  }

  get rule(): RuleInfo {
    if (!this.#rule) throw new TypeError('there is no hit')
    return this.#rule
  }

  matches(): readonly RecordMatch[] {
    return this.#group ? this.#matcher(this.#group, this.#position).explain(this.#view) : []
  }
}

function toDetection(info: RuleInfo, hit: Hit): Detection {
  const { trigger, events, eventCount, matches, aggregate, title, entity } = hit
  const process = processOf(trigger)
  return {
    id: createHash('sha256').update(`${info.id}\n${trigger.id}`).digest('hex').slice(0, 32) as AlertId,
    rule: info,
    time: Math.max(...events.map(({ time }) => time)),
    device: trigger.device,
    ...(process ? { process } : {}),
    title,
    events,
    eventCount,
    matches,
    ...(aggregate ? { aggregate } : {}),
    entity,
  }
}
