const SHOWN = ['roles', 'tenants', 'keys', 'sessions', 'providers', 'organisations'] as const

/** What the page of administration shows: all of it stands in the address. */
export interface AdministrationFilter {
  /** Left out: people. */
  readonly show?: (typeof SHOWN)[number]
  /** Name of somebody whose account is open. */
  readonly person?: string
}

/** Reads the filter from the words of an address; what it does not know it leaves out. */
export function readAdministrationFilter(values: Readonly<Record<string, unknown>>): AdministrationFilter {
  const show = SHOWN.find((known) => known === values['show'])
  const { person } = values
  return {
    ...(show && { show }),
    ...(typeof person === 'string' && person !== '' && { person: person.slice(0, 64) }),
  }
}
