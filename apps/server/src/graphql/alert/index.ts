import type { AgentId, AlertId, IncidentId, ProcessUid } from '@vedette/model'
import { PublicError } from '../../access/public-error.ts'
import type { Resource } from '../builder.ts'
import type { Context } from '../context.ts'
import { liveValues, valueOrFault } from '../live-values.ts'
import { boundedText, costOfPage, given, pageOf } from '../page.ts'
import { readTree } from './read-tree.ts'
import { readSurroundings } from './surroundings.ts'

const SIMILAR = 10

/** Alerts: what a rule said of what happened, and what people made of it. */
export const alerts: Resource = (builder) => {
  builder.objectType('Alert', {
    fields: (t) => ({
      id: t.exposeID('id'),
      title: t.exposeString('title'),
      severity: t.field({ type: 'Severity', resolve: ({ rule }) => rule.severity }),
      status: t.expose('status', { type: 'AlertStatus' }),
      verdict: t.expose('verdict', { type: 'Verdict', nullable: true }),
      assignee: t.exposeString('assignee', { nullable: true }),
      time: t.expose('time', { type: 'DateTime' }),
      last_seen: t.expose('lastSeen', { type: 'DateTime' }),
      count: t.exposeInt('count', { description: 'Detections that it stands for.' }),
      suppressed: t.int({
        description:
          'Detections of its rule without an alert of their own, because the rule had too many of them in that minute.',
        resolve: ({ suppressed }) => suppressed ?? 0,
      }),
      host: t.string({ resolve: ({ device }) => device.hostname }),
      host_id: t.id({ resolve: ({ device }) => device.uid }),
      entity: t.exposeString('entity'),
      techniques: t.field({
        type: ['Technique'],
        complexity: { field: 1, multiplier: 2 },
        resolve: ({ rule }) => [...rule.techniques],
      }),
      rule: t.expose('rule', { type: 'Rule' }),
      process: t.field({ type: 'Process', nullable: true, resolve: ({ process }) => process ?? null }),
      ancestry: t.field({
        type: ['Process'],
        description: 'Parent, grandparent and so on, nearest first.',
        resolve: ({ process }) => [...(process?.ancestry ?? [])],
      }),
      matches: t.field({ type: ['Match'], resolve: ({ matches }) => [...matches] }),
      events: t.field({ type: ['Event'], resolve: ({ events }) => [...events] }),
      event_count: t.exposeInt('eventCount'),
      aggregate: t.field({ type: 'JSON', nullable: true, resolve: ({ aggregate }) => aggregate ?? null }),
      risk: t.exposeInt('risk', { description: 'Risk of its process tree when it fired, 0 to 100.' }),
      risk_ledger: t.field({
        type: ['RiskEntry'],
        complexity: { field: 20, multiplier: 20 },
        resolve: ({ id }, _args, { state }) => state.risk.ofAlert(id),
      }),
      incident: t.field({
        type: 'Incident',
        nullable: true,
        complexity: 5,
        resolve: async ({ incident }, _args, { once }) =>
          incident === undefined ? null : ((await once.incident(incident)) ?? null),
      }),
      process_tree: t.field({
        type: ['TreeNode'],
        description:
          'The tree around it: ancestors, itself, what it started, with files and connections; in order of time.',
        complexity: { field: 400, multiplier: 100 },
        resolve: (alert, _args, context) => readTree(alert, context),
      }),
      similar: t.field({
        type: ['Alert'],
        complexity: { field: 50, multiplier: SIMILAR },
        resolve: ({ id }, _args, { state }) => state.alerts.similar(id, SIMILAR),
      }),
      responses: t.field({
        type: ['Response'],
        complexity: { field: 20, multiplier: 5 },
        resolve: ({ id }, _args, { state }) => state.responses.list({ alert: id }),
      }),
      surroundings: t.field({
        type: ['RatePoint'],
        description: 'Events of its host in the ten minutes around it, in 120 slots.',
        complexity: { field: 100, multiplier: 120 },
        resolve: (alert, _args, context) => readSurroundings(alert, context),
      }),
    }),
  })

  builder.queryFields((t) => {
    const list = (description?: string) =>
      t.field({
        type: ['Alert'],
        ...(description !== undefined && { description }),
        args: {
          limit: t.arg.int({ defaultValue: 50 }),
          offset: t.arg.int({ defaultValue: 0 }),
          status: t.arg({ type: 'AlertStatus' }),
          severity: t.arg({ type: 'Severity' }),
          host: t.arg.id(),
          incident_id: t.arg.id(),
          process_uid: t.arg.id(),
          search: t.arg.string(),
        },
        complexity: costOfPage,
        resolve: (_root, args, { state }) =>
          state.alerts.list(
            given({
              status: args.status,
              severity: args.severity,
              host: args.host as AgentId | null | undefined,
              incident: args.incident_id as IncidentId | null | undefined,
              process: args.process_uid as ProcessUid | null | undefined,
              search:
                args.search === '' ? undefined : args.search && boundedText('search', args.search, 1000),
            }),
            pageOf(args),
          ),
      })
    return {
      analytics_alerts: list('Newest first. limit at most 1000.'),
      analyticsAlerts: list(),
      alert: t.field({
        type: 'Alert',
        nullable: true,
        args: { id: t.arg.id({ required: true }) },
        resolve: async (_root, { id }, { state }) => (await state.alerts.get(id as AlertId)) ?? null,
      }),
    }
  })

  builder.mutationFields((t) => ({
    acknowledgeAlert: t.field({
      type: 'Alert',
      args: { id: t.arg.id({ required: true }) },
      resolve: (_root, { id }, context) =>
        change(context, id, 'alert.acknowledge', {}, ({ state, viewer, services }) =>
          state.alerts.acknowledge(id as AlertId, viewer.name, services.clock.now()),
        ),
    }),
    resolveAlert: t.field({
      type: 'Alert',
      args: { id: t.arg.id({ required: true }), verdict: t.arg({ type: 'Verdict' }) },
      resolve: (_root, { id, verdict }, context) =>
        change(context, id, 'alert.resolve', { verdict: verdict ?? null }, ({ state, viewer, services }) =>
          state.alerts.resolve(id as AlertId, verdict ?? undefined, viewer.name, services.clock.now()),
        ),
    }),
  }))

  builder.subscriptionFields((t) => ({
    newAlerts: t.field({
      type: 'Alert',
      subscribe: (_root, _args, context) => liveValues('alert', context),
      resolve: (alert) => valueOrFault(alert),
    }),
  }))
}

/** Changes an alert that is there, written down first. */
async function change<T>(
  context: Context,
  id: string,
  action: string,
  detail: Record<string, unknown>,
  work: (context: Context) => Promise<T | undefined>,
): Promise<T> {
  const { services, viewer, state } = context
  if (!(await state.alerts.get(id as AlertId))) throw new PublicError('not-found', 'There is no such alert')
  return services.audited.act(
    { actor: viewer.name, action, target: `alert ${id.slice(0, 200)}`, detail },
    async () => {
      const changed = await work(context)
      if (!changed) throw new PublicError('not-found', 'There is no such alert')
      return changed
    },
  )
}
