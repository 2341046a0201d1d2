import type { EventKind, RuleInfo, RuleProblem } from '@vedette/model'
import { createHash } from 'node:crypto'
import type { DocumentPath, RuleDocument } from '../../loading/document.ts'
import { readHeader, type RuleHeader, ruleIdOf } from '../../loading/rule-header.ts'
import type { CompileContext, CompiledRule } from '../../rule-type.ts'
import { didYouMean } from '../../loading/suggest.ts'
import { namesIn, parsePresence, type Presence } from './presence.ts'
import { isEmptyRange, isRange } from './range.ts'
import {
  conditionKeys,
  correlationKeys,
  correlationSchema,
  type CorrelationBlock,
  type RangeCondition,
} from './schema.ts'

/** A rule over the hits of other rules, ready to be used; without state. */
export interface CompiledCorrelation {
  readonly info: RuleInfo
  /** Sigma's `name`. */
  readonly name: string | undefined
  /** Ids of the rules and correlations that it refers to, in its order. */
  readonly references: readonly string[]
  /** Whether the rules that it refers to are alerts of their own all the same. */
  readonly generate: boolean
  readonly header: RuleHeader
  readonly type: CorrelationType
  readonly windowMs: number
  /** Names of the groups, as its alerts tell them. */
  readonly groupBy: readonly string[]
  /** For each reference the fields by which its hits are grouped. */
  readonly groupFields: readonly (readonly string[])[]
  /** For each reference the fields whose values are counted or measured; none for other types. */
  readonly valueFields: readonly (readonly string[])[]
  /** What the value has to meet. */
  readonly range: RangeCondition
  /** Of temporal types: an expression over the references, in place of a range. */
  readonly presence: Presence | undefined
  readonly percentile: number
  /** Tells state of this correlation from that of one that means something else. */
  readonly fingerprint: string
}

export type CorrelationType = Exclude<CorrelationBlock['type'], `${string}_extended`>

/** What a reference can lead to. */
interface Target {
  readonly id: string
  readonly name: string | undefined
  readonly file: string
  /** The rule; undefined for a correlation. */
  readonly rule: CompiledRule | undefined
}

interface Draft extends Target {
  readonly document: RuleDocument
  readonly block: CorrelationBlock
  references: readonly Target[]
}

/**
 * Compiles correlations over rules that are compiled. What is wrong with one is added to the problems, and the rest are
 * used; so is one that refers to one that is wrong.
 *
 * @returns each after those that it refers to
 */
export function compileCorrelations(
  documents: readonly RuleDocument[],
  rules: readonly CompiledRule[],
  context: CompileContext,
  problems: RuleProblem[],
): readonly CompiledCorrelation[] {
  if (documents.length === 0) return []
  const drafts = documents.flatMap((document) => readDraft(document, problems) ?? [])
  const targets: Target[] = [
    ...rules.map((rule) => ({ id: rule.info.id, name: rule.name, file: rule.info.file, rule })),
    ...drafts,
  ]
  const index = new TargetIndex(targets)
  for (const draft of drafts) draft.references = referencesOf(draft, index, problems)

  const compiled = new Map<string, CompiledCorrelation>()
  const waiting = new Set(drafts.filter(({ references }) => references.length > 0))
  const draftOf = new Map<string, Draft>(drafts.map((draft) => [draft.id, draft]))
  for (let progress = true; progress;) {
    progress = false
    for (const draft of waiting) {
      const isReady = draft.references.every(({ id, rule }) => rule !== undefined || compiled.has(id))
      if (!isReady) continue
      waiting.delete(draft)
      progress = true
      const correlation = compileDraft(draft, compiled, context, problems)
      if (correlation) compiled.set(draft.id, correlation)
    }
  }
  for (const draft of waiting) {
    const cyclic = leadsTo(draft, draft, draftOf, new Set())
    problems.push(
      draft.document.problem(
        ['correlation', 'rules'],
        cyclic ? 'correlation-cycle' : 'unknown-rule',
        cyclic
          ? 'the correlation refers to itself, through others'
          : 'a correlation that it refers to has faults of its own',
        { at: 'value' },
      ),
    )
  }
  return [...compiled.values()]
}

function readDraft(document: RuleDocument, problems: RuleProblem[]): Draft | undefined {
  const parsed = correlationSchema.safeParse(document.data['correlation'])
  const { name } = document.data
  if (!parsed.success) {
    problems.push(...document.problemsOf(parsed.error, ['correlation'], correlationKeys))
    return undefined
  }
  return {
    id: ruleIdOf(document.data),
    name: typeof name === 'string' ? name : undefined,
    file: document.file,
    rule: undefined,
    document,
    block: parsed.data,
    references: [],
  }
}

class TargetIndex {
  readonly #byId = new Map<string, Target>()
  readonly #byName = new Map<string, Target[]>()

  constructor(targets: readonly Target[]) {
    for (const target of targets) {
      if (!this.#byId.has(target.id)) this.#byId.set(target.id, target)
      if (target.name === undefined) continue
      const named = this.#byName.get(target.name)
      if (named) named.push(target)
      else this.#byName.set(target.name, [target])
    }
  }

  /** By id; by name, one of the same file before others. Several where a name is not clear. */
  find(reference: string, file: string): readonly Target[] {
    const target = this.#byId.get(reference)
    if (target) return [target]
    const named = this.#byName.get(reference) ?? []
    const near = named.filter((one) => one.file === file)
    return near.length > 0 ? near : named
  }

  *names(): Generator<string> {
    yield* this.#byName.keys()
  }
}

function referencesOf(draft: Draft, index: TargetIndex, problems: RuleProblem[]): readonly Target[] {
  const { document, block } = draft
  const names = rulesOf(block)
  const found: Target[] = []
  const before = problems.length
  const refuse = (at: DocumentPath, code: string, message: string, hint?: string) =>
    problems.push(document.problem(at, code, message, { hint, at: 'value' }))
  if (names.length === 0) refuse(['correlation'], 'invalid-value', 'the correlation has no "rules"')
  for (const [position, name] of names.entries()) {
    const at = ['correlation', block.rules ? 'rules' : 'condition', position]
    const [target, other] = index.find(name, draft.file)
    if (!target) {
      refuse(at, 'unknown-rule', `no rule has the id or the name "${name}"`, didYouMean(name, index.names()))
    } else if (other) {
      refuse(
        at,
        'ambiguous-rule',
        `several rules have the name "${name}"`,
        `in ${target.file} and ${other.file}`,
      )
    } else if (found.includes(target)) {
      refuse(at, 'rule-twice', `the rule "${name}" stands twice`)
    } else {
      found.push(target)
    }
  }
  return problems.length > before ? [] : found
}

/** What it refers to: where it does not say so, what its expression names. */
function rulesOf({ rules, condition }: CorrelationBlock): readonly string[] {
  return rules ?? (typeof condition === 'string' ? namesIn(condition) : [])
}

function leadsTo(from: Draft, to: Draft, drafts: ReadonlyMap<string, Draft>, seen: Set<Draft>): boolean {
  return from.references.some(({ id }) => {
    const next = drafts.get(id)
    if (!next || seen.has(next)) return next === to
    seen.add(next)
    return next === to || leadsTo(next, to, drafts, seen)
  })
}

function compileDraft(
  draft: Draft,
  correlations: ReadonlyMap<string, CompiledCorrelation>,
  { techniques }: CompileContext,
  problems: RuleProblem[],
): CompiledCorrelation | undefined {
  const { document, block, references } = draft
  const before = problems.length
  const groupBy = block['group-by'] ?? []
  const kinds = new Set<EventKind>()
  for (const { rule } of references) for (const kind of rule?.routes.keys() ?? []) kinds.add(kind)
  const extra = [...groupBy, 'count', 'value']
  const header = readHeader(document, 'correlation', [...kinds], techniques, problems, extra)
  const { type, range, presence, fields, percentile } = readCondition(draft, problems)
  const groupFields = references.map((target) =>
    groupBy.map((name) => fieldOf(draft, name, target, problems)),
  )
  const valueFields = references.map((target) => fields.map((name) => fieldOf(draft, name, target, problems)))
  for (const [position, target] of references.entries()) {
    for (const [index, name] of (groupFields[position] ?? []).entries()) {
      checkField(document, ['correlation', 'group-by', index], name, target, problems)
    }
    for (const name of valueFields[position] ?? []) {
      checkField(document, ['correlation', 'condition', 'field'], name, target, problems)
    }
  }
  if (problems.length > before || !header) return undefined
  const generate = block.generate ?? document.data['generate'] === true
  const ids = references.map(({ id }) => id)
  const meaning = [type, ids, groupFields, valueFields, block.timespan, range, presence?.text, percentile]
  const inner = ids.map((id) => correlations.get(id)?.fingerprint)
  return {
    info: header.info,
    name: header.name,
    references: ids,
    generate,
    header,
    type,
    windowMs: block.timespan,
    groupBy,
    groupFields,
    valueFields,
    range,
    presence,
    percentile,
    fingerprint: createHash('sha256')
      .update(JSON.stringify([meaning, inner]))
      .digest('hex')
      .slice(0, 16),
  }
}

interface ReadCondition {
  readonly type: CorrelationType
  readonly range: RangeCondition
  readonly presence: Presence | undefined
  readonly fields: readonly string[]
  readonly percentile: number
}

function readCondition({ document, block, references }: Draft, problems: RuleProblem[]): ReadCondition {
  const type = block.type.replace('_extended', '') as CorrelationType
  const path = ['correlation', 'condition']
  const refuse = (message: string, hint?: string, key?: string) =>
    problems.push(
      document.problem(key === undefined ? path : [...path, key], 'invalid-condition', message, {
        hint,
        at: 'value',
      }),
    )
  const { condition } = block
  const isTemporal = type === 'temporal' || type === 'temporal_ordered'
  const nothing: ReadCondition = {
    type,
    range: isTemporal ? { gte: references.length } : {},
    presence: undefined,
    fields: [],
    percentile: 50,
  }
  if (typeof condition === 'string') {
    if (!isTemporal) {
      refuse(
        `an expression is a condition of temporal correlations, "${type}" needs bounds`,
        'such as gte: 10',
      )
      return nothing
    }
    try {
      const presence = parsePresence(condition, rulesOf(block))
      if (type === 'temporal_ordered' && !presence.there) {
        throw new SyntaxError(
          'an ordered correlation takes names joined by "and", each with or without "not"',
        )
      }
      return { ...nothing, presence }
    } catch (error) {
      refuse(error instanceof Error ? error.message : String(error))
      return nothing
    }
  }
  if (condition === undefined) {
    if (!isTemporal) refuse(`"${type}" needs a condition`, 'such as gte: 10')
    return nothing
  }
  if (!isRange(condition)) {
    refuse('the condition has no bound', `bounds are ${conditionKeys.slice(0, 6).join(', ')}`)
    return nothing
  }
  const fields = condition.field === undefined ? [] : [condition.field].flat()
  const isValue = type.startsWith('value_')
  if (isValue && fields.length === 0) refuse(`"${type}" needs a field in its condition`)
  if (!isValue && fields.length > 0) refuse(`"${type}" does not look at a field`, undefined, 'field')
  if (fields.length > 1 && type !== 'value_count') refuse(`"${type}" measures one field`, undefined, 'field')
  if (condition.percentile !== undefined && type !== 'value_percentile') {
    refuse(`"percentile" belongs to "value_percentile"`, undefined, 'percentile')
  }
  const counts = !isValue || type === 'value_count'
  if (isEmptyRange(condition, counts)) refuse('no number is within these bounds')
  if (isTemporal && mostWanted(condition) > references.length) {
    refuse(`the correlation has ${references.length} rules, and its condition asks for more`)
  }
  return { ...nothing, range: condition, fields, percentile: condition.percentile ?? 50 }
}

function mostWanted({ gt = -1, gte = 0, eq = 0 }: RangeCondition): number {
  return Math.max(gt + 1, gte, eq)
}

/** The field that a name of `group-by` or a condition means in hits of one reference: by alias, or as it stands. */
function fieldOf({ document, block }: Draft, name: string, target: Target, problems: RuleProblem[]): string {
  const alias = block.aliases?.[name]
  if (!alias || !Object.hasOwn(block.aliases ?? {}, name)) return name
  const field = [target.name, target.id]
    .flatMap((one) => (one !== undefined && Object.hasOwn(alias, one) ? [alias[one]] : []))
    .at(0)
  if (field !== undefined) return field
  if (target.rule === undefined) return name // groups of a correlation have names of their own
  problems.push(
    document.problem(
      ['correlation', 'aliases', name],
      'alias-incomplete',
      `the alias "${name}" names no field for the rule "${target.name ?? target.id}"`,
    ),
  )
  return name
}

/** A field that no Event of the rule has would leave the correlation without hits. */
function checkField(
  document: RuleDocument,
  path: DocumentPath,
  name: string,
  { rule }: Target,
  problems: RuleProblem[],
): void {
  if (!rule || rule.routes.size === 0 || rule.foreign) return
  if ([...rule.routes.keys()].some((kind) => rule.field?.(kind, name) !== undefined)) return
  const message = `events of the rule "${rule.info.title}" have no field "${name}"`
  problems.push(document.problem(path, 'unknown-field', message, { at: 'value' }))
}
