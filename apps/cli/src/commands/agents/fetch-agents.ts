import { operations } from '@vedette/client/rest'
import { CliError } from '../../cli-error.ts'
import type { Invocation } from '../../command.ts'
import { exitCodes } from '../../exit-codes.ts'
import { safe } from '../../print.ts'
import { rest } from '../../rest.ts'

const { listAgents } = operations
const PAGE = 1000

export interface Agents {
  readonly agents: readonly operations.Agent[]
  readonly pending: readonly operations.PendingAgent[]
}

/** All of them, page by page. */
export async function fetchAgents(invocation: Invocation): Promise<Agents> {
  const call = rest(invocation)
  const { agents, pending, next_cursor: first } = await call((to) => listAgents({ limit: PAGE }, to))
  for (let cursor = first; cursor !== null;) {
    const from = cursor
    const page = await call((to) => listAgents({ limit: PAGE, cursor: from }, to))
    agents.push(...page.agents)
    cursor = page.next_cursor
  }
  return { agents, pending }
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
