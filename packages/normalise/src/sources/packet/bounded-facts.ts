import { boundedText } from '../../bounded-text.ts'

/** How deep facts are looked through; none are deeper. */
const DEEPEST = 6

/** The same with every text fit for an Event; the same object where all are. Lengths were bounded where they were read. */
export function boundedFacts<T extends object>(facts: T): T {
  return bounded(facts, 0) as T
}

function bounded(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return boundedText(value)
  if (typeof value !== 'object' || value === null || depth >= DEEPEST) return value
  if (Array.isArray(value)) {
    let changed: unknown[] | undefined
    for (const [at, item] of value.entries()) {
      const fit = bounded(item, depth + 1)
      if (fit !== item) (changed ??= [...(value as unknown[])])[at] = fit
    }
    return changed ?? value
  }
  let changed: Record<string, unknown> | undefined
  for (const [name, item] of Object.entries(value)) {
    const fit = bounded(item, depth + 1)
    if (fit !== item) (changed ??= { ...value })[name] = fit
  }
  return changed ?? value
}
