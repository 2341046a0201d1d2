import type { RuleProblem } from '@vedette/model'
import { type Condition, or } from '../condition/condition.ts'
import type { DocumentPath, RuleDocument } from '../loading/document.ts'
import type { Parameters } from '../loading/parameters.ts'

/** A field as a rule names it, and where it does. */
export interface NamedField {
  /** Empty for keywords. */
  readonly name: string
  readonly path: DocumentPath
}

/** What reading a selection needs and gathers. */
export interface SelectionReader {
  readonly document: RuleDocument
  readonly parameters: Parameters
  /** Faults are added here. */
  readonly problems: RuleProblem[]
  /** Parameters that were used are added here. */
  readonly used: Set<string>
}

export function isScalar(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
}

/** Adds a problem; what stands in its place matches nothing and is never used. */
export function refused(
  { document, problems }: SelectionReader,
  path: DocumentPath,
  code: string,
  message: string,
  at: 'key' | 'value' = 'key',
): Condition<NamedField> {
  problems.push(document.problem(path, code, message, { at }))
  return or([])
}
