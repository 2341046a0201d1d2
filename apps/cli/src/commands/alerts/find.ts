import type { Client } from '@vedette/client'
import { CliError } from '../../cli-error.ts'
import { exitCodes } from '../../exit-codes.ts'
import { safe } from '../../print.ts'
import { alertList } from './documents.ts'

const WHOLE_ID = 32

/**
 * The whole id of an alert from its beginning, looked for among the newest 1,000.
 *
 * @throws {CliError} `not-found`, or `ambiguous` when more than one begins so
 */
export async function findAlertId(client: Client, beginning: string): Promise<string> {
  if (beginning.length >= WHOLE_ID) return beginning
  const { analytics_alerts: alerts } = await client.query(alertList, { limit: 1000, offset: 0 })
  const found = alerts.map(({ id }) => id).filter((id) => id.startsWith(beginning))
  const [only] = found
  if (only !== undefined && found.length === 1) return only
  // It may be older than the newest thousand: the server is asked by exactly what was typed.
  if (found.length === 0) return beginning
  throw new CliError(
    'ambiguous',
    exitCodes.usage,
    `${found.length} alerts begin with ${safe(beginning)}`,
    `Type more of it: ${found.slice(0, 5).join(', ')}`,
  )
}

/** The error of an id that nothing has. */
export function noAlert(id: string): CliError {
  return new CliError(
    'not-found',
    exitCodes.notFound,
    `There is no alert ${safe(id, 100)}`,
    "See 'vedette alerts list'",
  )
}
