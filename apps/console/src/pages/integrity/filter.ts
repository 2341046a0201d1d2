import { readSpan, type Span } from '../../time/span.ts'

/** Which changes of files the page shows; stands in the address. */
export interface IntegrityFilter extends Span {
  readonly host?: string
  readonly search?: string
  /** Left out: all; `others`: those that the package manager did not make. */
  readonly by?: 'others'
}

/** Reads an address; what makes no sense is left out. */
export function readIntegrityFilter(values: Readonly<Record<string, unknown>>): IntegrityFilter {
  const { host, search, by } = values
  return {
    ...(typeof host === 'string' && host !== '' && { host: host.slice(0, 200) }),
    ...(typeof search === 'string' && search !== '' && { search: search.slice(0, 200) }),
    ...(by === 'others' && { by }),
    ...readSpan(values),
  }
}
