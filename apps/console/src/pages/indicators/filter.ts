/** What the page of indicators shows: all of it stands in the address. */
export interface IndicatorFilter {
  readonly show?: 'feeds' | 'allowed'
  readonly search?: string
  /** Only those that were seen here. */
  readonly seen?: 'yes'
}

/** Reads the filter from the words of an address; what it does not know it leaves out. */
export function readIndicatorFilter(values: Readonly<Record<string, unknown>>): IndicatorFilter {
  const { show, search, seen } = values
  return {
    ...((show === 'feeds' || show === 'allowed') && { show }),
    ...(typeof search === 'string' && search !== '' && { search: search.slice(0, 200) }),
    ...(seen === 'yes' && { seen }),
  }
}
