import type { Resource } from '../builder.ts'

/** Figures of the whole: what came in, what was found, how fast. */
export const analytics: Resource = (builder) => {
  builder.objectType('AnalyticsMetrics', {
    fields: (t) => ({
      events_total: t.float({ resolve: (_root, _args, { events }) => events.count({}) }),
      events_per_second: t.float({
        async resolve(_root, _args, { once }) {
          const counts = await once.lastMinuteByHost()
          return [...counts.values()].reduce((sum, count) => sum + count, 0) / 60
        },
      }),
      events_lost: t.float({
        resolve: async (_root, _args, { once }) =>
          (await once.hosts()).reduce((sum, { lost }) => sum + lost, 0),
      }),
      alerts_total: t.int({ resolve: (_root, _args, { state }) => state.alerts.count({}) }),
      alerts_open: t.int({
        async resolve(_root, _args, { state }) {
          const { open, acknowledged } = await state.alerts.countByStatus()
          return open + acknowledged
        },
      }),
      incidents_open: t.int({ resolve: (_root, _args, { state }) => state.incidents.countOpen() }),
      rules_loaded: t.int({ resolve: (_root, _args, { services }) => services.rules.loaded }),
      rules_rejected: t.int({ resolve: (_root, _args, { services }) => services.rules.problems.length }),
      alert_latency_p50_ms: t.float({
        nullable: true,
        description:
          'From the event on the host to the alert stored, milliseconds, over the last 1000 alerts.',
        resolve: (_root, _args, { services }) => services.intake.alertLatency(0.5) ?? null,
      }),
      alert_latency_p99_ms: t.float({
        nullable: true,
        resolve: (_root, _args, { services }) => services.intake.alertLatency(0.99) ?? null,
      }),
      memory_bytes: t.float({ resolve: () => process.memoryUsage.rss() }),
    }),
  })
  builder.queryFields((t) => {
    const metrics = () => t.field({ type: 'AnalyticsMetrics', resolve: () => ({}) })
    return { analytics_metrics: metrics(), analyticsMetrics: metrics() }
  })
}
