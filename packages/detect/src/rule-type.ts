import type { Event, EventKind, LogSource, Match, RuleInfo, RuleProblem } from '@vedette/model'
import type { TechniqueCatalogue } from './attack.ts'
import type { Condition } from './condition/condition.ts'
import type { RuleDocument } from './loading/document.ts'
import type { EventView, FieldText } from './fields/event-view.ts'
import type { Field } from './fields/field.ts'
import type { LogSources } from './fields/log-source.ts'
import type { Matcher } from './condition/matcher.ts'
import type { RuleHit } from './rule-types/correlation/network.ts'
import type { Filters } from './rule-types/filter/filters.ts'
import type { Parameters } from './loading/parameters.ts'
import type { RecordMapping } from './fields/record-kind.ts'
import type { NamedField } from './selection/reader.ts'
import type { Stateful } from './window/state.ts'

/**
 * A language in which rules are written. A folder under `rule-types/` and a line in its list.
 */
export interface RuleType {
  /** As in `RuleInfo.type`. */
  readonly name: string
  /** Whether a document is written in this language, whatever its faults. Of several the first takes it. */
  accepts(document: RuleDocument): boolean
  /** The rule, or everything that is wrong with it. Never throws for what a document holds. */
  compile(document: RuleDocument, context: CompileContext): CompiledRule | readonly RuleProblem[]
}

/** What rules are compiled against. */
export interface CompileContext {
  readonly logSources: LogSources
  readonly techniques: TechniqueCatalogue
  readonly parameters: Parameters
  /** Filters that were loaded with the rules. Default: none. */
  readonly filters?: Filters
}

/** A rule that is ready to be used, without any state: engines may share it. */
export interface CompiledRule {
  readonly info: RuleInfo
  /** Names of the parameters that it took from the configuration. */
  readonly parameters: readonly string[]
  /** What an event of each kind must meet for `judge` to be asked. Kinds that are not named never concern the rule. */
  readonly routes: ReadonlyMap<EventKind, Condition<Field>>
  /** What a foreign record must meet. Undefined where the rule is about Vedette's own events alone. */
  readonly foreign?: ForeignRoute
  /** For rules that count: how the hits of records, each judged for itself, come to a hit of the rule. */
  readonly counting?: RecordCounting
  /** Why no Event can meet it, where it loads for foreign records all the same; `routes` is empty then. */
  readonly warnings?: readonly RuleProblem[]
  /** Sigma's `name`, by which correlations may refer to it. */
  readonly name?: string
  /** The field that a name of the rule's log source means in Events of a kind. */
  field?(kind: EventKind, name: string): Field | undefined
  /** For rules with state: the same for the same text and the same values of its parameters. */
  readonly fingerprint?: string
  /** Makes the part that has state. Called once an engine. */
  start(linker: Linker): Judge
}

/** A rule's log source and its condition in the words of it. */
export interface ForeignRoute {
  readonly source: LogSource
  readonly condition: Condition<NamedField>
  /** What the mappings say of foreign records; one list for all rules that were loaded together. */
  readonly mappings: readonly RecordMapping[]
}

/**
 * A rule that counts, taken apart: records are judged by its parts wherever they are read, and what the parts hit is
 * counted in one place, in order of time.
 */
export interface RecordCounting {
  /** Rules without state, each with an id of its own. Of one record their hits are counted in this order. */
  readonly parts: readonly CompiledRule[]
  /** What `judge` reads of a hit, in the words of the log source. */
  readonly fields: readonly string[]
  start(): {
    /** Counts a hit of a part; whether the rule fires at it. */
    judge(hit: Pick<RuleHit<unknown>, 'rule' | 'time' | 'id' | 'read'>): boolean
  }
}

/** Ties a rule to one engine's field table. */
export interface Linker {
  matcher(condition: Condition<Field>): Matcher
  slot(field: Field): number
}

/** The part of a rule that sees events, in the order in which they are given. */
export interface Judge {
  /**
   * Asked for an event that meets the route's condition, or carries a foreign record that does. What it throws is counted
   * against the rule.
   *
   * @param met tells what in the event met the condition
   */
  judge(view: EventView, met: Matcher): Hit | undefined
  /**
   * For rules that count: asked for an event that carries a foreign record which meets a part of `counting`, and that does
   * not meet the rule itself.
   *
   * @param part its place in `counting.parts`
   * @param read a field of the record, in the words of the rule's log source
   */
  judgeCarried?(
    view: EventView,
    met: Matcher,
    part: number,
    read: (name: string) => FieldText,
  ): Hit | undefined
  /** Groups that it holds in memory and has given up, where it has any; and how many of them it is still learning. */
  readonly state?: { readonly groups: number; readonly evicted: number; readonly learning?: number }
  /** What it remembers, where that is to last through a restart. */
  readonly windows?: readonly Stateful<Event>[]
}

/** A rule fired. */
export interface Hit {
  /** The event at which it fired: with the rule it makes the alert's id, so that judging it again gives the same. */
  readonly trigger: Event
  /** Oldest first, at most 100, the trigger among them. */
  readonly events: readonly Event[]
  readonly eventCount: number
  /** What in the trigger met the rule. */
  readonly matches: readonly Match[]
  readonly aggregate?: Readonly<Record<string, string | number>>
  readonly title: string
  readonly entity: string
}
