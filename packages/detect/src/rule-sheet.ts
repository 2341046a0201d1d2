import type { ForeignRecord } from '@vedette/formats'
import type { Event, EventKind, LogSource, RuleText } from '@vedette/model'
import { join } from 'node:path'
import { resolveCollection } from './loading/collection.ts'
import { and, bind, type Condition } from './condition/condition.ts'
import { detectionConfigSchema } from './config.ts'
import { parseRuleFile, type RuleDocument } from './loading/document.ts'
import { readField, textOf } from './fields/event-view.ts'
import type { Field } from './fields/field.ts'
import { loadLogSources, type LogSourceRoute, type LogSources } from './fields/log-source.ts'
import { type ExplainedPart, explainParts, type Situation } from './condition/explain-parts.ts'
import type { Parameters } from './loading/parameters.ts'
import { concerns, fieldIn, RecordKinds } from './fields/record-kind.ts'
import { ruleIdOf } from './loading/rule-header.ts'
import { isFilter } from './rule-types/filter/filters.ts'
import { type Detection, readCondition, readDetection, readSelections } from './selection/detection.ts'
import type { NamedField } from './selection/reader.ts'

/** Reads single rules apart, for people who work on them. */
export class RuleReader {
  readonly #logSources: LogSources
  readonly #parameters: Parameters

  private constructor(logSources: LogSources, parameters: Parameters) {
    this.#logSources = logSources
    this.#parameters = parameters
  }

  /**
   * @param content folder with `mappings/`
   * @param parameters values for `%name%`, put over those of the configuration's defaults
   */
  static async open(content: string, parameters: Parameters = {}): Promise<RuleReader> {
    const { logSources } = await loadLogSources(join(content, 'mappings'))
    return new RuleReader(logSources, { ...detectionConfigSchema.parse({}).parameters, ...parameters })
  }

  /**
   * The rule of an id in a file, with the filters that are for it.
   *
   * @returns undefined where the file has no such rule with a detection, or it is faulty
   */
  read({ file, text }: RuleText, id: string, filters: readonly RuleText[] = []): RuleSheet | undefined {
    for (const document of documentsOf(file, text)) {
      if (ruleIdOf(document.data) !== id) continue
      const detection = readDetection(document, this.#logSources, this.#parameters, [])
      const condition =
        detection && readCondition(document, ['detection', 'condition'], detection.selections, [])
      if (!detection || !condition) return undefined
      const name = typeof document.data['name'] === 'string' ? document.data['name'] : undefined
      const own = filters.flatMap((filter) => this.#filtersFor(filter, [id, name], detection.source))
      return new RuleSheet(document, detection, condition, own, this.#logSources)
    }
    return undefined
  }

  #filtersFor(
    { file, text }: RuleText,
    names: readonly (string | undefined)[],
    rule: LogSource,
  ): { title: string; document: RuleDocument; condition: Condition<NamedField>; selections: Selections }[] {
    return documentsOf(file, text).flatMap((document) => {
      const { filter, title, logsource } = document.data
      if (!isFilter(document) || typeof filter !== 'object' || filter === null) return []
      const { rules } = filter as { rules?: unknown }
      const list: unknown[] = Array.isArray(rules) ? rules : [rules]
      if (!list.some((one) => typeof one === 'string' && (names.includes(one) || /^any$/i.test(one))))
        return []
      const source = (logsource ?? {}) as LogSource
      const isWithin = (['product', 'category', 'service'] as const).every(
        (part) => source[part] === undefined || source[part] === rule[part],
      )
      if (!isWithin) return []
      const reader = { document, parameters: this.#parameters, problems: [], used: new Set<string>() }
      const selections = readSelections(reader, ['filter'], filter as Record<string, unknown>, [
        'condition',
        'rules',
      ])
      const condition = readCondition(document, ['filter', 'condition'], selections, reader.problems)
      return condition && reader.problems.length === 0
        ? [{ title: String(title), document, condition, selections }]
        : []
    })
  }
}

type Selections = ReadonlyMap<string, Condition<NamedField>>

interface Filter {
  readonly title: string
  readonly document: RuleDocument
  readonly condition: Condition<NamedField>
  readonly selections: Selections
}

/** Why a rule met an event, or did not. */
export interface RuleExplanation {
  /** Whether the rule's condition and its filters hold, and the event is of its log source. */
  readonly holds: boolean
  /** Why it is not even asked; absent where it is. */
  readonly outside?: string
  /** Absent where it is not asked. */
  readonly condition?: ExplainedPart
  readonly filters: readonly { readonly title: string; readonly condition: ExplainedPart }[]
}

/** One rule with a detection, and what is written in it. */
export class RuleSheet {
  readonly #document: RuleDocument
  readonly #detection: Detection
  readonly #condition: Condition<NamedField>
  readonly #filters: readonly Filter[]
  readonly #logSources: LogSources

  constructor(
    document: RuleDocument,
    detection: Detection,
    condition: Condition<NamedField>,
    filters: readonly Filter[],
    logSources: LogSources,
  ) {
    this.#document = document
    this.#detection = detection
    this.#condition = condition
    this.#filters = filters
    this.#logSources = logSources
  }

  /** As it is written; product, category and service. */
  get source(): LogSource {
    return this.#detection.source
  }

  /** Everything in the document. */
  get data(): Readonly<Record<string, unknown>> {
    return this.#document.data
  }

  /** What the rule's log source calls a path of events of a kind: `Image` for `process.path`; the path where it has no name for it. */
  nameOf(kind: EventKind, path: string): string {
    for (const route of this.#routesOf(kind)) {
      for (const name of route.names) {
        const field = route.field(name)
        if (field?.path === path && field.values === undefined) return name
      }
    }
    return path
  }

  /** What a field of an event gives, by its name in the log source or its path; undefined where it has none. */
  valueOf(event: Event, name: string): string | readonly string[] | undefined {
    const field = this.#fieldOf(event.kind, event, name)
    return field && textOf(readField(event, field))
  }

  explainEvent(event: Event): RuleExplanation {
    const routes = this.#routesOf(event.kind)
    const kinds = [...new Set(this.#detection.routes.map(({ kind }) => kind))]
    if (routes.length === 0) {
      const carried = event.kind === 'log' ? event.unmapped : undefined
      if (carried && event.kind === 'log') return this.explainRecord(carried, event.log_source ?? {})
      const about = kinds.length === 0 ? 'nothing that is watched here' : `${kinds.join(' and ')} events`
      return this.#outside(`the rule is about ${about}, and this is a ${event.kind} event`)
    }
    const route = this.#routeFor(event)
    if (!route) return this.#outside(`this ${event.kind} event is not of the rule's log source`)
    return this.#explain({ root: event, field: (name) => route.field(name) })
  }

  explainRecord(record: ForeignRecord, source: LogSource): RuleExplanation {
    const own = this.#detection.source
    const kind = new RecordKinds(this.#logSources.records, [own]).kindOf(record, source)
    if (!concerns(own, kind)) {
      const named = Object.values(own).join(' ')
      return this.#outside(`the rule is about ${named}, and this record is not`)
    }
    return this.#explain({ root: record, field: (name) => fieldIn(kind, own, name) })
  }

  #outside(outside: string): RuleExplanation {
    return { holds: false, outside, filters: [] }
  }

  #explain(situation: Situation): RuleExplanation {
    const parts = { selections: this.#detection.selections, document: this.#document }
    const condition = explainParts(this.#condition, parts, situation)
    const filters = this.#filters.map((filter) => ({
      title: filter.title,
      condition: explainParts(filter.condition, filter, situation),
    }))
    const holds = condition.holds && filters.every((filter) => filter.condition.holds)
    return { holds, condition, filters }
  }

  #routesOf(kind: EventKind): readonly LogSourceRoute[] {
    return this.#detection.routes.filter((route) => route.kind === kind)
  }

  /** The way by which the event comes to the rule, where it does. */
  #routeFor(event: Event): LogSourceRoute | undefined {
    return this.#routesOf(event.kind).find(({ where }) => {
      if (!where) return true
      const named: Condition<NamedField> = bind(where, (field): NamedField => ({
        name: field.path,
        path: [],
      }))
      const fields = new Map<string, Field>()
      collect(where, fields)
      const situation: Situation = { root: event, field: (name) => fields.get(name) }
      return explainParts(and([named]), { selections: new Map(), document: this.#document }, situation).holds
    })
  }

  #fieldOf(kind: EventKind, event: Event, name: string): Field | undefined {
    const route = this.#routeFor(event) ?? this.#routesOf(kind)[0]
    return route?.field(name)
  }
}

function collect(condition: Condition<Field>, fields: Map<string, Field>): void {
  if (condition.op === 'test') fields.set(condition.field.path, condition.field)
  else if (condition.op === 'not') collect(condition.of, fields)
  else for (const part of condition.of) collect(part, fields)
}

/** A document of a file of rules, as it is written. */
export interface WrittenRule {
  readonly id: string
  readonly title: string
  readonly data: Readonly<Record<string, unknown>>
}

/** The rules, correlations and filters in a file, whatever their faults; those that are no map are left out. */
export function rulesIn({ file, text }: RuleText): WrittenRule[] {
  return documentsOf(file, text).map(({ data }) => ({
    id: ruleIdOf(data),
    title: [data['title'], data['name']].find((one) => typeof one === 'string') ?? '',
    data,
  }))
}

function documentsOf(file: string, text: string): readonly RuleDocument[] {
  return resolveCollection(parseRuleFile(file, text).documents, [])
}
