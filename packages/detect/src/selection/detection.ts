import type { EventKind, LogSource, RuleProblem } from '@vedette/model'
import { and, bind, type Condition, fieldsIn, or } from '../condition/condition.ts'
import type { DocumentPath, RuleDocument } from '../loading/document.ts'
import { type Field, shapeAt, suggestField } from '../fields/field.ts'
import { fold } from '../condition/fold.ts'
import type { LogSourceRoute, LogSources } from '../fields/log-source.ts'
import type { Parameters } from '../loading/parameters.ts'
import { didYouMean } from '../loading/suggest.ts'
import { AS_CORRELATION, ConditionError, parseCondition } from './condition-expression.ts'
import type { NamedField, SelectionReader } from './reader.ts'
import { parseSelection } from './selection.ts'

/** The `logsource` and `detection` of a rule, read but for its condition. */
export interface Detection {
  readonly source: LogSource
  /** The Events that it is about, one route for each kind that they may be; none where nothing delivers the source. */
  readonly routes: readonly LogSourceRoute[]
  /** Says that nothing delivers the source, where that is so: worked out when it is asked, as most rules are so. */
  readonly undelivered: (() => RuleProblem) | undefined
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
  const source = readLogSource(document, problems)
  const { detection } = document.data
  if (!isMap(detection)) {
    problems.push(document.problem(['detection'], 'missing-detection', 'the rule has no map "detection"'))
    return undefined
  }
  const used = new Set<string>()
  const reader: SelectionReader = { document, parameters, problems, used }
  const selections = readSelections(reader, ['detection'], detection, ['condition'])
  if (!source || problems.length > before) return undefined
  const routes = logSources.routes(source)
  return {
    source,
    routes: routes ?? [],
    undelivered: routes ? undefined : () => undelivered(document, source, logSources),
    selections,
    used,
  }
}

/** Reads the named selections of a map. */
export function readSelections(
  reader: SelectionReader,
  path: DocumentPath,
  data: Readonly<Record<string, unknown>>,
  others: readonly string[],
): ReadonlyMap<string, Condition<NamedField>> {
  const selections = new Map<string, Condition<NamedField>>()
  for (const [name, selection] of Object.entries(data)) {
    if (others.includes(name)) continue
    const at = [...path, name]
    if (name === 'timeframe') {
      reader.problems.push(
        reader.document.problem(at, 'unsupported-aggregation', '"timeframe" is not part of Sigma 2', {
          hint: AS_CORRELATION,
        }),
      )
    } else {
      selections.set(name, parseSelection(reader, at, selection))
    }
  }
  return selections
}

/** Reads a `logsource`; undefined, with problems added, where there is none. */
export function readLogSource(document: RuleDocument, problems: RuleProblem[]): LogSource | undefined {
  const { logsource } = document.data
  if (!isMap(logsource)) {
    problems.push(document.problem(['logsource'], 'missing-log-source', 'the rule has no map "logsource"'))
    return undefined
  }
  const source: Record<string, string> = {}
  const before = problems.length
  for (const key of ['product', 'category', 'service'] as const) {
    const value = logsource[key]
    if (value === undefined || value === null) continue
    if (typeof value === 'string' && value !== '') source[key] = value.toLowerCase()
    else {
      const message = `"${key}" is a text, got ${JSON.stringify(value)}`
      problems.push(document.problem(['logsource', key], 'invalid-value', message, { at: 'value' }))
    }
  }
  if (problems.length > before) return undefined
  if (Object.keys(source).length > 0) return source
  const hint = 'it names a product, a category or a service'
  problems.push(document.problem(['logsource'], 'missing-log-source', 'the log source is empty', { hint }))
  return undefined
}

function undelivered(document: RuleDocument, source: LogSource, logSources: LogSources): RuleProblem {
  const named = Object.entries(source).map(([key, value]) => `${key} ${value}`)
  return document.problem(
    ['logsource'],
    'unsupported-log-source',
    `nothing delivers the log source ${named.join(', ')}`,
    { hint: logSources.suggest(source) },
  )
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
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
  if (routes.length === 0) return new Map()
  const before = problems.length
  checkFields(document, condition, routes, problems)
  checkValues(document, condition, routes, problems)
  return problems.length > before ? new Map() : bound(condition, routes)
}

/** Binds a condition; a field that a kind of event does not have is missing there. */
export function bound(
  condition: Condition<NamedField>,
  routes: readonly LogSourceRoute[],
): ReadonlyMap<EventKind, Condition<Field>> {
  const conditions = new Map<EventKind, Condition<Field>>()
  for (const route of routes) {
    const own = bind(condition, ({ name }) => route.field(name))
    const whole = route.where ? and([route.where, own]) : own
    const other = conditions.get(route.kind)
    conditions.set(route.kind, other ? or([other, whole]) : whole)
  }
  return conditions
}

/** Adds a problem for each field that none of the kinds of event has. */
export function checkFields(
  document: RuleDocument,
  condition: Condition<NamedField>,
  routes: readonly LogSourceRoute[],
  problems: RuleProblem[],
): void {
  if (routes.length === 0) return
  const seen = new Set<string>()
  for (const { name, path } of fieldsIn(condition)) {
    if (seen.has(name)) continue
    seen.add(name)
    if (routes.some((route) => route.field(name) !== undefined)) continue
    const names = routes.flatMap((route) => route.names)
    const kinds = routes.map((route) => route.kind)
    problems.push(
      document.problem(path, 'unknown-field', `events of this log source have no field "${name}"`, {
        hint: suggestField(name, kinds, names),
      }),
    )
  }
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
  // Of what is read out of a text nothing is known.
  const isOpen = routes.some((route) => (route.field(named.name)?.source.type ?? 'path') !== 'path')
  if (test.type !== 'equals' || isOpen) return
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
