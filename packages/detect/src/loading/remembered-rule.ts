import type { EventKind, LogSource, RuleInfo, RuleProblem } from '@vedette/model'
import { type Condition, NEVER } from '../condition/condition.ts'
import type { Field } from '../fields/field.ts'
import type { RecordMapping } from '../fields/record-kind.ts'
import type { CompileContext, CompiledRule, ForeignRoute, Judge, Linker } from '../rule-type.ts'
import { sigma } from '../rule-types/sigma/index.ts'
import type { NamedField } from '../selection/reader.ts'
import type { RuleDocument } from './document.ts'

/** What is known of a rule that was compiled before, of the same text and against the same things. */
export interface RememberedRule {
  readonly info: RuleInfo
  readonly name?: string
  readonly parameters: readonly string[]
  /** Its log source, where it is for foreign records. */
  readonly foreign?: LogSource
  /** Whether no Event can meet it. */
  readonly silent: boolean
}

/** A rule, or what is wrong with it. */
export type Remembered = RememberedRule | readonly RuleProblem[]

/** What to remember of a rule; undefined for a type of rule that is compiled every time. */
export function remember(rule: CompiledRule): RememberedRule | undefined {
  const { info, name, parameters, foreign, routes } = rule
  if (info.type !== sigma.name) return undefined
  return {
    info,
    ...(name === undefined ? {} : { name }),
    parameters,
    ...(foreign ? { foreign: foreign.source } : {}),
    silent: routes.size === 0,
  }
}

/** A rule without faults, compiled when the first engine needs its condition: most engines need those of few log sources. */
export function recall(
  remembered: RememberedRule,
  document: RuleDocument,
  context: CompileContext,
): CompiledRule {
  return new RecalledRule(remembered, document, context)
}

const NO_ROUTES: CompiledRule['routes'] = new Map()

/** A class rather than a literal with functions in it: thousands of rules are recalled at once. */
class RecalledRule implements CompiledRule {
  readonly info: RuleInfo
  readonly parameters: readonly string[]
  declare readonly name?: string
  declare readonly foreign?: ForeignRoute
  readonly #silent: boolean
  readonly #document: RuleDocument
  readonly #context: CompileContext
  #compiled: CompiledRule | undefined

  constructor(
    { info, name, parameters, foreign, silent }: RememberedRule,
    document: RuleDocument,
    context: CompileContext,
  ) {
    this.info = info
    this.parameters = parameters
    this.#silent = silent
    this.#document = document
    this.#context = context
    if (name !== undefined) this.name = name
    if (foreign) this.foreign = new RecalledRoute(foreign, context.logSources.records, this)
  }

  get whole(): CompiledRule {
    if (!this.#compiled) {
      const rule = sigma.compile(this.#document, this.#context)
      if (!('info' in rule)) {
        const [problem] = rule
        throw new TypeError(
          `Cannot compile "${this.info.file}" again: ${problem?.message ?? 'it has faults'}`,
        )
      }
      this.#compiled = rule
    }
    return this.#compiled
  }

  get routes(): CompiledRule['routes'] {
    return this.#silent ? NO_ROUTES : this.whole.routes
  }

  get warnings(): readonly RuleProblem[] {
    return this.whole.warnings ?? []
  }

  field(kind: EventKind, name: string): Field | undefined {
    return this.whole.field?.(kind, name)
  }

  start(linker: Linker): Judge {
    return this.whole.start(linker)
  }
}

class RecalledRoute implements ForeignRoute {
  readonly source: LogSource
  readonly mappings: readonly RecordMapping[]
  readonly #rule: RecalledRule

  constructor(source: LogSource, mappings: readonly RecordMapping[], rule: RecalledRule) {
    this.source = source
    this.mappings = mappings
    this.#rule = rule
  }

  get condition(): Condition<NamedField> {
    return this.#rule.whole.foreign?.condition ?? NEVER
  }
}
