import type { Clock, Logger } from '@vedette/base'
import type { ForeignRecord } from '@vedette/formats'
import {
  type AlertId,
  type Detection,
  type Event,
  type LogSource,
  processOf,
  type RuleInfo,
} from '@vedette/model'
import { createHash } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { EventView, FieldTable, type FieldText } from './fields/event-view.ts'
import type { RecordMatch } from './condition/explain.ts'
import { matchesIn } from './condition/matcher.ts'
import { isPart, type RuleGroup, RuleSet, type Running } from './rule-set.ts'
import type { CompiledRule, Hit, Judge } from './rule-type.ts'
import type { CompiledCorrelation } from './rule-types/correlation/compile.ts'
import { type CorrelationFiring, CorrelationNetwork, type RuleHit } from './rule-types/correlation/network.ts'
import { restoreState, saveState, type Stateful } from './window/state.ts'

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
  /** Whether hits and costs are counted for each rule. Default true; `npm run bench -- engine` says what it costs. */
  readonly count?: boolean
  /** Correlations over the rules; Events alone are given to them, by `evaluate`. Default: none. */
  readonly correlations?: readonly CompiledCorrelation[]
}

/** Rules to be used instead of those that are: of `loadRules`. */
export interface RuleSetChange {
  readonly rules: readonly CompiledRule[]
  readonly correlations?: readonly CompiledCorrelation[]
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
  /** For first-seen rules: groups of which too little is known yet to call anything new. */
  readonly learning?: number
  /** How often its condition was worked out, and the milliseconds that it took: from one event in 256, times 256. */
  readonly asked: number
  readonly costMs: number
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
  /** A field of the record by its name in the words of the rule's log source; during the visit. */
  read(name: string): FieldText
}

/** Judges events by rules. Its state (counts of threshold rules) lives in memory; one engine a tenant. */
export interface Engine {
  /** Detections of a batch, in the order of its events and, for one event, of the rules. Never throws. */
  evaluate(events: readonly Event[]): Detection[]
  /**
   * Judges foreign records. Where their source says nothing, `product`, `category` and `service` of the record itself count;
   * the mappings tell more of some.
   *
   * Correlations are the caller's: records come from many files and workers, and one `CorrelationNetwork` sees all hits.
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
  /** One entry a rule, in the order of `rules`, correlations last. */
  states(): RuleState[]
  /**
   * Puts other rules in the place of these. Events go on being judged by the old ones until the new ones are ready; none
   * is left out or judged twice. What rules counted stays where their text and their parameters stayed.
   */
  reload(change: RuleSetChange): Promise<void>
  /** What rules have counted, for `restore` after a restart. */
  save(): Uint8Array
  /** Takes up what `save` gave, before the first event. What has changed its meaning is dropped. */
  restore(bytes: Uint8Array): {
    readonly restored: number
    readonly dropped: readonly { readonly id: string; readonly reason: string }[]
  }
}

/** A rule that fails on this many events is no longer asked. */
const MOST_ERRORS = 10

/** One event in so many is judged with a clock in hand. */
const SAMPLE = 256
const NO_SOURCE: LogSource = {}

/** Starts rules together. The rules may be used by other engines too. */
export function createEngine(rules: readonly CompiledRule[], options: EngineOptions): Engine {
  return new RuleEngine(rules, options)
}

class RuleEngine implements Engine {
  readonly #options: EngineOptions
  readonly #counts: boolean
  readonly #view: EventView
  readonly #hit: ReusedHit
  readonly #correlated: CorrelatedHit
  #set: RuleSet
  #network: CorrelationNetwork<Event>
  #sampleIn = SAMPLE
  #events = 0
  #detections = 0
  #errors = 0
  #busyMs = 0

  constructor(rules: readonly CompiledRule[], options: EngineOptions) {
    const table = new FieldTable()
    this.#options = options
    this.#counts = options.count ?? true
    this.#view = new EventView(table)
    this.#set = new RuleSet(rules, table, {
      generate: options.generate ?? true,
      failed: (running, error) => this.#failed(running, '', error),
    })
    this.#network = new CorrelationNetwork(options.correlations ?? [])
    this.#hit = new ReusedHit(this.#view)
    this.#correlated = new CorrelatedHit(this.#view)
  }

  get rules(): readonly RuleInfo[] {
    return [
      ...this.#set.running.map(({ rule }) => rule.info),
      ...this.#network.states().map(({ info }) => info),
    ]
  }

  get counters(): EngineCounters {
    return { events: this.#events, detections: this.#detections, errors: this.#errors, busyMs: this.#busyMs }
  }

  states(): RuleState[] {
    const rules = this.#set.running.map(
      ({ rule, judge, hits, errors, disabled, asked, costMs }): RuleState => ({
        info: rule.info,
        hits,
        errors,
        disabled,
        asked,
        costMs,
        ...(judge.state ? stateOf(judge.state) : {}),
      }),
    )
    const correlations = this.#network.states().map(({ info, hits, groups, evicted }): RuleState => ({
      info,
      hits,
      errors: 0,
      disabled: false,
      asked: 0,
      costMs: 0,
      groups,
      evicted,
    }))
    return [...rules, ...correlations]
  }

  async reload({ rules, correlations = [] }: RuleSetChange): Promise<void> {
    const next = this.#set.next(rules)
    for (const prepare of next.preparations(this.#set)) {
      prepare()
      await setImmediate()
    }
    // From here to the end nothing else runs.
    next.takeOver(this.#set)
    const network = new CorrelationNetwork<Event>(correlations)
    network.restore(this.#network.save())
    this.#set = next
    this.#network = network
  }

  save(): Uint8Array {
    return saveState(this.#windows())
  }

  restore(bytes: Uint8Array): ReturnType<Engine['restore']> {
    return restoreState(this.#windows(), bytes)
  }

  #windows(): Stateful<Event>[] {
    return [...this.#set.running.flatMap(({ judge }) => judge.windows ?? []), ...this.#network.windows()]
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
      const group = this.#set.groupOfRecord(record, sources[index] ?? NO_SOURCE)
      const count = this.#collect(group, record)
      if (count === 0) continue
      view.look(record)
      for (let i = 0; i < count; i += 1) {
        const position = group.lane.met[i] as number
        const running = group.running[position] as Running
        if (running.disabled) continue
        if (this.#counts) running.hits += 1
        this.#detections += 1
        visit(index, this.#hit.of(group, position))
      }
    }
    this.#events += records.length
    this.#busyMs += this.#options.clock.monotonic() - started
  }

  #judge(event: Event, detections: Detection[]): void {
    const carried =
      event.kind === 'log' && event.unmapped !== undefined
        ? this.#set.groupOfCarried(event.unmapped, event.log_source ?? NO_SOURCE)
        : undefined
    const asked = carried && new Set<Running>()
    this.#judgeIn(this.#set.groupOfKind(event.kind), event, event, detections, asked)
    if (carried && event.kind === 'log') {
      this.#judgeIn(carried, event.unmapped ?? {}, event, detections, asked)
    }
  }

  /** @param asked rules that the event met already, and those that it meets now */
  #judgeIn(
    group: RuleGroup,
    root: object,
    event: Event,
    detections: Detection[],
    asked: Set<Running> | undefined,
  ): void {
    const view = this.#view
    const count = this.#collect(group, root)
    if (count === 0) return
    view.look(root, event)
    // The parts of a rule follow each other.
    let told: Running | undefined
    for (let i = 0; i < count; i += 1) {
      const position = group.lane.met[i] as number
      const found = group.running[position] as Running
      const running = wholeOf(found)
      if (running.disabled || asked?.has(running)) continue
      // Of the parts of one rule each counts for itself.
      if (found === running) asked?.add(running)
      try {
        const hit = isPart(found)
          ? found.of.judge.judgeCarried?.(view, group.matcher(position), found.part, (name) =>
              this.#hit.of(group, position).read(name),
            )
          : running.judge.judge(view, group.matcher(position))
        if (!hit || running === told) continue
        if (isPart(found)) told = running
        if (this.#counts) running.hits += 1
        const { info } = running.rule
        if (!this.#network.silent(info.id)) detections.push(toDetection(info, hit))
        if (this.#network.concerns(info.id)) this.#correlate(group, position, event, detections)
      } catch (error) {
        this.#failed(running, event.id, error)
      }
    }
  }

  /** Gives a hit to the correlations over its rule. */
  #correlate(group: RuleGroup, position: number, event: Event, detections: Detection[]): void {
    for (const firing of this.#network.judge(this.#correlated.of(group, position, event))) {
      if (!firing.alerts) continue
      const matches = matchesIn(this.#view, group.matcher(position))
      detections.push(toDetection(firing.correlation.info, hitOf(firing, matches)))
    }
  }

  /** Finds the rules of a group that an event or record meets: `met` of its lane. */
  #collect(group: RuleGroup, root: object): number {
    if (this.#options.strategy === 'scan') return this.#scan(group, root)
    if (this.#counts) this.#sampleIn -= 1
    if (this.#sampleIn > 0) return group.lane.collect(root)
    this.#sampleIn = SAMPLE
    return group.lane.collectTimed(root, this.#now, (position, ms) => {
      const running = wholeOf(group.running[position] as Running)
      running.asked += SAMPLE
      running.costMs += ms * SAMPLE
    })
  }

  readonly #now = (): number => this.#options.clock.monotonic()

  #scan(group: RuleGroup, root: object): number {
    const view = this.#view
    view.look(root)
    let count = 0
    for (let position = 0; position < group.running.length; position += 1) {
      try {
        if (!group.matcher(position).test(view)) continue
        group.lane.met[count] = position
        count += 1
      } catch (error) {
        this.#failed(group.running[position] as Running, '', error)
      }
    }
    return count
  }

  #failed(part: Running, event: string, error: unknown): void {
    const running = wholeOf(part)
    running.errors += 1
    this.#errors += 1
    running.disabled = running.errors >= MOST_ERRORS
    const { id, file } = running.rule.info
    const fields = { rule: id, file, event, error, errors: running.errors }
    if (running.disabled) this.#options.log.error(fields, 'rule failed too often and is disabled')
    else this.#options.log.warn(fields, 'rule failed on an event')
  }
}

function wholeOf(running: Running): Running {
  return isPart(running) ? running.of : running
}

/** A hit of a rule in a group, of what the view looks at. One object, used again. */
class ReusedHit implements RecordHit {
  readonly #view: EventView
  #group: RuleGroup | undefined
  #position = 0

  constructor(view: EventView) {
    this.#view = view
  }

  of(group: RuleGroup, position: number): this {
    this.#group = group
    this.#position = position
    return this
  }

  get group(): RuleGroup {
    if (!this.#group) throw new TypeError('there is no hit')
    return this.#group
  }

  get rule(): RuleInfo {
    return (this.group.running[this.#position] as Running).rule.info
  }

  matches(): readonly RecordMatch[] {
    return this.group.matcher(this.#position).explain(this.#view)
  }

  read(name: string): FieldText {
    const slot = this.group.slotOf(this.#position, name)
    return slot === undefined ? undefined : this.#view.text(slot)
  }
}

/** What correlations are told of a hit. One object, used again. */
class CorrelatedHit implements RuleHit<Event> {
  readonly #hit: ReusedHit
  #event: Event | undefined

  constructor(view: EventView) {
    this.#hit = new ReusedHit(view)
  }

  of(group: RuleGroup, position: number, event: Event): this {
    this.#hit.of(group, position)
    this.#event = event
    return this
  }

  get item(): Event {
    if (!this.#event) throw new TypeError('there is no hit')
    return this.#event
  }

  get rule(): string {
    return this.#hit.rule.id
  }

  get time(): number {
    return this.item.time
  }

  get id(): string {
    return this.item.id
  }

  read(name: string): FieldText {
    return this.#hit.read(name)
  }
}

function stateOf({
  groups,
  evicted,
  learning,
}: NonNullable<Judge['state']>): Pick<RuleState, 'groups' | 'evicted' | 'learning'> {
  return { groups, evicted, ...(learning !== undefined && { learning }) }
}

function hitOf(firing: CorrelationFiring<Event>, matches: Hit['matches']): Hit {
  const { trigger, items, count, aggregate } = firing
  return {
    trigger,
    events: items,
    eventCount: count,
    matches,
    aggregate,
    title: firing.title(trigger),
    entity: firing.entity(trigger),
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
