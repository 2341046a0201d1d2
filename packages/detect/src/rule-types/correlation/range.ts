import type { RangeCondition } from './schema.ts'

/** The bounds of a condition that are given. */
export function isRange(condition: RangeCondition): boolean {
  return (['gt', 'gte', 'lt', 'lte', 'eq', 'neq'] as const).some((key) => condition[key] !== undefined)
}

/** Whether a value is within all bounds; one that is no number is in none. */
export function inRange({ gt, gte, lt, lte, eq, neq }: RangeCondition, value: number): boolean {
  return (
    !Number.isNaN(value) &&
    (gt === undefined || value > gt) &&
    (gte === undefined || value >= gte) &&
    (lt === undefined || value < lt) &&
    (lte === undefined || value <= lte) &&
    (eq === undefined || value === eq) &&
    (neq === undefined || value !== neq)
  )
}

/** The least whole number that meets a condition which every greater one meets too; undefined for other conditions. */
export function leastOf(condition: RangeCondition): number | undefined {
  const { gt, gte, lt, lte, eq, neq } = condition
  if (lt !== undefined || lte !== undefined || eq !== undefined || neq !== undefined) return undefined
  if (gt === undefined && gte === undefined) return undefined
  return Math.max(
    gt === undefined ? -Infinity : Math.floor(gt) + 1,
    gte === undefined ? -Infinity : Math.ceil(gte),
    1,
  )
}

/** No count above this tells more about the condition. */
export function mostOf({ gt, gte, lt, lte, eq, neq }: RangeCondition): number {
  return Math.max(...[gt, gte, lt, lte, eq, neq].map((bound) => bound ?? 0)) + 1
}

/** Whether no number is within the bounds. */
export function isEmptyRange(condition: RangeCondition, whole: boolean): boolean {
  const { gt, gte, lt, lte, eq, neq } = condition
  const bounds = [gt, gte, lt, lte, eq, neq].filter((bound) => bound !== undefined)
  const step = whole ? 1 : 1e-9
  const near = bounds.flatMap((bound) => [
    bound - step,
    bound,
    bound + step,
    ...(whole ? [Math.floor(bound), Math.ceil(bound)] : []),
  ])
  const middles = bounds.flatMap((a) => bounds.map((b) => (a + b) / 2))
  const tried = [...near, ...(whole ? [] : middles)]
  return !tried.some(
    (value) => (!whole || (Number.isInteger(value) && value >= 1)) && inRange(condition, value),
  )
}
