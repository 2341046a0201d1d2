import type { Counters } from '@vedette/base'
import { type AgentId, pressureResources } from '@vedette/model'
import { PublicError } from '../../access/public-error.ts'
import { viewHost } from '../../watch/host-view.ts'
import { heldBackWords } from '../../watch/words.ts'
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
      kinds: t.field({
        type: ['KindBook'],
        description: 'The same by kind of record, where the part tells them apart; most of a kind first.',
        complexity: { field: 1, multiplier: 5 },
        resolve: ({ kinds }) => kindBooks(kinds ?? {}),
      }),
    }),
  })
  builder.objectType('KindBook', {
    fields: (t) => ({
      kind: t.exposeString('kind'),
      emitted: t.exposeFloat('emitted'),
      delivered: t.exposeFloat('delivered'),
      lost: t.exposeFloat('lost'),
    }),
  })
  builder.objectType('Book', {
    description: 'emitted = delivered + lost + waiting + difference, of a whole way; the difference is 0.',
    fields: (t) => ({
      name: t.exposeString('name', {
        description: 'records: from the collectors on; events: until the server has stored them.',
      }),
      emitted: t.exposeFloat('emitted'),
      delivered: t.exposeFloat('delivered'),
      lost: t.exposeFloat('lost'),
      waiting: t.exposeFloat('waiting'),
      difference: t.exposeFloat('difference'),
    }),
  })
  builder.objectType('Sensor', {
    description: 'What watches the kernel of a host: the best that it allows.',
    fields: (t) => ({
      tier: t.exposeString('tier', { description: 'ebpf, audit, proc-events or proc-poll.' }),
      description: t.exposeString('description'),
      each: t.field({
        type: ['String'],
        description: 'Kinds of record that it tells as they happen.',
        resolve: ({ each }) => [...each],
      }),
      by_looking: t.field({
        type: ['String'],
        description: 'Found by looking again: what comes and goes in between is missing.',
        resolve: ({ byLooking }) => [...byLooking],
      }),
      unseen: t.field({
        type: ['String'],
        description: 'What only a better tier tells.',
        resolve: ({ unseen }) => [...unseen],
      }),
    }),
  })
  builder.objectType('PressureAverages', {
    description: 'Percent of the last ten seconds, minute and five minutes.',
    fields: (t) => ({
      avg10: t.exposeFloat('avg10'),
      avg60: t.exposeFloat('avg60'),
      avg300: t.exposeFloat('avg300'),
    }),
  })
  builder.objectType('ResourcePressure', {
    fields: (t) => ({
      resource: t.exposeString('resource', { description: 'cpu, memory or io.' }),
      some: t.expose('some', {
        type: 'PressureAverages',
        description: 'While at least one process waited.',
      }),
      full: t.field({
        type: 'PressureAverages',
        nullable: true,
        description: 'While all that were there did.',
        resolve: ({ full }) => full ?? null,
      }),
    }),
  })
  builder.objectType('AgentUse', {
    description: 'What an agent takes of its host, beside what it may take.',
    fields: (t) => ({
      time: t.expose('time', { type: 'DateTime' }),
      kept_by: t.exposeString('keptBy', {
        description: 'Who keeps it to its budget: kernel (a control group) or agent.',
      }),
      cpu_percent: t.exposeFloat('cpuPercent', {
        description: 'Of one processor, since the look before.',
      }),
      cpu_limit_percent: t.exposeFloat('cpuLimitPercent'),
      memory_bytes: t.exposeFloat('memoryBytes'),
      memory_limit_bytes: t.exposeFloat('memoryLimitBytes'),
      disk_read_bytes_per_s: t.exposeFloat('diskReadBytesPerS'),
      disk_write_bytes_per_s: t.exposeFloat('diskWriteBytesPerS'),
      open_files: t.exposeFloat('openFiles'),
      held_back_percent: t.exposeFloat('heldBackPercent', {
        description: 'Of the time since the look before.',
      }),
      memory_reclaims: t.exposeFloat('memoryReclaims'),
      held_back: t.string({
        nullable: true,
        description: 'Whether its budget holds it back, and why, in a sentence.',
        resolve: heldBackWords,
      }),
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
      disk_read_bytes_per_s: t.float({ nullable: true, resolve: (usage) => usage.diskReadBytesPerS ?? null }),
      disk_write_bytes_per_s: t.float({
        nullable: true,
        resolve: (usage) => usage.diskWriteBytesPerS ?? null,
      }),
      open_files: t.float({ nullable: true, resolve: (usage) => usage.openFiles ?? null }),
      open_files_limit: t.float({ nullable: true, resolve: (usage) => usage.openFilesLimit ?? null }),
      pressure: t.field({
        type: ['ResourcePressure'],
        description:
          'How long something had to wait, by the kernel (PSI); empty where it does not account for it.',
        complexity: { field: 1, multiplier: 3 },
        resolve: ({ pressure }) =>
          pressureResources.flatMap((resource) => {
            const found = pressure?.[resource]
            return found === undefined ? [] : [{ resource, ...found }]
          }),
      }),
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
      own_use: t.field({
        type: 'AgentUse',
        nullable: true,
        description: 'Of its agent; null until it was looked at.',
        resolve: ({ host }) => host.report.ownUse ?? null,
      }),
      sensor: t.field({
        type: 'Sensor',
        nullable: true,
        resolve: ({ host }) => host.report.sensor ?? null,
      }),
      books: t.field({
        type: ['Book'],
        complexity: { field: 1, multiplier: 2 },
        resolve: ({ host }) => [...(host.report.books ?? [])],
      }),
      given_up: t.field({
        type: ['KindBook'],
        description: 'Kinds of which its sensor of the kernel lost some since its agent started, most first.',
        complexity: { field: 1, multiplier: 5 },
        resolve: ({ host: { report } }) =>
          kindBooks(report.parts.find(({ name }) => name === report.sensor?.tier)?.kinds ?? {})
            .filter(({ lost }) => lost > 0)
            .sort((a, b) => b.lost - a.lost),
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

function kindBooks(kinds: Readonly<Record<string, Counters>>): ({ readonly kind: string } & Counters)[] {
  return Object.entries(kinds)
    .map(([kind, book]) => ({ kind, ...book }))
    .sort((a, b) => b.emitted - a.emitted || (a.kind < b.kind ? -1 : 1))
}
