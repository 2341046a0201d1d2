import { Box, Text, useInput, useWindowSize } from 'ink'
import { createElement as h, type ReactElement } from 'react'
import type { Severity } from '@vedette/model'
import { bytes, count } from '../format/quantity.ts'
import { ago } from '../format/time.ts'
import { safe } from '../print.ts'
import { type Picture, sparkline } from './picture.ts'

const severityColours: Record<Severity, string> = {
  informational: 'gray',
  low: 'cyan',
  medium: 'yellow',
  high: 'red',
  critical: 'redBright',
}

export interface ScreenProps {
  readonly picture: Picture | undefined
  readonly url: string
  /** Why the picture is not of this moment; left out while it is. */
  readonly trouble: string | undefined
  readonly nowMs: number
  readonly onQuit: () => void
}

/** The whole screen. It fits the window: what does not is left out, the oldest alerts first. */
export function Screen({ picture, url, trouble, nowMs, onQuit }: ScreenProps): ReactElement {
  const { columns, rows } = useWindowSize()
  useInput((input, key) => {
    if (input === 'q' || key.escape || (key.ctrl && input === 'c')) onQuit()
  })
  const hostLines = picture?.hosts.length ?? 0
  const alertRoom = Math.max(1, rows - 12 - hostLines)
  return h(
    Box,
    { flexDirection: 'column', paddingX: 1, width: columns },
    h(
      Box,
      { justifyContent: 'space-between' },
      h(Text, { bold: true }, 'Vedette'),
      h(Text, { dimColor: true, wrap: 'truncate' }, `${url}   q leaves`),
    ),
    trouble === undefined ? null : h(Text, { color: 'red', wrap: 'truncate' }, safe(trouble)),
    picture === undefined ? h(Text, { dimColor: true }, 'reading…') : h(Numbers, { picture, columns }),
    picture === undefined ? null : h(Alerts, { picture, nowMs, room: alertRoom }),
    picture === undefined ? null : h(Hosts, { picture }),
  )
}

function Numbers({ picture, columns }: { picture: Picture; columns: number }): ReactElement {
  const { overview, analytics_metrics: metrics } = picture
  const rates = overview.event_rate.map(({ events }) => events)
  return h(
    Box,
    { flexDirection: 'column' },
    h(Text, { wrap: 'truncate' }, safe(overview.sentence)),
    h(
      Text,
      { wrap: 'truncate' },
      h(Text, { color: 'green' }, sparkline(rates, Math.max(10, columns - 30))),
      ` ${count(metrics.events_per_second)} events/s`,
    ),
    h(
      Text,
      { wrap: 'truncate' },
      `${count(metrics.events_total)} events, ${metrics.alerts_open} open alerts, ${metrics.incidents_open} open incidents, `,
      h(Text, metrics.events_lost > 0 ? { color: 'red' } : {}, `${count(metrics.events_lost)} lost`),
    ),
  )
}

function Alerts({ picture, nowMs, room }: { picture: Picture; nowMs: number; room: number }): ReactElement {
  const alerts = picture.analytics_alerts.slice(0, room)
  return h(
    Box,
    { flexDirection: 'column', marginTop: 1 },
    h(Text, { bold: true }, 'Alerts'),
    alerts.length === 0 ? h(Text, { dimColor: true }, 'none') : null,
    ...alerts.map((alert) =>
      h(
        Text,
        { key: alert.id, wrap: 'truncate' },
        h(Text, { dimColor: true }, ago(Date.parse(alert.last_seen), nowMs).padStart(11)),
        '  ',
        h(Text, { color: severityColours[alert.severity] }, alert.severity.padEnd(13)),
        safe(alert.title, 300),
        alert.count > 1 ? ` ×${alert.count}` : '',
        h(
          Text,
          { dimColor: true },
          `  ${safe(alert.host, 60)}${alert.status === 'open' ? '' : `  ${alert.status}`}`,
        ),
      ),
    ),
  )
}

function Hosts({ picture }: { picture: Picture }): ReactElement {
  return h(
    Box,
    { flexDirection: 'column', marginTop: 1 },
    h(Text, { bold: true }, 'Hosts'),
    ...picture.hosts.map((host) => {
      const running = host.parts.filter(({ state }) => state === 'running').map(({ name }) => safe(name, 40))
      return h(
        Text,
        { key: host.id, wrap: 'truncate' },
        h(Text, { color: host.state === 'reporting' ? 'green' : 'red' }, host.state.padEnd(10)),
        `${safe(host.hostname, 60)}  ${count(host.events_per_second)} events/s  ${bytes(host.memory_bytes)}  `,
        h(Text, host.lost > 0 ? { color: 'red' } : { dimColor: true }, `${count(host.lost)} lost`),
        host.spooled > 0 ? h(Text, { color: 'yellow' }, `  ${host.spooled} batches wait`) : '',
        h(Text, { dimColor: true }, `  ${running.join(', ')}`),
      )
    }),
  )
}
