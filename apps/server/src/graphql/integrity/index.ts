import type { AgentId, Event } from '@vedette/model'
import type { Resource } from '../builder.ts'
import { boundedText, costOfPage, given, pageOf } from '../page.ts'
import { type FileDifference, factChanges } from './fact-changes.ts'

/** Files that are not what was known of them. */
export const integrity: Resource = (builder) => {
  builder.objectType('FactChange', {
    fields: (t) => ({
      fact: t.exposeString('fact', { description: 'sha256, mode, owner, size, capabilities, ...' }),
      before: t.exposeString('before', { nullable: true }),
      after: t.exposeString('after', { nullable: true }),
    }),
  })
  builder.objectType('IntegrityChange', {
    fields: (t) => ({
      event_id: t.exposeID('id'),
      time: t.expose('time', { type: 'DateTime' }),
      host: t.string({ resolve: ({ device }) => device.hostname }),
      host_id: t.id({ resolve: ({ device }) => device.uid }),
      path: t.string({ resolve: ({ file }) => file.path }),
      change: t.string({
        description: 'created, changed or removed.',
        resolve: ({ integrity }) => integrity.change,
      }),
      facts: t.field({ type: ['FactChange'], complexity: { field: 1, multiplier: 3 }, resolve: factChanges }),
      process: t.field({
        type: 'Process',
        nullable: true,
        description: 'Who did it, where that was seen.',
        resolve: ({ process }) => process ?? null,
      }),
      package: t.string({
        nullable: true,
        description: 'The package that it belongs to, with its version.',
        resolve: ({ integrity: { package: owner } }) => (owner ? `${owner.name} ${owner.version}` : null),
      }),
      by_package_manager: t.boolean({ resolve: ({ integrity }) => integrity.by_package_manager }),
      seen: t.string({
        description: 'watched: as it happened; rescan: by looking again.',
        resolve: ({ integrity }) => integrity.seen,
      }),
    }),
  })

  builder.queryFields((t) => ({
    integrity_changes: t.field({
      type: ['IntegrityChange'],
      description: 'Newest first. limit at most 1000.',
      args: {
        limit: t.arg.int({ defaultValue: 50 }),
        offset: t.arg.int({ defaultValue: 0 }),
        host: t.arg.id(),
        by_package_manager: t.arg.boolean(),
        search: t.arg.string({ description: 'Text in path, process or message.' }),
        since: t.arg({ type: 'DateTime' }),
        until: t.arg({ type: 'DateTime' }),
      },
      complexity: costOfPage,
      async resolve(_root, args, { events }) {
        const found = await events.list(
          {
            kind: 'file',
            activity: 'differ',
            ...given({
              host: args.host as AgentId | null | undefined,
              byPackageManager: args.by_package_manager,
              search:
                args.search === '' ? undefined : args.search && boundedText('search', args.search, 1000),
              since: args.since,
              until: args.until,
            }),
          },
          pageOf(args),
        )
        return found.filter(isDifference)
      },
    }),
  }))
}

function isDifference(event: Event): event is FileDifference {
  return event.kind === 'file' && event.integrity !== undefined
}
