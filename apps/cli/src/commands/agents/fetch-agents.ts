import { CliError } from '../../cli-error.ts'
import type { Invocation } from '../../command.ts'
import { exitCodes } from '../../exit-codes.ts'
import { safe } from '../../print.ts'
import { callRest } from '../../rest.ts'

/** An agent as `GET /agents` tells it. */
export interface ListedAgent {
  readonly id: string
  readonly hostname: string
  readonly state: 'connected' | 'away' | 'removed'
  readonly key: string
  readonly enrolled_at: string
  readonly enrolled_by: string
  readonly last_seen: string | null
  readonly removed_at: string | null
  readonly certificate: {
    readonly serial: string
    readonly issued_at: string
    readonly expires_at: string
    readonly revoked_at: string | null
  } | null
}

export interface WaitingAgent {
  readonly id: string
  readonly hostname: string
  readonly address: string
  readonly key: string
  readonly asked_at: string
}

export interface Agents {
  readonly agents: readonly ListedAgent[]
  readonly pending: readonly WaitingAgent[]
}

export async function fetchAgents(invocation: Invocation): Promise<Agents> {
  return (await (await callRest(invocation, '/api/agents')).json()) as Agents
}

/**
 * The one that is meant by an id, an unmistakable beginning of it, or a host name.
 *
 * @throws {CliError} `not-found`, `ambiguous`
 */
export function findAgent<A extends { readonly id: string; readonly hostname: string }>(
  among: readonly A[],
  text: string,
  what: string,
): A {
  const named = among.filter(({ hostname }) => hostname === text)
  const found = named.length > 0 ? named : among.filter(({ id }) => text !== '' && id.startsWith(text))
  const [first] = found
  if (first === undefined) {
    throw new CliError(
      'not-found',
      exitCodes.notFound,
      `${what}: ${safe(text, 100)}`,
      "See 'vedette agents list'",
    )
  }
  if (found.length > 1) {
    const ids = found.slice(0, 5).map(({ id }) => id)
    throw new CliError(
      'ambiguous',
      exitCodes.usage,
      `${safe(text, 100)} may be ${ids.join(', ')}`,
      'Give the id',
    )
  }
  return first
}

/** Changes something by a POST and gives what the server tells of it. */
export async function post<T>(invocation: Invocation, path: string, body: object = {}): Promise<T> {
  const response = await callRest(invocation, path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  return (await response.json()) as T
}
