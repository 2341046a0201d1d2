import { type AgentId, type EventId, type EventKind, eventSchema, type ProcessUid } from '@vedette/model'
import { PublicError } from '../../access/public-error.ts'
import type { Resource } from '../builder.ts'
import { boundedText, costOfPage, given, pageOf } from '../page.ts'
import { summaryOf } from './summary.ts'

const kinds: readonly string[] = eventSchema.options.flatMap((option) => [...option.shape.kind.values])

/** Events: what happened on the hosts. */
export const events: Resource = (builder) => {
  builder.objectType('Event', {
    fields: (t) => ({
      event_id: t.exposeID('id'),
      event_type: t.exposeString('kind', {
        description:
          'The kind: process, network, file, authentication, account, log, finding, system, protocol or usage.',
      }),
      timestamp: t.expose('time', { type: 'DateTime' }),
      host: t.string({ resolve: ({ device }) => device.hostname }),
      host_id: t.id({ resolve: ({ device }) => device.uid }),
      summary: t.string({ description: 'One line for people.', resolve: summaryOf }),
      data: t.field({
        type: 'JSON',
        description: 'The whole Event, shaped after OCSF 1.8.',
        resolve: (event) => event,
      }),
    }),
  })

  builder.queryFields((t) => ({
    events: t.field({
      type: ['Event'],
      description:
        'Newest first. limit at most 1000. event_type is a kind: process, network, file, authentication, account, log, finding, system, protocol, usage.',
      args: {
        limit: t.arg.int({ defaultValue: 50 }),
        offset: t.arg.int({ defaultValue: 0 }),
        event_type: t.arg.string(),
        host: t.arg.id(),
        process_uid: t.arg.id(),
        since: t.arg({ type: 'DateTime' }),
        until: t.arg({ type: 'DateTime' }),
        search: t.arg.string(),
      },
      complexity: costOfPage,
      resolve(_root, args, { events }) {
        const { event_type: kind, search } = args
        if (kind !== undefined && kind !== null && !kinds.includes(kind)) {
          throw new PublicError('bad-input', `event_type: expected one of ${kinds.join(', ')}`)
        }
        const filter = given({
          kind: kind as EventKind | null | undefined,
          host: args.host as AgentId | null | undefined,
          processUid: args.process_uid as ProcessUid | null | undefined,
          since: args.since,
          until: args.until,
          search: search === '' ? undefined : search && boundedText('search', search, 1000),
        })
        return events.list(filter, pageOf(args))
      },
    }),
    event: t.field({
      type: 'Event',
      nullable: true,
      args: { event_id: t.arg.id({ required: true }) },
      resolve: async (_root, args, { events }) => (await events.get(args.event_id as EventId)) ?? null,
    }),
  }))
}
