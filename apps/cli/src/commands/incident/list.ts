import type { IncidentStatus, Severity } from '@vedette/model'
import type { Invocation } from '../../command.ts'
import { connect } from '../../connection.ts'
import { ago } from '../../format/time.ts'
import { printJson, printLine, printTable, safe } from '../../print.ts'
import { incidentList } from './documents.ts'

export interface ListOptions {
  readonly limit: number
  readonly offset: number
  readonly status?: IncidentStatus
  readonly severity?: Severity
}

export async function list(invocation: Invocation, options: ListOptions): Promise<void> {
  using client = connect(invocation.paths)
  const { limit, offset, status, severity } = options
  const { incidents } = await client.query(incidentList, {
    limit,
    offset,
    ...(status && { status }),
    ...(severity && { severity }),
  })
  if (invocation.json) return printJson(invocation, incidents)
  if (incidents.length === 0) return printLine(invocation, 'No incidents.')
  const { style, clock } = invocation
  printTable(
    invocation,
    [
      { title: 'ID' },
      { title: 'SEVERITY' },
      { title: 'STATUS' },
      { title: 'OPENED' },
      { title: 'ALERTS', align: 'right' },
      { title: 'WITH' },
      { title: 'INCIDENT', flexible: true },
    ],
    incidents.map((found) => [
      safe(found.id, 100).slice(0, 12),
      style.severity(found.severity),
      found.status,
      ago(Date.parse(found.created_at), clock.now()),
      String(found.alert_count),
      safe(found.assignee ?? '', 40),
      safe(found.title, 300),
    ]),
  )
}
