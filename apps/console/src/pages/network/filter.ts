import { readSpan, type Span } from '../../time/span.ts'

/** What the page of the network shows: all of it stands in the address. */
export interface NetworkFilter extends Span {
  readonly host?: string
  /** Uid of a process. */
  readonly process?: string
  /** Text in the name of a process. */
  readonly program?: string
  readonly address?: string
  readonly port?: string
  /** `connection`, `flow`, or the name of a protocol or transport. */
  readonly protocol?: string
  /** Uid of a flow: it, and what was said in it. */
  readonly flow?: string
  readonly search?: string
  /** The one whose details are open. */
  readonly event?: string
}

const names = ['host', 'process', 'program', 'address', 'protocol', 'flow', 'search', 'event'] as const

/** Reads the filter from the words of an address; what it does not know it leaves out. */
export function readNetworkFilter(values: Readonly<Record<string, unknown>>): NetworkFilter {
  const filter: Record<string, string> = {}
  for (const name of names) {
    const value = values[name]
    if (typeof value === 'string' && value.trim() !== '') filter[name] = value.trim().slice(0, 200)
  }
  const port = Number(values['port'])
  const isPort = values['port'] !== '' && Number.isSafeInteger(port) && port >= 0 && port <= 65_535
  return { ...filter, ...(isPort && { port: String(port) }), ...readSpan(values) }
}

/** What the server is asked for, without the span of time. */
export function networkVariables(filter: NetworkFilter) {
  return {
    host: filter.host ?? null,
    process_uid: filter.process ?? null,
    process: filter.program ?? null,
    address: filter.address ?? null,
    port: filter.port === undefined ? null : Number(filter.port),
    protocol: filter.protocol ?? null,
    flow_uid: filter.flow ?? null,
    search: filter.search ?? null,
  }
}
