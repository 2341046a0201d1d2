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
import { CandidateIndex } from './candidate-index.ts'
import { bind, type Condition } from './condition.ts'
import { EventView, FieldTable } from './event-view.ts'
import type { RecordMatch } from './explain.ts'
import type { Field } from './field.ts'
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

/** Lanes of foreign records; what is beyond is judged by all rules that concern it, one by one. */
const MOST_LANES = 256
const NO_SOURCE: LogSource = {}

interface Running {
  readonly rule: CompiledRule
  readonly order: number
  readonly judge: Judge
  hits: number
  errors: number
  disabled: boolean
}

/** What concerns one kind of event, or of foreign record. */
interface Lane {
  /** In the order of the rules. */
  readonly running: readonly Running[]
  readonly matchers: readonly Matcher[]
  readonly everyRule: readonly number[]
  readonly index: CandidateIndex
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
  readonly #lanes: ReadonlyMap<EventKind, Lane>
  readonly #kinds: RecordKinds
  readonly #recordLanes = new Map<RecordKind, Lane>()
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
    this.#hit = new ReusedHit(this.#view)
    this.rules = rules.map(({ info }) => info)
    this.#running = rules.map((rule, order) => ({
      rule,
      order,
      judge: rule.start(linker),
      hits: 0,
      errors: 0,
      disabled: false,
    }))
    this.#lanes = this.#nativeLanes()
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
    for (let index = 0; index < records.length; index += 1) {
      const record = records[index] as ForeignRecord
      const lane = this.#laneOf(record, sources[index] ?? NO_SOURCE)
      this.#view.look(record)
      this.#ask(lane, index, (running, met) => {
        running.hits += 1
        this.#detections += 1
        visit(index, this.#hit.of(running.rule.info, met))
      })
    }
    this.#events += records.length
    this.#busyMs += this.#options.clock.monotonic() - started
  }

  #judge(event: Event, detections: Detection[]): void {
    const asked = new Set<Running>()
    const judged = (running: Running, met: Matcher) => {
      asked.add(running)
      const hit = running.judge.judge(this.#view, met)
      if (!hit) return
      running.hits += 1
      detections.push(toDetection(running.rule.info, hit))
    }
    const lane = this.#lanes.get(event.kind)
    if (lane) {
      this.#view.look(event, event)
      this.#ask(lane, event.id, judged)
    }
    if (event.kind !== 'log' || event.unmapped === undefined) return
    const carried = this.#laneOf(event.unmapped, event.log_source ?? NO_SOURCE)
    this.#view.look(event.unmapped, event)
    this.#ask(carried, event.id, (running, met) => {
      if (!asked.has(running)) judged(running, met)
    })
  }

  /** Finds the rules of a lane that the view meets. */
  #ask(lane: Lane, name: string | number, met: (running: Running, matcher: Matcher) => void): void {
    const view = this.#view
    const candidates = this.#options.strategy === 'scan' ? lane.everyRule : lane.index.candidates(view)
    for (const position of candidates) {
      const running = lane.running[position] as Running
      if (running.disabled) continue
      const matcher = lane.matchers[position] as Matcher
      let holds = false
      try {
        holds = matcher.test(view)
        if (holds) met(running, matcher)
      } catch (error) {
        this.#failed(running, name, error)
      }
    }
  }

  #laneOf(record: ForeignRecord, source: LogSource): Lane {
    const kind = this.#kinds.kindOf(record, source)
    let lane = this.#recordLanes.get(kind)
    if (!lane) {
      lane = this.#recordLane(kind)
      if (this.#recordLanes.size < MOST_LANES) this.#recordLanes.set(kind, lane)
    }
    return lane
  }

  #recordLane(kind: RecordKind): Lane {
    const running: Running[] = []
    const conditions: Condition<Field>[] = []
    for (const one of this.#running) {
      const { foreign } = one.rule
      if (!foreign || !concerns(foreign.source, kind)) continue
      running.push(one)
      conditions.push(bind(foreign.condition, ({ name }) => fieldIn(kind, foreign.source, name)))
    }
    return this.#lane(running, conditions)
  }

  #nativeLanes(): ReadonlyMap<EventKind, Lane> {
    const parts = new Map<EventKind, { running: Running[]; conditions: Condition<Field>[] }>()
    for (const one of this.#running) {
      for (const [kind, condition] of one.rule.routes) {
        const part = parts.get(kind) ?? { running: [], conditions: [] }
        part.running.push(one)
        part.conditions.push(condition)
        parts.set(kind, part)
      }
    }
    const lanes = new Map<EventKind, Lane>()
    for (const [kind, { running, conditions }] of parts) lanes.set(kind, this.#lane(running, conditions))
    return lanes
  }

  #lane(running: readonly Running[], conditions: readonly Condition<Field>[]): Lane {
    return {
      running,
      matchers: conditions.map((condition) => compileMatcher(condition, this.#table)),
      everyRule: running.map((_, position) => position),
      index: new CandidateIndex(conditions, this.#table),
    }
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
  #rule: RuleInfo | undefined
  #met: Matcher | undefined

  constructor(view: EventView) {
    this.#view = view
  }

  of(rule: RuleInfo, met: Matcher): this {
    this.#rule = rule
    this.#met = met
    return this
  }

  get rule(): RuleInfo {
    if (!this.#rule) throw new TypeError('there is no hit')
    return this.#rule
  }

  matches(): readonly RecordMatch[] {
    return this.#met?.explain(this.#view) ?? []
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
