import type { AlertStatus, Severity } from '@vedette/model'
import type { Invocation } from '../../command.ts'
import { connect } from '../../connection.ts'
import { ago } from '../../format/time.ts'
import { printJson, printLine, printTable, safe } from '../../print.ts'
import { alertList } from './documents.ts'

export interface ListOptions {
  readonly limit: number
  readonly offset: number
  readonly status?: AlertStatus
  readonly severity?: Severity
  readonly search?: string
}

export async function list(invocation: Invocation, options: ListOptions): Promise<void> {
  using client = connect(invocation.paths)
  const { limit, offset, status, severity, search } = options
  const { analytics_alerts: alerts } = await client.query(alertList, {
    limit,
    offset,
    ...(status && { status }),
    ...(severity && { severity }),
    ...(search !== undefined && { search }),
  })
  if (invocation.json) return printJson(invocation, alerts)
  if (alerts.length === 0) return printLine(invocation, 'No alerts.')
  const { style, clock } = invocation
  printTable(
    invocation,
    [
      { title: 'ID' },
      { title: 'SEVERITY' },
      { title: 'STATUS' },
      { title: 'WHEN' },
      { title: 'HOST' },
      { title: 'TECHNIQUES' },
      { title: 'COUNT', align: 'right' },
      { title: 'ALERT', flexible: true },
    ],
    alerts.map((alert) => [
      shortId(alert.id),
      style.severity(alert.severity),
      alert.status,
      ago(Date.parse(alert.time), clock.now()),
      safe(alert.host, 40),
      alert.techniques.map(({ id }) => safe(id, 20)).join(' '),
      String(alert.count),
      safe(alert.title, 300),
    ]),
  )
}

/** The beginning of an id that a person can type; `alerts show` takes it. */
export function shortId(id: string): string {
  return safe(id, 100).slice(0, 12)
}
