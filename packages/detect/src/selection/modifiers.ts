import type { DocumentPath, RuleDocument } from '../document.ts'
import { didYouMean } from '../suggest.ts'
import type { RuleProblem } from '@vedette/model'

/** Modifiers that say how a value is compared; a field has one of them, or none for equality. */
const COMPARISONS = [
  'contains',
  'startswith',
  'endswith',
  're',
  'cidr',
  'exists',
  'lt',
  'lte',
  'gt',
  'gte',
] as const
/** Modifiers that change the value before it is compared, in the order in which they are written. */
const TRANSFORMS = [
  'windash',
  'base64',
  'base64offset',
  'utf16le',
  'utf16be',
  'utf16',
  'wide',
  'expand',
] as const
const FLAGS = ['all', 'cased', 'neq', 'fieldref'] as const
const REGEX_FLAGS = ['i', 'm', 's'] as const
/** In Sigma 2.1, and refused loudly: a rule must not run without a part of itself. */
const NOT_YET = ['minute', 'hour', 'day', 'week', 'month', 'year'] as const

export type Comparison = (typeof COMPARISONS)[number]
export type Transform = (typeof TRANSFORMS)[number]
type Flag = (typeof FLAGS)[number] | (typeof REGEX_FLAGS)[number]

/** A key of a selection, such as `CommandLine|contains|all`. */
export interface FieldKey {
  /** Empty for keywords. */
  readonly name: string
  readonly comparison: Comparison | undefined
  readonly transforms: readonly Transform[]
  readonly flags: ReadonlySet<Flag>
}

const TEXT_COMPARISONS: readonly (Comparison | undefined)[] = [
  undefined,
  'contains',
  'startswith',
  'endswith',
]

/** Reads a key; undefined, with problems added, where its modifiers are unknown or do not go together. */
export function parseFieldKey(
  document: RuleDocument,
  path: DocumentPath,
  key: string,
  problems: RuleProblem[],
): FieldKey | undefined {
  const [name = '', ...modifiers] = key.split('|')
  const comparisons: Comparison[] = []
  const transforms: Transform[] = []
  const flags = new Set<Flag>()
  const before = problems.length
  const refuse = (code: string, message: string, hint?: string) =>
    problems.push(document.problem(path, code, message, { hint }))
  const seen = new Set<string>()

  for (const [index, modifier] of modifiers.entries()) {
    if (seen.has(modifier)) {
      refuse('modifier-twice', `modifier "${modifier}" stands twice in "${key}"`)
      continue
    }
    seen.add(modifier)
    if (isOneOf(COMPARISONS, modifier)) {
      comparisons.push(modifier)
    } else if (isOneOf(TRANSFORMS, modifier)) {
      transforms.push(modifier)
    } else if (isOneOf(FLAGS, modifier)) {
      flags.add(modifier)
    } else if (isOneOf(REGEX_FLAGS, modifier)) {
      if (!modifiers.slice(0, index).includes('re')) {
        refuse('modifier-misplaced', `modifier "${modifier}" is a flag of "re" and has to follow it`)
      }
      flags.add(modifier)
    } else if (isOneOf(NOT_YET, modifier)) {
      refuse('unsupported-modifier', `modifier "${modifier}" is not supported yet`)
    } else {
      const known = [...COMPARISONS, ...TRANSFORMS, ...FLAGS, ...REGEX_FLAGS]
      refuse('unknown-modifier', `unknown modifier "${modifier}"`, didYouMean(modifier, known))
    }
  }
  const [comparison, second] = comparisons
  if (second !== undefined) {
    refuse('modifier-conflict', `"${comparison}" and "${second}" cannot both say how "${name}" is compared`)
  }
  const isText = TEXT_COMPARISONS.includes(comparison)
  const changes = transforms.filter((transform) => transform !== 'expand')
  if (changes.length > 0 && (!isText || flags.has('fieldref'))) {
    refuse(
      'modifier-conflict',
      `"${changes[0]}" changes text and does not go with "${comparison ?? 'fieldref'}"`,
    )
  }
  if (flags.has('cased') && !isText) {
    refuse('modifier-conflict', `"cased" does not go with "${comparison}"`)
  }
  if (flags.has('fieldref') && !isText) {
    refuse('modifier-conflict', `"fieldref" does not go with "${comparison}"`)
  }
  if (flags.has('all') && flags.has('fieldref')) {
    refuse('modifier-conflict', '"all" does not go with "fieldref"')
  }
  if (comparison === 'exists' && (transforms.length > 0 || flags.size > 0)) {
    refuse('modifier-conflict', '"exists" stands alone')
  }
  if (name === '' && (!isText || flags.has('fieldref')) && comparison !== 're') {
    refuse('modifier-conflict', `"${comparison ?? 'fieldref'}" needs a field`)
  }
  return problems.length > before ? undefined : { name, comparison, transforms, flags }
}

function isOneOf<T extends string>(list: readonly T[], value: string): value is T {
  return (list as readonly string[]).includes(value)
}
