import type { HostUsage } from '@vedette/model'
import type { Resource } from '../builder.ts'
import type { Context } from '../context.ts'

/** Of the reporting host of which it is highest; null where none has told. */
async function highest({ once }: Context, figure: (usage: HostUsage) => number): Promise<number | null> {
  const figures = (await once.hosts())
    .filter(({ state, host }) => state === 'reporting' && host.report.usage !== undefined)
    .map(({ host }) => figure(host.report.usage as HostUsage))
  return figures.length === 0 ? null : Math.max(...figures)
}

function usedPercent(total: number, free: number): number {
  return total > 0 ? (100 * (total - free)) / total : 0
}

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
      memory_bytes: t.float({ description: 'Of the server.', resolve: () => process.memoryUsage.rss() }),
      cpu_percent: t.float({
        nullable: true,
        description: 'Of the busiest host that reports, when it was last looked at.',
        resolve: (_root, _args, context) => highest(context, ({ cpuPercent }) => cpuPercent),
      }),
      memory_percent: t.float({
        nullable: true,
        description: 'Memory that is taken on the host that has least left of it.',
        resolve: (_root, _args, context) =>
          highest(context, (usage) => usedPercent(usage.memoryTotalBytes, usage.memoryAvailableBytes)),
      }),
      disk_percent: t.float({
        nullable: true,
        description: "Of the disk that holds the agent's data, on the host that has least left of it.",
        resolve: (_root, _args, context) =>
          highest(context, (usage) => usedPercent(usage.diskTotalBytes, usage.diskFreeBytes)),
      }),
    }),
  })
  builder.queryFields((t) => {
    const metrics = () => t.field({ type: 'AnalyticsMetrics', resolve: () => ({}) })
    return { analytics_metrics: metrics(), analyticsMetrics: metrics() }
  })
}
