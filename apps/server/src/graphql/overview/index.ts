import { severities } from '@vedette/model'
import { sentenceOf } from '../../watch/words.ts'
import type { Resource } from '../builder.ts'
import type { Context } from '../context.ts'

const HOUR_MS = 3_600_000
const RECENT = 8

/** How things stand at a glance, and the figures behind it. */
export const overview: Resource = (builder) => {
  builder.objectType('RatePoint', {
    fields: (t) => ({
      time: t.expose('time', { type: 'DateTime' }),
      events: t.exposeFloat('events'),
      alerts: t.exposeInt('alerts'),
    }),
  })
  builder.objectType('SeverityCount', {
    fields: (t) => ({
      severity: t.expose('severity', { type: 'Severity' }),
      count: t.exposeInt('count'),
    }),
  })
  builder.objectType('Overview', {
    fields: (t) => ({
      sentence: t.string({
        description: "One sentence: '2 incidents need you; all 14 hosts report; nothing lost'.",
        resolve: sentenceOf,
      }),
      open_alerts: t.exposeInt('openAlerts'),
      open_incidents: t.exposeInt('openIncidents'),
      hosts: t.exposeInt('hosts'),
      hosts_reporting: t.exposeInt('hostsReporting'),
      events_lost: t.exposeFloat('eventsLost'),
      event_rate: t.field({
        type: ['RatePoint'],
        description: 'One point a minute for the last hour, oldest first.',
        complexity: { field: 10, multiplier: 60 },
        async resolve(_root, _args, { events, state, services }) {
          const until = services.clock.now()
          const since = until - HOUR_MS
          const [eventRate, alertRate] = await Promise.all([
            events.perMinute(since, until),
            state.alerts.perMinute(since, until),
          ])
          const alerts = new Map(alertRate.map((slot) => [slot.time, slot.alerts]))
          return eventRate.map(({ time, events }) => ({ time, events, alerts: alerts.get(time) ?? 0 }))
        },
      }),
      alerts_by_severity: t.field({
        type: ['SeverityCount'],
        description: 'Open alerts by severity.',
        async resolve(_root, _args, { state }) {
          const counts = await state.alerts.openBySeverity()
          return severities.map((severity) => ({ severity, count: counts[severity] }))
        },
      }),
      recent_alerts: t.field({
        type: ['Alert'],
        complexity: { field: 1, multiplier: RECENT },
        resolve: (_root, _args, { state }) => state.alerts.list({}, { limit: RECENT }),
      }),
      recent_incidents: t.field({
        type: ['Incident'],
        complexity: { field: 1, multiplier: RECENT },
        resolve: (_root, _args, { state }) => state.incidents.list({}, { limit: RECENT }),
      }),
    }),
  })

  builder.queryFields((t) => ({
    overview: t.field({ type: 'Overview', resolve: (_root, _args, context) => situation(context) }),
  }))
}

async function situation({ state, once }: Context) {
  const [byStatus, openIncidents, hosts] = await Promise.all([
    state.alerts.countByStatus(),
    state.incidents.countOpen(),
    once.hosts(),
  ])
  return {
    openAlerts: byStatus.open + byStatus.acknowledged,
    untouchedAlerts: byStatus.open,
    openIncidents,
    hosts: hosts.length,
    hostsReporting: hosts.filter((host) => host.state === 'reporting').length,
    eventsLost: hosts.reduce((sum, { lost }) => sum + lost, 0),
  }
}
