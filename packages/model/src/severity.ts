import { z } from 'zod'

export const severities = ['informational', 'low', 'medium', 'high', 'critical'] as const

/** How bad it is. The order is the order of `severities`; OCSF's `severity_id` is the position plus one. */
export type Severity = (typeof severities)[number]

export const severitySchema = z.enum(severities)

export function severityId(severity: Severity): 1 | 2 | 3 | 4 | 5 {
  return (severities.indexOf(severity) + 1) as 1 | 2 | 3 | 4 | 5
}

/** Negative when `a` is less severe than `b`. */
export function compareSeverity(a: Severity, b: Severity): number {
  return severities.indexOf(a) - severities.indexOf(b)
}
