import { graphql } from '@vedette/client'
import type { Invocation } from '../../command.ts'
import { connect } from '../../connection.ts'
import { bytes, count } from '../../format/quantity.ts'
import { printJson, printTable } from '../../print.ts'

const metricsQuery = graphql(`
  query Metrics {
    analytics_metrics {
      events_total
      events_per_second
      events_lost
      alerts_total
      alerts_open
      incidents_open
      rules_loaded
      rules_rejected
      alert_latency_p50_ms
      alert_latency_p99_ms
      memory_bytes
      cpu_percent
      memory_percent
      disk_percent
    }
  }
`)

export async function metrics(invocation: Invocation): Promise<void> {
  using client = connect(invocation.paths)
  const { analytics_metrics: answer } = await client.query(metricsQuery)
  if (invocation.json) return printJson(invocation, answer)
  const ms = (value: number | null) => (value === null ? 'no alert yet' : `${value.toFixed(1)} ms`)
  const percent = (value: number | null) => (value === null ? 'not known yet' : `${value.toFixed(0)} %`)
  printTable(
    invocation,
    [{ title: 'METRIC' }, { title: 'VALUE', align: 'right' }],
    [
      ['events', count(answer.events_total)],
      ['events per second', answer.events_per_second.toFixed(1)],
      ['events lost', count(answer.events_lost)],
      ['alerts', count(answer.alerts_total)],
      ['alerts open', count(answer.alerts_open)],
      ['incidents open', count(answer.incidents_open)],
      ['rules loaded', count(answer.rules_loaded)],
      ['rules rejected', count(answer.rules_rejected)],
      ['event to alert, median', ms(answer.alert_latency_p50_ms)],
      ['event to alert, 99 of 100', ms(answer.alert_latency_p99_ms)],
      ['memory of the server', bytes(answer.memory_bytes)],
      ['processors in use', percent(answer.cpu_percent)],
      ['memory in use', percent(answer.memory_percent)],
      ['disk in use', percent(answer.disk_percent)],
    ],
  )
}
