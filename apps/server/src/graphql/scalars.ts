import { alertStatuses, incidentStatuses, severities, verdicts } from '@vedette/model'
import { GraphQLError } from 'graphql'
import type { Builder, Resource } from './builder.ts'

/** ISO 8601 with a zone; a date alone is midnight UTC. */
const DATE_TIME = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d))?$/

/** The scalars of the API. */
export const scalars: Resource = (builder) => {
  builder.scalarType('DateTime', {
    description: 'Date and time, ISO 8601, UTC, milliseconds.',
    serialize: (ms) => new Date(ms).toISOString(),
    parseValue(value) {
      const ms = typeof value === 'string' && DATE_TIME.test(value) ? Date.parse(value) : NaN
      if (Number.isNaN(ms)) throw badValue('a date and time such as 2026-11-20T08:00:00.000Z')
      return ms
    },
  })
  builder.scalarType('JSON', { description: 'Any JSON value.', serialize: (value) => value })
  addNames(builder, 'Severity', severities, 'informational, low, medium, high or critical.')
  addNames(builder, 'AlertStatus', alertStatuses, 'open, acknowledged or resolved.')
  addNames(builder, 'Verdict', verdicts, 'true_positive, false_positive or benign.')
  addNames(builder, 'IncidentStatus', incidentStatuses, 'open, investigating or closed.')
}

function addNames<T extends string>(
  builder: Builder,
  name: 'Severity' | 'AlertStatus' | 'Verdict' | 'IncidentStatus',
  names: readonly T[],
  description: string,
): void {
  builder.scalarType(name, {
    description,
    serialize: (value) => value,
    parseValue(value) {
      const found = names.find((known) => known === value)
      if (found === undefined) throw badValue(`one of ${names.join(', ')}`)
      return found as never
    },
  })
}

function badValue(expected: string): GraphQLError {
  return new GraphQLError(`expected ${expected}`, { extensions: { code: 'bad-input' } })
}
