import type { AlertStatus, IncidentStatus, Severity, Verdict } from '@vedette/model'
import { initGraphQLTada } from 'gql.tada'
import type { introspection } from './generated/introspection.ts'

/**
 * Reads a GraphQL document and knows the types of its variables and its answer:
 *
 *     const hosts = graphql(`query Hosts { hosts { id hostname state } }`)
 *
 * Fragments go into the second argument and are not masked: what a query asks for is what its answer shows.
 */
export const graphql = initGraphQLTada<{
  introspection: introspection
  disableMasking: true
  scalars: {
    /** ISO 8601, UTC, milliseconds. */
    DateTime: string
    JSON: unknown
    Severity: Severity
    AlertStatus: AlertStatus
    Verdict: Verdict
    IncidentStatus: IncidentStatus
  }
}>()

export type { FragmentOf, ResultOf, TadaDocumentNode, VariablesOf } from 'gql.tada'
