import type { Clock, Logger } from '@vedette/base'
import {
  type AlertId,
  type Detection,
  type Event,
  type EventKind,
  processOf,
  type RuleInfo,
} from '@vedette/model'
import { createHash } from 'node:crypto'
import { CandidateIndex } from './candidate-index.ts'
import type { Condition } from './condition.ts'
import { EventView, FieldTable } from './event-view.ts'
import type { Field } from './field.ts'
import { compileMatcher, type Matcher } from './matcher.ts'
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

/** Judges events by rules. Its state (counts of threshold rules) lives in memory; one engine a tenant. */
export interface Engine {
  /** Detections of a batch, in the order of its events and, for one event, of the rules. Never throws. */
  evaluate(events: readonly Event[]): Detection[]
  readonly rules: readonly RuleInfo[]
  readonly counters: EngineCounters
  /** One entry a rule, in the order of `rules`. */
  states(): RuleState[]
}

/** A rule that fails on this many events is no longer asked. */
const MOST_ERRORS = 10

interface Running {
  readonly rule: CompiledRule
  readonly judge: Judge
  hits: number
  errors: number
  disabled: boolean
}

/** What concerns one kind of event. */
interface Lane {
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
  readonly #lanes: ReadonlyMap<EventKind, Lane>
  readonly #view: EventView
  #events = 0
  #detections = 0
  #errors = 0
  #busyMs = 0

  constructor(rules: readonly CompiledRule[], options: EngineOptions) {
    const table = new FieldTable()
    const linker: Linker = {
      matcher: (condition) => compileMatcher(condition, table),
      slot: (field) => table.slotOf(field),
    }
    this.#options = options
    this.#view = new EventView(table)
    this.rules = rules.map(({ info }) => info)
    this.#running = rules.map((rule) => ({
      rule,
      judge: rule.start(linker),
      hits: 0,
      errors: 0,
      disabled: false,
    }))
    this.#lanes = lanesOf(this.#running, linker, table)
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

  #judge(event: Event, detections: Detection[]): void {
    const lane = this.#lanes.get(event.kind)
    if (!lane) return
    const view = this.#view
    view.event = event
    const candidates = this.#options.strategy === 'scan' ? lane.everyRule : lane.index.candidates(view)
    for (const position of candidates) {
      const running = lane.running[position] as Running
      if (running.disabled) continue
      try {
        if (!(lane.matchers[position] as Matcher).test(view)) continue
        const hit = running.judge.judge(view)
        if (!hit) continue
        running.hits += 1
        detections.push(toDetection(running.rule.info, hit))
      } catch (error) {
        this.#failed(running, event, error)
      }
    }
  }

  #failed(running: Running, event: Event, error: unknown): void {
    running.errors += 1
    this.#errors += 1
    running.disabled = running.errors >= MOST_ERRORS
    const { id, file } = running.rule.info
    const fields = { rule: id, file, event: event.id, error, errors: running.errors }
    if (running.disabled) this.#options.log.error(fields, 'rule failed too often and is disabled')
    else this.#options.log.warn(fields, 'rule failed on an event')
  }
}

function lanesOf(
  running: readonly Running[],
  linker: Linker,
  table: FieldTable,
): ReadonlyMap<EventKind, Lane> {
  const parts = new Map<EventKind, { running: Running[]; conditions: Condition<Field>[] }>()
  for (const one of running) {
    for (const [kind, condition] of one.rule.routes) {
      const part = parts.get(kind) ?? { running: [], conditions: [] }
      part.running.push(one)
      part.conditions.push(condition)
      parts.set(kind, part)
    }
  }
  const lanes = new Map<EventKind, Lane>()
  for (const [kind, { running: own, conditions }] of parts) {
    lanes.set(kind, {
      running: own,
      matchers: conditions.map((condition) => linker.matcher(condition)),
      everyRule: own.map((_, position) => position),
      index: new CandidateIndex(conditions, table),
    })
  }
  return lanes
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
