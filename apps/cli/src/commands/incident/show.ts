import type { Invocation } from '../../command.ts'
import { connect } from '../../connection.ts'
import { exact, when } from '../../format/time.ts'
import { printJson, printLine, safe } from '../../print.ts'
import { incidentDetail } from './documents.ts'
import { findIncidentId, noIncident } from './find.ts'

export async function show(invocation: Invocation, _options: object, beginning: string): Promise<void> {
  using client = connect(invocation.paths)
  const id = await findIncidentId(client, beginning)
  const { incident } = await client.query(incidentDetail, { id })
  if (!incident) throw noIncident(beginning)
  if (invocation.json) return printJson(invocation, incident)
  const { style, clock } = invocation
  const line = (text = '') => printLine(invocation, text)
  const field = (name: string, text: string) => line(`  ${style.dim(name.padEnd(11))} ${text}`)
  line(`${style.severity(incident.severity)}  ${style.bold(safe(incident.title))}`)
  field('id', safe(incident.id))
  field('status', incident.status + (incident.assignee === null ? '' : `, with ${safe(incident.assignee)}`))
  field('opened', when(Date.parse(incident.created_at), clock.now()))
  if (incident.host !== null) field('host', safe(incident.host))
  if (incident.resolution !== null) field('resolution', safe(incident.resolution))
  if (incident.description !== '') line(`\n${safe(incident.description)}`)
  if (incident.alerts.length > 0) {
    line(`\n${style.bold('Alerts')}`)
    for (const alert of incident.alerts) {
      const time = style.dim(exact(Date.parse(alert.time)))
      line(
        `  ${time}  ${style.severity(alert.severity)}  ${safe(alert.title)} ${style.dim(safe(alert.id).slice(0, 12))}`,
      )
    }
  }
  line(`\n${style.bold('History')}`)
  for (const { time, actor, action, text } of incident.timeline) {
    line(
      `  ${style.dim(exact(Date.parse(time)))}  ${safe(actor)} ${safe(action.replace('_', ' '))}: ${safe(text)}`,
    )
  }
}
