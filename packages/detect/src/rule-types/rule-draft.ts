import type { EventKind, RuleProblem } from '@vedette/model'
import type { z } from 'zod'
import { and, type Condition, or } from '../condition/condition.ts'
import type { Field } from '../fields/field.ts'
import { isOwnSource, type LogSourceRoute } from '../fields/log-source.ts'
import { bindNames } from '../fields/named-fields.ts'
import type { DocumentPath, RuleDocument } from '../loading/document.ts'
import { fingerprintOf } from '../loading/fingerprint.ts'
import { readHeader, type RuleHeader } from '../loading/rule-header.ts'
import type { CompileContext, CompiledRule } from '../rule-type.ts'
import { bindToRoutes, bound, type Detection, readCondition, readDetection } from '../selection/detection.ts'
import type { NamedField } from '../selection/reader.ts'
import type { AppliedFilter } from './filter/filters.ts'

/** A language of rules that are a detection as in Sigma and a block of their own, which says what of the events counts. */
interface BlockLanguage<Shape extends z.ZodRawShape> {
  /** As in `RuleInfo.type`. */
  readonly type: string
  /** Key of the block. */
  readonly key: string
  readonly schema: z.ZodObject<Shape>
  /** What the sentences of such a rule may name besides fields. */
  readonly extra: readonly string[]
}

type Routes = ReadonlyMap<EventKind, Condition<Field>>

/** A rule of such a language while it is read: what can be read, and everything that is wrong with it. */
export class RuleDraft<Shape extends z.ZodRawShape> {
  readonly problems: RuleProblem[] = []
  /** What keeps the rule from our own Events. */
  readonly silent: RuleProblem[] = []
  readonly detection: Detection | undefined
  readonly condition: Condition<NamedField> | undefined
  /** Undefined, as all that follows it, where the block is refused. */
  readonly block: z.infer<z.ZodObject<Shape>> | undefined
  readonly header: RuleHeader | undefined
  readonly #document: RuleDocument
  readonly #context: CompileContext
  readonly #key: string

  constructor(document: RuleDocument, context: CompileContext, language: BlockLanguage<Shape>) {
    this.#document = document
    this.#context = context
    this.#key = language.key
    const { problems } = this
    this.detection = readDetection(document, context.logSources, context.parameters, problems)
    this.condition = this.readCondition(['detection', 'condition'])
    const parsed = language.schema.safeParse(document.data[language.key])
    if (!parsed.success) {
      const known = Object.keys(language.schema.shape)
      problems.push(...document.problemsOf(parsed.error, [language.key], known))
      return
    }
    this.block = parsed.data
    const kinds = this.sources.map(({ kind }) => kind)
    this.header = readHeader(document, language.type, kinds, context.techniques, problems, language.extra)
  }

  /** Events that the rule is about. */
  get sources(): readonly LogSourceRoute[] {
    return this.detection?.routes ?? []
  }

  /** A condition over the selections of the rule. */
  readCondition(path: DocumentPath): Condition<NamedField> | undefined {
    return this.detection && readCondition(this.#document, path, this.detection.selections, this.problems)
  }

  bindCondition(condition: Condition<NamedField>): Routes {
    return bindToRoutes(this.#document, condition, this.sources, this.silent)
  }

  /** The fields that a name in the block means. */
  bindName(name: string, ...path: readonly (string | number)[]): ReadonlyMap<EventKind, Field> {
    return bindNames(this.#document, [this.#key, ...path], name, this.sources, this.silent)
  }

  /** Whether anything keeps the rule from being used. To be asked when everything is read and bound. */
  isFaulty({ source, undelivered }: Detection): boolean {
    if (isOwnSource(source)) this.problems.push(...(undelivered ? [undelivered()] : this.silent))
    return this.problems.length > 0
  }

  /** The filters of the rule, and what of it is read as in every rule. */
  finish(detection: Detection, header: RuleHeader): FinishedDraft {
    const { sources, silent } = this
    const { source, used, undelivered } = detection
    const filters = this.#context.filters?.of(header, source) ?? []
    const allowed = bound(and(filters.map(({ condition }) => condition)), sources)
    return {
      filters,
      routesOf: (own, other) => {
        const routes = new Map<EventKind, Condition<Field>>()
        if (silent.length > 0) return routes
        for (const [kind, route] of own) {
          const second = other?.get(kind)
          const asked = second ? or([route, second]) : route
          const filter = allowed.get(kind)
          routes.set(kind, filters.length > 0 && filter ? and([asked, filter]) : asked)
        }
        return routes
      },
      fingerprint: fingerprintOf(this.#document, used, this.#context.parameters),
      rule: {
        info: header.info,
        ...(header.name === undefined ? {} : { name: header.name }),
        field: (kind, name) => sources.find((route) => route.kind === kind)?.field(name),
        parameters: [...used, ...filters.flatMap((filter) => filter.parameters)],
        warnings: [
          ...(undelivered ? [undelivered()] : silent),
          ...filters.flatMap((filter) => filter.check(sources)),
        ],
      },
    }
  }
}

interface FinishedDraft {
  readonly filters: readonly AppliedFilter[]
  /**
   * What events must meet for the rule to see them: one of the conditions, and the filters, which stand before all memory:
   * what they take out is not counted, no habit and keeps no time.
   */
  readonly routesOf: (own: Routes, other?: Routes) => Routes
  readonly fingerprint: string
  readonly rule: Pick<CompiledRule, 'info' | 'name' | 'field' | 'parameters' | 'warnings'>
}
