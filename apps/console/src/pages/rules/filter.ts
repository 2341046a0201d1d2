import type { Severity } from '@vedette/model'

const SEVERITIES: readonly Severity[] = ['informational', 'low', 'medium', 'high', 'critical']

/** What the page of rules shows: all of it stands in the address. */
export interface RuleFilter {
  readonly show?: 'exceptions' | 'faulty'
  readonly search?: string
  readonly severity?: Severity
  readonly order?: 'cost' | 'severity'
}

/** Reads the filter from the words of an address; what it does not know it leaves out. */
export function readRuleFilter(values: Readonly<Record<string, unknown>>): RuleFilter {
  const { show, search, order } = values
  const severity = SEVERITIES.find((one) => one === values['severity'])
  return {
    ...((show === 'exceptions' || show === 'faulty') && { show }),
    ...(typeof search === 'string' && search !== '' && { search: search.slice(0, 200) }),
    ...(severity && { severity }),
    ...((order === 'cost' || order === 'severity') && { order }),
  }
}
