import { readSpan, type Span } from '../../time/span.ts'

/** Which sessions the page shows; stands in the address. */
export interface SessionFilter extends Span {
  readonly host?: string
  readonly search?: string
  /** Also those that nobody logged in for. */
  readonly unattended?: 'yes'
}

/** Reads an address; what makes no sense is left out. */
export function readSessionFilter(values: Readonly<Record<string, unknown>>): SessionFilter {
  const { host, search, unattended } = values
  return {
    ...(typeof host === 'string' && host !== '' && { host: host.slice(0, 200) }),
    ...(typeof search === 'string' && search !== '' && { search: search.slice(0, 200) }),
    ...(unattended === 'yes' && { unattended }),
    ...readSpan(values),
  }
}
