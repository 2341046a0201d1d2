import type { RiskEntry, RuleId } from '@vedette/model'

/** What an entry still counts for at a time: its points halve with each half-life. */
function remaining(entry: Pick<RiskEntry, 'points' | 'time'>, now: number, halfLifeMs: number): number {
  return entry.points * 0.5 ** (Math.max(0, now - entry.time) / halfLifeMs)
}

/**
 * Risk of an entity, 0 to 100: the sum of what its entries still count for. A rule counts once, by its strongest entry,
 * so that one noisy rule is no proof by repetition.
 */
export function riskAt(
  entries: readonly Pick<RiskEntry, 'points' | 'time' | 'rule'>[],
  now: number,
  halfLifeMs: number,
): number {
  const strongest = new Map<RuleId, number>()
  for (const entry of entries) {
    const points = remaining(entry, now, halfLifeMs)
    strongest.set(entry.rule, Math.max(points, strongest.get(entry.rule) ?? 0))
  }
  const sum = [...strongest.values()].reduce((total, points) => total + points, 0)
  return Math.min(100, Math.round(sum))
}
