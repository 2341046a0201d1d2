/**
 * Deepest nesting of lists and objects in a record. Whoever reads it, and `JSON.stringify`, may walk it by recursion: a
 * record of a hundred thousand brackets would end them.
 */
const MAX_NESTING = 1000

/** Whether a value out of this JSON text is nested too deep to be a record. */
export function isTooDeep(value: unknown, text: string): boolean {
  // Each level takes two characters: most records need no look.
  return text.length > 2 * MAX_NESTING && isDeeperThan(value, MAX_NESTING)
}

function isDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (levels === 0) return true
  for (const member of Array.isArray(value) ? value : Object.values(value)) {
    if (isDeeperThan(member, levels - 1)) return true
  }
  return false
}
