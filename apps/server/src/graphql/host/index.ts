import type { AgentId } from '@vedette/model'
import { PublicError } from '../../access/public-error.ts'
import { viewHost } from '../../watch/host-view.ts'
import type { Resource } from '../builder.ts'
import { boundedText } from '../page.ts'
import { knownHost } from './known-host.ts'

/** Hosts: what their agents tell of themselves. */
export const hosts: Resource = (builder) => {
  builder.objectType('Part', {
    fields: (t) => ({
      name: t.exposeString('name'),
      state: t.exposeString('state', { description: 'running, unavailable, failed or stopped.' }),
      emitted: t.float({ resolve: ({ counters }) => counters.emitted }),
      delivered: t.float({ resolve: ({ counters }) => counters.delivered }),
      lost: t.float({ resolve: ({ counters }) => counters.lost }),
    }),
  })
  builder.objectType('BlindSpot', {
    fields: (t) => ({ code: t.exposeString('code'), message: t.exposeString('message') }),
  })
  builder.objectType('HostUsage', {
    fields: (t) => ({
      time: t.expose('time', { type: 'DateTime' }),
      cpu_percent: t.exposeFloat('cpuPercent', { description: 'Of all processors since the look before.' }),
      load_1m: t.exposeFloat('load1m'),
      memory_total_bytes: t.exposeFloat('memoryTotalBytes'),
      memory_available_bytes: t.exposeFloat('memoryAvailableBytes'),
      disk_total_bytes: t.exposeFloat('diskTotalBytes'),
      disk_free_bytes: t.exposeFloat('diskFreeBytes'),
    }),
  })
  builder.objectType('Host', {
    fields: (t) => ({
      id: t.id({ resolve: ({ host }) => host.id }),
      hostname: t.string({ resolve: ({ host }) => host.report.hostname }),
      kernel: t.string({ resolve: ({ host }) => host.report.kernel }),
      version: t.string({ resolve: ({ host }) => host.report.version }),
      state: t.exposeString('state', { description: 'reporting or silent.' }),
      last_seen: t.field({ type: 'DateTime', resolve: ({ host }) => host.lastSeen }),
      parts: t.field({ type: ['Part'], resolve: ({ host }) => [...host.report.parts] }),
      blind_spots: t.field({ type: ['BlindSpot'], resolve: ({ host }) => [...host.report.blindSpots] }),
      spooled: t.int({ resolve: ({ host }) => host.report.spooled }),
      memory_bytes: t.float({
        description: 'Of its agent.',
        resolve: ({ host }) => host.report.memoryBytes,
      }),
      usage: t.field({
        type: 'HostUsage',
        nullable: true,
        description: 'Of the machine itself; see system_metrics.interval_seconds.',
        resolve: ({ host }) => host.report.usage ?? null,
      }),
      events_per_second: t.float({
        resolve: async ({ host }, _args, { once }) =>
          ((await once.lastMinuteByHost()).get(host.id) ?? 0) / 60,
      }),
      lost: t.exposeFloat('lost'),
      open_alerts: t.int({
        resolve: async ({ host }, _args, { once }) => (await once.openAlertsByHost()).get(host.id) ?? 0,
      }),
    }),
  })

  builder.queryFields((t) => ({
    hosts: t.field({
      type: ['Host'],
      complexity: { field: 1, multiplier: 20 },
      resolve: async (_root, _args, { once }) => [...(await once.hosts())],
    }),
    host: t.field({
      type: 'Host',
      nullable: true,
      args: { id: t.arg.id({ required: true }) },
      async resolve(_root, { id }, { state, services, tenant }) {
        const host = await state.hosts.get(id as AgentId)
        return host ? viewHost(services, tenant, host) : null
      },
    }),
  }))

  builder.mutationFields((t) => ({
    watchPath: t.boolean({
      description:
        'Has a host watch a file or folder as well, for lease_seconds (1 to 86400). True once its agent was told.',
      args: {
        host: t.arg.id({ required: true }),
        path: t.arg.string({ required: true }),
        lease_seconds: t.arg.int({ defaultValue: 600 }),
      },
      async resolve(_root, args, context) {
        const { services, tenant, viewer } = context
        const seconds = args.lease_seconds ?? 600
        if (seconds < 1 || seconds > 86_400) {
          throw new PublicError('bad-input', 'lease_seconds: expected 1 to 86400')
        }
        const path = boundedText('path', args.path, 4096)
        if (!path.startsWith('/') || path.includes('\0')) {
          throw new PublicError('bad-input', 'path: expected an absolute path')
        }
        const host = await knownHost(context, args.host)
        const act = { actor: viewer.name, action: 'watch', target: host.id, detail: { path, seconds } }
        await services.audited.act(act, async () => {
          services.fleet.watch(tenant, host.id, path, seconds * 1000, viewer.name)
        })
        return true
      },
    }),
  }))
}
