import type { RuleProblem } from '@vedette/model'
import { resolveCollection } from './collection.ts'
import type { RuleDocument } from './document.ts'
import type { CompileContext, CompiledRule, RuleType } from '../rule-type.ts'
import { type CompiledCorrelation, compileCorrelations } from '../rule-types/correlation/compile.ts'
import { Filters, isFilter } from '../rule-types/filter/filters.ts'
import { recall, type Remembered, remember } from './remembered-rule.ts'
import { ruleTypes } from '../rule-types/index.ts'
import { didYouMean } from './suggest.ts'

/** Rules that are compiled together: filters are worked in, correlations know what they refer to. */
export interface CompiledRules {
  readonly rules: readonly CompiledRule[]
  /** Each after those that it refers to. */
  readonly correlations: readonly CompiledCorrelation[]
  /** One for each fault; a rule with a fault is not among `rules`, and the rest are. */
  readonly problems: readonly RuleProblem[]
  /** What is likely not meant, of rules that are used all the same. */
  readonly warnings: readonly RuleProblem[]
}

/** Gathers the documents of many files, and compiles them when all are there. */
export class RuleCompiler {
  readonly #context: CompileContext
  readonly #memory: RuleMemory | undefined
  readonly #filters = new Filters()
  readonly #problems: RuleProblem[] = []
  readonly #rules: RuleDocument[] = []
  readonly #correlations: RuleDocument[] = []

  /** @param memory of the last time */
  constructor(context: CompileContext, memory?: RuleMemory) {
    this.#context = { ...context, filters: this.#filters }
    this.#memory = memory
  }

  /** Tells the filters that were added from others. */
  get filtersFingerprint(): string {
    return this.#filters.fingerprint
  }

  /** Takes the documents of one file, in their order. */
  add(documents: readonly RuleDocument[]): void {
    if (documents.every(({ isPlain }) => isPlain)) {
      this.#rules.push(...documents)
      return
    }
    for (const document of resolveCollection(documents, this.#problems)) {
      if (isFilter(document)) this.#problems.push(...this.#filters.add(document, this.#context.parameters))
      else if ('correlation' in document.data) this.#correlations.push(document)
      else this.#rules.push(document)
    }
  }

  /**
   * Compiles what was added, in that order. A rule whose id is there already is a problem.
   *
   * @returns a generator that yields now and then, so that other work can be done between, and returns the rules
   */
  *compile(): Generator<void, CompiledRules> {
    const rules: CompiledRule[] = []
    const problems = this.#problems
    const ids = new Map<string, string>()
    const isNew = (id: string, document: RuleDocument): boolean => {
      const other = ids.get(id)
      if (other === undefined) {
        ids.set(id, document.file)
        return true
      }
      const message = `the rule ${id} is already in ${other}`
      problems.push(document.problem(['id'], 'rule-twice', message, { at: 'value' }))
      return false
    }
    for (const [count, document] of this.#rules.entries()) {
      if (count % 100 === 99) yield
      const rule = this.#compile(document)
      if (!('info' in rule)) problems.push(...rule)
      else if (isNew(rule.info.id, document)) rules.push(rule)
    }
    const correlations = compileCorrelations(
      this.#correlations.filter((document) => {
        const { id } = document.data
        return typeof id !== 'string' || isNew(id, document)
      }),
      rules,
      this.#context,
      problems,
    )
    const filters = this.#filters
    return {
      rules,
      correlations,
      problems,
      // Each has to be found in its file, which takes long where there are many.
      get warnings() {
        return [...rules.flatMap((rule) => rule.warnings ?? []), ...filters.warnings()]
      },
    }
  }

  #compile(document: RuleDocument): CompiledRule | readonly RuleProblem[] {
    const remembered = this.#memory?.get(document)
    if (remembered && !('info' in remembered)) return remembered
    if (remembered) {
      if (remembered.foreign) this.#filters.of(remembered, remembered.foreign) // so that they know whom they are for
      return recall(remembered, document, this.#context)
    }
    const rule = compileDocument(document, this.#context)
    this.#memory?.set(document, 'info' in rule ? remember(rule) : rule)
    return rule
  }
}

/** What rules were compiled to before, where what they are compiled against is the same now. */
export interface RuleMemory {
  get(document: RuleDocument): Remembered | undefined
  set(document: RuleDocument, rule: Remembered | undefined): void
}

/** Compiles one document by the first type that takes it. */
export function compileDocument(
  document: RuleDocument,
  context: CompileContext,
  types: readonly RuleType[] = ruleTypes,
): CompiledRule | readonly RuleProblem[] {
  const type = types.find((candidate) => candidate.accepts(document))
  if (type) {
    try {
      return type.compile(document, context)
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      return [document.problem([], 'rule-invalid', `the rule cannot be compiled: ${reason}`)]
    }
  }
  const names = [...types.map(({ name }) => name), 'correlation', 'filter']
  const wanted = typeof document.data['type'] === 'string' ? document.data['type'] : ''
  return [
    document.problem(
      ['type'],
      'unknown-rule-type',
      `no type of rule takes this document, "type" is "${wanted}"`,
      {
        hint: didYouMean(wanted, names) ?? `the types are ${names.join(', ')}`,
        at: 'value',
      },
    ),
  ]
}
