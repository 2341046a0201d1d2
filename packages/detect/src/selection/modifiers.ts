import type { DocumentPath, RuleDocument } from '../loading/document.ts'
import { didYouMean } from '../loading/suggest.ts'
import { TIME_PARTS, type TimePart } from './time-part.ts'
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
/** Modifiers of other dialects, with what says the same in Sigma. */
const OTHER_WORDS: Readonly<Record<string, string>> = {
  regex: 're',
  wildcard: 'contains',
  ne: 'neq',
  not: 'neq',
  ge: 'gte',
  le: 'lte',
  min: 'gte',
  max: 'lte',
  base64_offset: 'base64offset',
  equalsfield: 'fieldref',
  endswithfield: 'fieldref|endswith',
  startswithfield: 'fieldref|startswith',
  containsfield: 'fieldref|contains',
}

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
  /** The part of a time that is compared, where a modifier asks for one. */
  readonly part?: TimePart
}

const TEXT_COMPARISONS: readonly (Comparison | undefined)[] = [
  undefined,
  'contains',
  'startswith',
  'endswith',
]

const NUMERIC: readonly Comparison[] = ['lt', 'lte', 'gt', 'gte']

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
  const parts: TimePart[] = []
  const before = problems.length
  const refuse = (code: string, message: string, hint?: string) =>
    problems.push(document.problem(path, code, message, { hint }))
  const seen = new Set<string>()
  if (name.includes('*')) {
    refuse('invalid-field', `"*" stands for something in values only, not in the field "${name}"`)
  }

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
    } else if (isTimePart(modifier)) {
      parts.push(modifier)
    } else {
      const known = [...COMPARISONS, ...TRANSFORMS, ...FLAGS, ...REGEX_FLAGS, ...Object.keys(TIME_PARTS)]
      const other = OTHER_WORDS[modifier.toLowerCase()]
      const hint = other === undefined ? didYouMean(modifier, known) : `Sigma has "${other}"`
      refuse('unknown-modifier', `unknown modifier "${modifier}"`, hint)
    }
  }
  const [part, otherPart] = parts
  if (otherPart !== undefined) {
    refuse(
      'modifier-conflict',
      `"${part}" and "${otherPart}" are two parts of a time, and a field is asked for one`,
    )
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
  if (part !== undefined) {
    const wrong =
      transforms[0] ??
      (['cased', 'fieldref'] as const).find((flag) => flags.has(flag)) ??
      (comparison !== undefined && !NUMERIC.includes(comparison) ? comparison : undefined)
    if (wrong !== undefined)
      refuse('modifier-conflict', `"${part}" is a number and does not go with "${wrong}"`)
    if (name === '') refuse('modifier-conflict', `"${part}" needs a field`)
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
  if (flags.has('all') && comparison !== undefined && NUMERIC.includes(comparison)) {
    refuse('modifier-conflict', `"all" does not go with "${comparison}"`)
  }
  if (name === '' && (!isText || flags.has('fieldref')) && comparison !== 're') {
    refuse('modifier-conflict', `"${comparison ?? 'fieldref'}" needs a field`)
  }
  if (problems.length > before) return undefined
  return { name, comparison, transforms, flags, ...(part === undefined ? {} : { part }) }
}

function isTimePart(modifier: string): modifier is TimePart {
  return Object.hasOwn(TIME_PARTS, modifier)
}

function isOneOf<T extends string>(list: readonly T[], value: string): value is T {
  return (list as readonly string[]).includes(value)
}
