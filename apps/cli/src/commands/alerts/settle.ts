import type { Verdict } from '@vedette/model'
import type { Invocation } from '../../command.ts'
import { connect } from '../../connection.ts'
import { printJson, printLine, safe } from '../../print.ts'
import { acknowledgeAlert, resolveAlert } from './documents.ts'
import { findAlertId } from './find.ts'

export async function acknowledge(
  invocation: Invocation,
  _options: object,
  beginning: string,
): Promise<void> {
  using client = connect(invocation.paths)
  const id = await findAlertId(client, beginning)
  const { acknowledgeAlert: alert } = await client.mutate(acknowledgeAlert, { id })
  if (invocation.json) return printJson(invocation, alert)
  printLine(invocation, `Acknowledged: ${safe(alert.title)}`)
}

export async function resolve(
  invocation: Invocation,
  { verdict }: { readonly verdict?: Verdict },
  beginning: string,
): Promise<void> {
  using client = connect(invocation.paths)
  const id = await findAlertId(client, beginning)
  const { resolveAlert: alert } = await client.mutate(resolveAlert, { id, ...(verdict && { verdict }) })
  if (invocation.json) return printJson(invocation, alert)
  const found = alert.verdict === null ? '' : ` (${alert.verdict.replace('_', ' ')})`
  printLine(invocation, `Resolved${found}: ${safe(alert.title)}`)
}
