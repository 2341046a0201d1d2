import type { LogSource, RuleProblem } from '@vedette/model'
import type { Condition } from '../../condition/condition.ts'
import type { RuleDocument } from '../../loading/document.ts'
import type { LogSourceRoute } from '../../fields/log-source.ts'
import type { Parameters } from '../../loading/parameters.ts'
import { checkFields, readCondition, readLogSource, readSelections } from '../../selection/detection.ts'
import type { NamedField } from '../../selection/reader.ts'
import { filterSchema } from './schema.ts'

/** A filter as one rule has it. */
export interface AppliedFilter {
  /** What must be true besides the rule's own condition. */
  readonly condition: Condition<NamedField>
  /** Names of the parameters that it took. */
  readonly parameters: readonly string[]
  /** Its fields that none of these kinds of event has. */
  check(routes: readonly LogSourceRoute[]): readonly RuleProblem[]
}

interface Filter extends AppliedFilter {
  readonly document: RuleDocument
  readonly id: string
  readonly source: LogSource
  /** Ids and names of rules; undefined means any. */
  readonly rules: readonly string[] | undefined
  readonly unmet: Set<string>
}

/** Whether a document is a Sigma filter. */
export function isFilter({ data }: RuleDocument): boolean {
  return 'filter' in data && !('correlation' in data)
}

/**
 * Sigma filters (specification 2.1, "Filters"): what stands in one is asked of an event besides the condition of each
 * rule that it names and whose log source has everything that the filter's has.
 */
export class Filters {
  readonly #filters: Filter[] = []

  /** Tells these filters from others. */
  get fingerprint(): string {
    return JSON.stringify(this.#filters.map(({ document }) => document.data))
  }

  /** Adds the filter in a document, or gives what is wrong with it. */
  add(document: RuleDocument, parameters: Parameters): readonly RuleProblem[] {
    const problems: RuleProblem[] = []
    const source = readLogSource(document, problems)
    const parsed = filterSchema.safeParse(document.data)
    if (!parsed.success) return [...problems, ...document.problemsOf(parsed.error, [])]
    const { filter, id, title } = parsed.data
    const used = new Set<string>()
    const reader = { document, parameters, problems, used }
    const selections = readSelections(reader, ['filter'], filter, ['condition', 'rules'])
    const condition =
      problems.length === 0
        ? readCondition(document, ['filter', 'condition'], selections, problems)
        : undefined
    if (!source || !condition) return problems
    const { rules } = filter
    const named = typeof rules === 'string' ? [rules] : rules
    const isAny = named.length === 0 || (typeof rules === 'string' && /^(?:any|all)$/i.test(rules))
    this.#filters.push({
      document,
      id: id ?? title,
      source,
      rules: isAny ? undefined : named,
      unmet: new Set(isAny ? [] : named),
      condition,
      parameters: [...used],
      check: (routes) => {
        const unknown: RuleProblem[] = []
        checkFields(document, condition, routes, unknown)
        return unknown
      },
    })
    return []
  }

  /** Filters that are for a rule. */
  of(
    { info, name }: { readonly info: { readonly id: string }; readonly name?: string | undefined },
    source: LogSource,
  ): readonly AppliedFilter[] {
    if (this.#filters.length === 0) return []
    return this.#filters.filter((filter) => {
      const { rules, unmet } = filter
      if (rules === undefined) return contains(filter.source, source)
      const own = rules.filter((rule) => rule === info.id || rule === name)
      if (own.length === 0 || !contains(filter.source, source)) return false
      for (const rule of own) unmet.delete(rule)
      return true
    })
  }

  /** After every rule was asked for: a warning for each rule that a filter names and that it was not for. */
  warnings(): RuleProblem[] {
    return this.#filters.flatMap(({ document, unmet, id, condition }) => [
      ...[...unmet].map((rule) =>
        document.problem(
          ['filter', 'rules'],
          'filter-without-rule',
          `the filter "${id}" names "${rule}", and no rule of that id or name with its log source is loaded`,
          { at: 'value' },
        ),
      ),
      ...(narrows(condition)
        ? [
            document.problem(
              ['filter', 'condition'],
              'filter-narrows',
              `with the filter "${id}" its rules fire only where "selection" is true`,
              { hint: 'to take something out write "not selection"', at: 'value' },
            ),
          ]
        : []),
    ])
  }
}

/** Whether a rule's log source has every part that a filter's names. */
function contains(filter: LogSource, rule: LogSource): boolean {
  return (['product', 'category', 'service'] as const).every(
    (part) => filter[part] === undefined || filter[part] === rule[part],
  )
}

/** Whether nothing in it is negated: then it does not take anything out. */
function narrows(condition: Condition<NamedField>): boolean {
  if (condition.op === 'not') return false
  return condition.op === 'test' || condition.of.every(narrows)
}
