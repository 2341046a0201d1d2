import type { AlertStatus, IncidentStatus, Severity, Verdict } from '@vedette/model'
import type { initGraphQLTada, TadaDocumentNode } from 'gql.tada'
import { type DefinitionNode, type DocumentNode, Kind, parse } from 'graphql'
import type { introspection } from './generated/introspection.ts'

interface Setup {
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
}

/** gql.tada is its types alone: its package brings a compiler along, which nobody should install to read an alert. */
type Read = ReturnType<typeof initGraphQLTada<Setup>>

/**
 * Reads a GraphQL document and knows the types of its variables and its answer:
 *
 *     const hosts = graphql(`query Hosts { hosts { id hostname state } }`)
 *
 * Fragments go into the second argument and are not masked: what a query asks for is what its answer shows.
 */
export const graphql = read as unknown as Read

/** The document with the definitions of its fragments, each once. */
function read(source: string, fragments: readonly DocumentNode[] = []): DocumentNode {
  const { definitions } = parse(source, { noLocation: true })
  const names = new Set<string>()
  const borrowed: DefinitionNode[] = []
  for (const definition of fragments.flatMap((fragment) => fragment.definitions)) {
    if (definition.kind !== Kind.FRAGMENT_DEFINITION || names.has(definition.name.value)) continue
    names.add(definition.name.value)
    borrowed.push(definition)
  }
  return { kind: Kind.DOCUMENT, definitions: [...definitions, ...borrowed] }
}

export type { TadaDocumentNode }
export type { FragmentOf, ResultOf, VariablesOf } from 'gql.tada'
