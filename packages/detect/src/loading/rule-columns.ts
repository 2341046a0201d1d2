import type { LogSource, RuleInfo, RuleProblem } from '@vedette/model'
import type { Remembered } from './remembered-rule.ts'

/** Values of which many are alike, each once; by place in the list, -1 for undefined. */
type Pooled<T> = { readonly values: T[]; readonly places: number[] }

/**
 * What documents were compiled to, by column and as plain data: of thousands of rules few objects are made when it is read,
 * and lists and names that rules have in common are one. Each column has an entry for each document.
 */
export interface RuleColumns {
  /** Null where nothing is remembered. */
  readonly ids: (string | null)[]
  readonly titles: string[]
  readonly explanations: string[]
  readonly riskPoints: number[]
  readonly silent: (0 | 1)[]
  readonly types: Pooled<string>
  readonly severities: Pooled<RuleInfo['severity']>
  readonly techniques: Pooled<RuleInfo['techniques']>
  readonly falsePositives: Pooled<RuleInfo['falsePositives']>
  readonly authors: Pooled<string>
  readonly statuses: Pooled<NonNullable<RuleInfo['status']>>
  readonly names: Pooled<string>
  readonly parameters: Pooled<readonly string[]>
  readonly sources: Pooled<LogSource>
  /** Of documents with faults, by place. */
  readonly faults: Readonly<Record<number, readonly RuleProblem[]>>
}

export function columnsOf(rules: readonly (Remembered | undefined)[]): RuleColumns {
  const known = rules.map((rule) => (rule && 'info' in rule ? rule : undefined))
  return {
    ids: known.map((rule) => rule?.info.id ?? null),
    titles: known.map((rule) => rule?.info.title ?? ''),
    explanations: known.map((rule) => rule?.info.explanation ?? ''),
    riskPoints: known.map((rule) => rule?.info.riskPoints ?? 0),
    silent: known.map((rule) => (rule?.silent ? 1 : 0)),
    types: pooled(known.map((rule) => rule?.info.type)),
    severities: pooled(known.map((rule) => rule?.info.severity)),
    techniques: pooled(known.map((rule) => rule?.info.techniques)),
    falsePositives: pooled(known.map((rule) => rule?.info.falsePositives)),
    authors: pooled(known.map((rule) => rule?.info.author)),
    statuses: pooled(known.map((rule) => rule?.info.status)),
    names: pooled(known.map((rule) => rule?.name)),
    parameters: pooled(known.map((rule) => rule?.parameters)),
    sources: pooled(known.map((rule) => rule?.foreign)),
    faults: Object.fromEntries(
      rules.flatMap((rule, document) => (rule && !('info' in rule) ? [[document, rule]] : [])),
    ),
  }
}

/** What a document was compiled to; undefined where nothing is remembered. */
export function ruleAt(columns: RuleColumns, document: number, file: string): Remembered | undefined {
  const id = columns.ids[document]
  if (id === undefined || id === null) return columns.faults[document]
  const author = at(columns.authors, document)
  const status = at(columns.statuses, document)
  const name = at(columns.names, document)
  const foreign = at(columns.sources, document)
  const info = {
    id,
    title: columns.titles[document],
    type: at(columns.types, document),
    severity: at(columns.severities, document),
    explanation: columns.explanations[document],
    techniques: at(columns.techniques, document),
    falsePositives: at(columns.falsePositives, document),
    riskPoints: columns.riskPoints[document],
    file,
    ...(author === undefined ? {} : { author }),
    ...(status === undefined ? {} : { status }),
  } as RuleInfo
  return {
    info,
    ...(name === undefined ? {} : { name }),
    parameters: at(columns.parameters, document) ?? [],
    ...(foreign === undefined ? {} : { foreign }),
    silent: columns.silent[document] === 1,
  }
}

function pooled<T>(all: readonly (T | undefined)[]): Pooled<T> {
  const values: T[] = []
  const known = new Map<string, number>()
  const places = all.map((value) => {
    if (value === undefined) return -1
    const key = JSON.stringify(value)
    let place = known.get(key)
    if (place === undefined) {
      place = values.push(value) - 1
      known.set(key, place)
    }
    return place
  })
  return { values, places }
}

function at<T>({ values, places }: Pooled<T>, document: number): T | undefined {
  return values[places[document] ?? -1]
}
