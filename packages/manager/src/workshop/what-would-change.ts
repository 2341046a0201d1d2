import type { ExplainedItem, ExplainedPart, RuleExplanation } from '@vedette/detect'

/** A line of a rule that would have to turn out otherwise, and how. */
export interface Change {
  readonly item: ExplainedItem
  /** Names of the selections that it stands in, the outermost first. */
  readonly within: readonly string[]
  /** Whether it would have to hold. */
  readonly toHold: boolean
}

/** The fewest lines that would have to turn out otherwise for the rule to fire; none where it does. */
export function whatWouldChange({ condition, filters }: RuleExplanation): Change[] {
  const parts = [...(condition ? [condition] : []), ...filters.map((filter) => filter.condition)]
  return parts.flatMap((part) => changes(part, true, []))
}

function changes(part: ExplainedPart, wanted: boolean, above: readonly string[]): Change[] {
  if (part.holds === wanted) return []
  const within = part.name === undefined ? above : [...above, part.name]
  if (part.type === 'item') return [{ item: part, within, toHold: wanted }]
  if (part.type === 'not') return changes(part.of, !wanted, within)
  const each = part.of.map((one) => changes(one, wanted, within))
  // Every part has to be as wanted, or one of them is enough: then the one that takes least.
  if ((part.type === 'all') === wanted) return each.flat()
  return each.reduce((least, one) => (one.length < least.length ? one : least), each[0] ?? [])
}
