import { CodedError } from '@vedette/base'
import { readKey } from '@vedette/intel'
import { type Feed, feedKinds, feedSettingsSchema } from '@vedette/model'
import { PublicError } from '../../access/public-error.ts'
import type { Resource } from '../builder.ts'
import type { Context } from '../context.ts'

/** Feeds: sources of indicators that are asked on a schedule. */
export const feeds: Resource = (builder) => {
  builder.objectType('FeedVersion', {
    fields: (t) => ({
      number: t.exposeInt('number'),
      fetched_at: t.expose('fetchedAt', { type: 'DateTime' }),
      sha256: t.exposeString('sha256'),
      size_bytes: t.exposeFloat('sizeBytes'),
      indicators: t.exposeInt('indicators'),
    }),
  })
  builder.objectType('Feed', {
    fields: (t) => ({
      name: t.string({ resolve: ({ settings }) => settings.name }),
      source: t.string({
        description: 'Source of its indicators.',
        resolve: ({ settings }) => `feed:${settings.name}`,
      }),
      kind: t.string({ description: `${feedKinds.join(', ')}.`, resolve: ({ settings }) => settings.kind }),
      url: t.string({ resolve: ({ settings }) => settings.url }),
      format: t.string({ nullable: true, resolve: ({ settings }) => settings.format }),
      interval_minutes: t.int({ resolve: ({ settings }) => settings.interval_minutes }),
      enabled: t.boolean({ resolve: ({ settings }) => settings.enabled }),
      allow_private: t.boolean({ resolve: ({ settings }) => settings.allow_private }),
      is_signed: t.boolean({
        description: 'Checked by a signature or a hash.',
        resolve: ({ settings }) => (settings.public_key ?? settings.sha256) !== undefined,
      }),
      configured: t.exposeBoolean('configured', {
        description: 'Written in the configuration, and changed there.',
      }),
      added_at: t.expose('addedAt', { type: 'DateTime' }),
      checked_at: t.field({ type: 'DateTime', nullable: true, resolve: ({ state }) => state.checkedAt }),
      changed_at: t.field({ type: 'DateTime', nullable: true, resolve: ({ state }) => state.changedAt }),
      indicators: t.int({ resolve: ({ state }) => state.indicators }),
      malformed: t.int({ resolve: ({ state }) => state.malformed }),
      left_out: t.int({
        description: 'Left out since they name honest things.',
        resolve: ({ state }) => state.leftOut,
      }),
      version: t.int({ nullable: true, resolve: ({ state }) => state.version }),
      failures: t.int({ resolve: ({ state }) => state.failures }),
      error_code: t.string({ nullable: true, resolve: ({ state }) => state.error?.code }),
      error_message: t.string({
        nullable: true,
        description: 'Why it gave nothing the last time; what was good before is in force.',
        resolve: ({ state }) => state.error?.message,
      }),
      versions: t.field({
        type: ['FeedVersion'],
        description: 'Good documents that are kept, newest first.',
        complexity: { field: 20, multiplier: 3 },
        resolve: ({ settings }, _args, { services, tenant }) =>
          services.feeds.versions(tenant, settings.name),
      }),
    }),
  })

  builder.queryFields((t) => ({
    feeds: t.field({
      type: ['Feed'],
      complexity: { field: 1, multiplier: 20 },
      resolve: (_root, _args, { services, tenant }) => services.feeds.list(tenant),
    }),
  }))

  builder.mutationFields((t) => ({
    addFeed: t.field({
      type: 'Feed',
      description: 'Adds a feed, or changes the one of that name. It is asked within seconds.',
      args: {
        settings: t.arg({
          type: 'JSON',
          required: true,
          description: 'As an entry of threat_intelligence.feeds in the configuration; kind file only there.',
        }),
      },
      resolve(_root, args, context) {
        const parsed = feedSettingsSchema.safeParse(args.settings)
        if (!parsed.success) {
          const [issue] = parsed.error.issues
          throw new PublicError(
            'bad-input',
            `${issue?.path.join('.') || 'settings'}: ${issue?.message ?? 'wrong'}`,
          )
        }
        const settings = parsed.data
        // What the server may read of this machine is decided by who configures it.
        if (settings.kind === 'file')
          throw new PublicError('bad-input', 'kind: a file is named in the configuration')
        return act(
          context,
          'feeds.add',
          settings.name,
          { kind: settings.kind, url: settings.url },
          async () => {
            if (settings.public_key !== undefined) readKey(settings.public_key)
            return context.services.feeds.add(context.tenant, settings)
          },
        )
      },
    }),
    removeFeed: t.field({
      type: 'Feed',
      description: 'Takes it away, with its indicators.',
      args: { name: t.arg.string({ required: true }) },
      resolve: (_root, { name }, context) =>
        act(context, 'feeds.remove', name, {}, () => context.services.feeds.remove(context.tenant, name)),
    }),
    refreshFeed: t.field({
      type: 'Feed',
      description: 'Asks it now. Why it gave nothing stands in error_message.',
      args: {
        name: t.arg.string({ required: true }),
        force: t.arg.boolean({ defaultValue: false, description: 'Take also what would not be believed.' }),
      },
      resolve: (_root, { name, force }, context) =>
        act(context, 'feeds.refresh', name, { force: force === true }, () =>
          context.services.feeds.refresh(context.tenant, name, force === true),
        ),
    }),
    rollbackFeed: t.field({
      type: 'Feed',
      description: 'Puts an earlier version in force; the one before by default.',
      args: { name: t.arg.string({ required: true }), version: t.arg.int() },
      resolve: (_root, { name, version }, context) =>
        act(context, 'feeds.rollback', name, { version: version ?? null }, () =>
          context.services.feeds.rollback(context.tenant, name, version ?? undefined),
        ),
    }),
  }))
}

async function act(
  { services, viewer }: Context,
  action: string,
  name: string,
  detail: Record<string, unknown>,
  work: () => Promise<Feed>,
): Promise<Feed> {
  const target = `feed ${name.slice(0, 64)}`
  try {
    return await services.audited.act({ actor: viewer.name, action, target, detail }, work)
  } catch (error) {
    if (!(error instanceof CodedError) || error instanceof PublicError) throw error
    if (error.code === 'no-feed' || error.code === 'no-version')
      throw new PublicError('not-found', error.message)
    if (error.code.startsWith('feed-')) throw new PublicError('bad-input', error.message)
    throw error
  }
}
