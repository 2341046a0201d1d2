import type { EventKind, RuleProblem } from '@vedette/model'
import { and, bind, type Condition, fieldsIn, or } from '../condition.ts'
import type { DocumentPath, RuleDocument } from '../document.ts'
import { type Field, shapeAt, suggestField } from '../field.ts'
import { fold } from '../fold.ts'
import type { LogSourceRoute, LogSources } from '../log-source.ts'
import type { Parameters } from '../parameters.ts'
import { didYouMean } from '../suggest.ts'
import { ConditionError, parseCondition } from './condition-expression.ts'
import type { NamedField, SelectionReader } from './reader.ts'
import { parseSelection } from './selection.ts'

/** The `logsource` and `detection` of a rule, read but for its condition. */
export interface Detection {
  /** The events that it is about, one route for each kind that they may be. */
  readonly routes: readonly LogSourceRoute[]
  readonly selections: ReadonlyMap<string, Condition<NamedField>>
  readonly used: Set<string>
}

/** Reads `logsource` and the named selections of `detection`; undefined, with problems added, where that fails. */
export function readDetection(
  document: RuleDocument,
  logSources: LogSources,
  parameters: Parameters,
  problems: RuleProblem[],
): Detection | undefined {
  const before = problems.length
  const routes = readLogSource(document, logSources, problems)
  const selections = new Map<string, Condition<NamedField>>()
  const used = new Set<string>()
  const { detection } = document.data
  if (typeof detection !== 'object' || detection === null || Array.isArray(detection)) {
    problems.push(document.problem(['detection'], 'missing-detection', 'the rule has no map "detection"'))
    return undefined
  }
  const reader: SelectionReader = { document, parameters, problems, used }
  for (const [name, data] of Object.entries(detection)) {
    if (name === 'condition') continue
    const path = ['detection', name]
    if (name === 'timeframe') {
      const hint = 'write a rule of "type: threshold"'
      problems.push(
        document.problem(path, 'unsupported-aggregation', '"timeframe" is not part of Sigma 2', { hint }),
      )
    } else {
      selections.set(name, parseSelection(reader, path, data))
    }
  }
  return problems.length > before ? undefined : { routes, selections, used }
}

function readLogSource(
  document: RuleDocument,
  logSources: LogSources,
  problems: RuleProblem[],
): readonly LogSourceRoute[] {
  const { logsource } = document.data
  if (typeof logsource !== 'object' || logsource === null) {
    problems.push(document.problem(['logsource'], 'missing-log-source', 'the rule has no map "logsource"'))
    return []
  }
  const source: Record<string, string> = {}
  for (const key of ['product', 'category', 'service'] as const) {
    const value = (logsource as Record<string, unknown>)[key]
    if (typeof value === 'string') source[key] = value
  }
  const routes = logSources.routes(source)
  if (routes) return routes
  const named = Object.entries(source).map(([key, value]) => `${key} ${value}`)
  problems.push(
    document.problem(
      ['logsource'],
      'unsupported-log-source',
      `nothing delivers the log source ${named.join(', ') || '(empty)'}`,
      { hint: logSources.suggest(source) },
    ),
  )
  return []
}

/**
 * Reads a condition over the selections; a list of conditions means any of them.
 *
 * @param path where the condition stands in the document
 */
export function readCondition(
  document: RuleDocument,
  path: DocumentPath,
  selections: ReadonlyMap<string, Condition<NamedField>>,
  problems: RuleProblem[],
): Condition<NamedField> | undefined {
  let data: unknown = document.data
  for (const step of path) data = (data as Record<string, unknown> | undefined)?.[step]
  if (data === undefined) {
    problems.push(document.problem(path, 'missing-condition', `the rule has no "${path.join('.')}"`))
    return undefined
  }
  const before = problems.length
  const list: unknown[] = Array.isArray(data) ? data : [data]
  const conditions = list.map((one, index): Condition<NamedField> => {
    const at = Array.isArray(data) ? [...path, index] : path
    if (typeof one !== 'string') {
      problems.push(document.problem(at, 'condition-invalid', 'a condition is a text', { at: 'value' }))
      return or([])
    }
    try {
      return parseCondition(one, selections)
    } catch (error) {
      if (!(error instanceof ConditionError)) throw error
      const { code, message, offset, hint } = error
      problems.push(document.problem(at, code, message, { hint, at: 'value', offset }))
      return or([])
    }
  })
  return problems.length > before ? undefined : or(conditions)
}

/**
 * Binds a condition to each kind of event of the rule's log source. A field that none of them has, and a value that its
 * field can never have, become problems: such a rule would be silent for ever.
 */
export function bindToRoutes(
  document: RuleDocument,
  condition: Condition<NamedField>,
  routes: readonly LogSourceRoute[],
  problems: RuleProblem[],
): ReadonlyMap<EventKind, Condition<Field>> {
  const before = problems.length
  const reported = new Set<string>()
  for (const { name, path } of fieldsIn(condition)) {
    if (reported.has(name) || routes.some((route) => route.field(name) !== undefined)) continue
    reported.add(name)
    const names = routes.flatMap((route) => route.names)
    const kinds = routes.map((route) => route.kind)
    problems.push(
      document.problem(path, 'unknown-field', `events of this log source have no field "${name}"`, {
        hint: suggestField(name, kinds, names),
      }),
    )
  }
  checkValues(document, condition, routes, problems)
  const bound = new Map<EventKind, Condition<Field>>()
  if (problems.length > before) return bound
  for (const route of routes) {
    const own = bind(condition, ({ name }) => route.field(name))
    const whole = route.where ? and([route.where, own]) : own
    const other = bound.get(route.kind)
    bound.set(route.kind, other ? or([other, whole]) : whole)
  }
  return bound
}

function checkValues(
  document: RuleDocument,
  condition: Condition<NamedField>,
  routes: readonly LogSourceRoute[],
  problems: RuleProblem[],
): void {
  if (condition.op !== 'test') {
    for (const part of condition.op === 'not' ? [condition.of] : condition.of) {
      checkValues(document, part, routes, problems)
    }
    return
  }
  const { field: named, test } = condition
  const shapes = routes.flatMap((route) => {
    const field = route.field(named.name)
    return field?.source.type === 'path' ? [{ field, shape: shapeAt(route.kind, field.path) }] : []
  })
  if (shapes.length === 0) return
  if (
    test.type !== 'exists' &&
    test.type !== 'null' &&
    shapes.every(({ shape }) => shape?.type === 'object')
  ) {
    problems.push(
      document.problem(named.path, 'field-has-parts', `"${named.name}" has parts of its own and no value`, {
        hint: 'name one of its parts, or ask with "exists"',
      }),
    )
  }
  if (test.type !== 'equals') return
  const choices = shapes.map(({ field, shape }) => {
    const known = shape?.type === 'boolean' ? ['true', 'false'] : shape?.choices
    return known?.map((choice) => field.values?.[choice] ?? choice)
  })
  if (
    choices.some((known) => known === undefined || known.some((choice) => fold(choice) === fold(test.text)))
  )
    return
  const known = [...new Set(choices.flatMap((list) => list ?? []))]
  problems.push(
    document.problem(named.path, 'impossible-value', `"${named.name}" is never "${test.text}"`, {
      hint: didYouMean(test.text, known) ?? `it is one of ${known.join(', ')}`,
    }),
  )
}
