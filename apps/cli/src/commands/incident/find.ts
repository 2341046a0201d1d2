import type { Client } from '@vedette/client'
import { CliError } from '../../cli-error.ts'
import { exitCodes } from '../../exit-codes.ts'
import { safe } from '../../print.ts'
import { incidentList } from './documents.ts'

const WHOLE_ID = 32

/**
 * The whole id of an incident from its beginning, looked for among the newest 1,000.
 *
 * @throws {CliError} `ambiguous` when more than one begins so
 */
export async function findIncidentId(client: Client, beginning: string): Promise<string> {
  if (beginning.length >= WHOLE_ID) return beginning
  const { incidents } = await client.query(incidentList, { limit: 1000, offset: 0 })
  const found = incidents.map(({ id }) => id).filter((id) => id.startsWith(beginning))
  const [only] = found
  if (only !== undefined && found.length === 1) return only
  if (found.length === 0) return beginning
  throw new CliError(
    'ambiguous',
    exitCodes.usage,
    `${found.length} incidents begin with ${safe(beginning)}`,
    `Type more of it: ${found.slice(0, 5).join(', ')}`,
  )
}

/** The error of an id that nothing has. */
export function noIncident(id: string): CliError {
  return new CliError(
    'not-found',
    exitCodes.notFound,
    `There is no incident ${safe(id, 100)}`,
    "See 'vedette incident list'",
  )
}
