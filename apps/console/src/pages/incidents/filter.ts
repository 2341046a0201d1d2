/** Which incidents a list shows. */
export interface IncidentFilter {
  /** Left out: those that are not closed. */
  readonly status?: 'closed' | 'all'
}

/** What the address asks for; anything else is the default. */
export function readIncidentFilter({ status }: Record<string, unknown>): IncidentFilter {
  return status === 'closed' || status === 'all' ? { status } : {}
}
