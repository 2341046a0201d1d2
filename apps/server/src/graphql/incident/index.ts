import { randomUUID } from 'node:crypto'
import type { Incident, IncidentId } from '@vedette/model'
import { PublicError } from '../../access/public-error.ts'
import type { Resource } from '../builder.ts'
import type { Context } from '../context.ts'
import { liveValues, valueOrFault } from '../live-values.ts'
import { boundedText, costOfPage, given, pageOf } from '../page.ts'

/** Incidents: stories that people work on. */
export const incidents: Resource = (builder) => {
  builder.objectType('IncidentEntry', {
    fields: (t) => ({
      time: t.expose('time', { type: 'DateTime' }),
      actor: t.exposeString('actor'),
      action: t.exposeString('action'),
      text: t.exposeString('text'),
    }),
  })
  builder.objectType('Incident', {
    fields: (t) => ({
      id: t.exposeID('id'),
      title: t.exposeString('title'),
      description: t.exposeString('description'),
      severity: t.expose('severity', { type: 'Severity' }),
      status: t.expose('status', { type: 'IncidentStatus' }),
      assignee: t.exposeString('assignee', { nullable: true }),
      resolution: t.exposeString('resolution', { nullable: true }),
      created_at: t.expose('createdAt', { type: 'DateTime' }),
      updated_at: t.expose('updatedAt', { type: 'DateTime' }),
      closed_at: t.expose('closedAt', { type: 'DateTime', nullable: true }),
      alert_count: t.exposeInt('alertCount'),
      host: t.exposeString('host', { nullable: true }),
      alerts: t.field({
        type: ['Alert'],
        complexity: { field: 20, multiplier: 20 },
        resolve: ({ id }, _args, { state }) => state.incidents.alerts(id),
      }),
      timeline: t.field({
        type: ['IncidentEntry'],
        complexity: { field: 20, multiplier: 20 },
        resolve: ({ id }, _args, { state }) => state.incidents.timeline(id),
      }),
    }),
  })

  builder.queryFields((t) => ({
    incidents: t.field({
      type: ['Incident'],
      args: {
        status: t.arg({ type: 'IncidentStatus' }),
        severity: t.arg({ type: 'Severity' }),
        limit: t.arg.int({ defaultValue: 50 }),
        offset: t.arg.int({ defaultValue: 0 }),
      },
      complexity: costOfPage,
      resolve: (_root, args, { state }) =>
        state.incidents.list(
          given({
            status: args.status,
            severity: args.severity,
          }),
          pageOf(args),
        ),
    }),
    incident: t.field({
      type: 'Incident',
      nullable: true,
      args: { id: t.arg.id({ required: true }) },
      resolve: async (_root, { id }, { state }) => (await state.incidents.get(id as IncidentId)) ?? null,
    }),
  }))

  builder.mutationFields((t) => ({
    createIncident: t.field({
      type: 'Incident',
      args: {
        title: t.arg.string({ required: true }),
        description: t.arg.string(),
        severity: t.arg({ type: 'Severity', required: true }),
      },
      resolve(_root, args, context) {
        const incident = {
          id: randomUUID() as IncidentId,
          title: boundedText('title', args.title, 300),
          description: args.description ? boundedText('description', args.description, 10_000) : '',
          severity: args.severity,
        }
        const { title, severity } = incident
        return act(
          context,
          'incident.create',
          incident.id,
          { title, severity },
          ({ state, viewer, services }) =>
            state.incidents.create(incident, viewer.name, services.clock.now()),
        )
      },
    }),
    assignIncident: t.field({
      type: 'Incident',
      args: { id: t.arg.id({ required: true }), user: t.arg.string({ required: true }) },
      async resolve(_root, args, context) {
        const incident = await existing(context, args.id)
        const user = boundedText('user', args.user, 64)
        const { services, viewer } = context
        const account = await services.state.of(viewer.organisation).accounts.byName(user)
        if (!account?.roles.some(({ tenant }) => tenant === viewer.tenant))
          throw new PublicError('bad-input', `user: nobody here is called ${user}`)
        return act(context, 'incident.assign', incident.id, { user }, ({ state, viewer, services }) =>
          state.incidents.assign(incident.id, account.name, viewer.name, services.clock.now()),
        )
      },
    }),
    closeIncident: t.field({
      type: 'Incident',
      args: { id: t.arg.id({ required: true }), resolution: t.arg.string({ required: true }) },
      async resolve(_root, args, context) {
        const incident = await existing(context, args.id)
        const resolution = boundedText('resolution', args.resolution, 10_000)
        if (incident.status === 'closed') throw new PublicError('not-open', 'This incident is closed already')
        return act(context, 'incident.close', incident.id, { resolution }, ({ state, viewer, services }) =>
          state.incidents.close(incident.id, resolution, viewer.name, services.clock.now()),
        )
      },
    }),
  }))

  builder.subscriptionFields((t) => ({
    incidentUpdates: t.field({
      type: 'Incident',
      description: 'Of one incident, or of all when no id is given.',
      args: { incident_id: t.arg.id() },
      subscribe: (_root, { incident_id: id }, context) =>
        liveValues('incident', context, (incident) => id === null || id === undefined || incident.id === id),
      resolve: (incident) => valueOrFault(incident),
    }),
  }))
}

async function existing({ state }: Context, id: string): Promise<Incident> {
  const incident = await state.incidents.get(id as IncidentId)
  if (!incident) throw new PublicError('not-found', 'There is no such incident')
  return incident
}

/** Changes an incident, written down first, and tells whoever listens. */
async function act(
  context: Context,
  action: string,
  id: IncidentId,
  detail: Record<string, unknown>,
  work: (context: Context) => Promise<Incident | undefined>,
): Promise<Incident> {
  const { services, viewer } = context
  const changed = await services.audited.act(
    { actor: viewer.name, action, target: `incident ${id}`, detail },
    async () => {
      const incident = await work(context)
      if (!incident) throw new PublicError('not-found', 'There is no such incident')
      return incident
    },
  )
  services.bus.publish('incident', changed)
  return changed
}
