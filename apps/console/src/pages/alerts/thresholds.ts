/** Points from which a policy may act, if it is allowed to act by itself. */
export const THRESHOLDS = [
  { at: 60, name: 'warn' },
  { at: 80, name: 'freeze' },
  { at: 90, name: 'isolate' },
  { at: 95, name: 'kill' },
] as const

/** The highest threshold that a risk has reached. */
export function thresholdOf(risk: number): (typeof THRESHOLDS)[number] | undefined {
  return THRESHOLDS.findLast(({ at }) => risk >= at)
}
