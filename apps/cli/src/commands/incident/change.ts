import type { Severity } from '@vedette/model'
import type { Invocation } from '../../command.ts'
import { connect } from '../../connection.ts'
import { printJson, printLine, safe } from '../../print.ts'
import { assignIncident, closeIncident, createIncident } from './documents.ts'
import { findIncidentId } from './find.ts'

export async function create(
  invocation: Invocation,
  {
    title,
    description,
    severity,
  }: { readonly title: string; readonly description?: string; readonly severity: Severity },
): Promise<void> {
  using client = connect(invocation.paths)
  const { createIncident: made } = await client.mutate(createIncident, {
    title,
    severity,
    ...(description !== undefined && { description }),
  })
  if (invocation.json) return printJson(invocation, made)
  printLine(invocation, `Opened incident ${safe(made.id)}: ${safe(made.title)}`)
}

export async function assign(
  invocation: Invocation,
  { user }: { readonly user: string },
  beginning: string,
): Promise<void> {
  using client = connect(invocation.paths)
  const id = await findIncidentId(client, beginning)
  const { assignIncident: changed } = await client.mutate(assignIncident, { id, user })
  if (invocation.json) return printJson(invocation, changed)
  printLine(invocation, `${safe(changed.title)} is now with ${safe(changed.assignee)}`)
}

export async function close(
  invocation: Invocation,
  { resolution }: { readonly resolution: string },
  beginning: string,
): Promise<void> {
  using client = connect(invocation.paths)
  const id = await findIncidentId(client, beginning)
  const { closeIncident: changed } = await client.mutate(closeIncident, { id, resolution })
  if (invocation.json) return printJson(invocation, changed)
  printLine(invocation, `Closed: ${safe(changed.title)}`)
}
