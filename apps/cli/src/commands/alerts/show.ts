import type { ResultOf } from '@vedette/client'
import type { Invocation } from '../../command.ts'
import { connect } from '../../connection.ts'
import { marked, processTree } from '../../format/process-tree.ts'
import { when } from '../../format/time.ts'
import { printJson, printLine, safe } from '../../print.ts'
import { alertDetail } from './documents.ts'
import { findAlertId, noAlert } from './find.ts'

export type AlertDetail = NonNullable<ResultOf<typeof alertDetail>['alert']>

export async function show(invocation: Invocation, _options: object, beginning: string): Promise<void> {
  using client = connect(invocation.paths)
  const id = await findAlertId(client, beginning)
  const { alert } = await client.query(alertDetail, { id })
  if (!alert) throw noAlert(beginning)
  if (invocation.json) return printJson(invocation, alert)
  printAlert(invocation, alert)
}

/** An alert in full, for a person. */
export function printAlert(invocation: Invocation, alert: AlertDetail): void {
  const { style, clock } = invocation
  const line = (text = '') => printLine(invocation, text)
  const field = (name: string, text: string) => line(`  ${style.dim(name.padEnd(11))} ${text}`)
  line(`${style.severity(alert.severity)}  ${style.bold(safe(alert.title))}`)
  field('id', safe(alert.id))
  field('when', when(Date.parse(alert.time), clock.now()) + (alert.count > 1 ? `, ${alert.count} times` : ''))
  if (alert.suppressed > 0) {
    const word = alert.suppressed === 1 ? 'detection' : 'detections'
    field('besides', `${alert.suppressed} ${word} of this rule in that minute without an alert of their own`)
  }
  field('host', safe(alert.host))
  field('status', alert.status + (alert.verdict === null ? '' : ` (${alert.verdict.replace('_', ' ')})`))
  for (const { id, name } of alert.techniques) field('technique', `${safe(id)} ${safe(name)}`)
  field('rule', `${safe(alert.rule.title)} (${safe(alert.rule.file)})`)
  field('risk', `${alert.risk} of 100`)
  for (const { points, reason } of alert.risk_ledger) field('', style.dim(`+${points} ${safe(reason)}`))
  if (alert.incident) field('incident', `${safe(alert.incident.id)} ${safe(alert.incident.title)}`)
  line()
  line(safe(alert.rule.explanation))
  if (alert.matches.length > 0) {
    line()
    line(style.bold('Matched'))
    for (const { field: path, value, start, length } of alert.matches.slice(0, 20)) {
      const whole = [{ start: start ?? 0, length: length ?? value.length }]
      line(`  ${style.dim(safe(path))} ${marked(value, whole, style)}`)
    }
  }
  if (alert.process_tree.length > 0) {
    line()
    line(style.bold('Process tree'))
    line(processTree(alert.process_tree, style))
  }
  if (alert.responses.length > 0) {
    line()
    line(style.bold('Responses'))
    for (const { action, outcome, summary } of alert.responses) {
      line(`  ${safe(action)} ${style.dim(safe(outcome.replace('_', ' ')))}  ${safe(summary)}`)
    }
  }
}
