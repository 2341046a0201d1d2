import type { AgentId } from '@vedette/model'
import { PublicError } from '../../access/public-error.ts'
import type { Resource } from '../builder.ts'
import { boundedText } from '../page.ts'
import { readSessions } from './read-sessions.ts'

const DAY_MS = 86_400_000
const MOST = 1000

/** Sessions: who was logged in, from where, and how long. */
export const sessions: Resource = (builder) => {
  builder.objectType('LoginSession', {
    fields: (t) => ({
      host: t.exposeString('host'),
      user: t.exposeString('user'),
      actor: t.string({
        nullable: true,
        description: 'Who became that user, for sudo and su.',
        resolve: ({ actor }) => actor ?? null,
      }),
      from: t.string({
        nullable: true,
        description: 'An address, a name or a terminal.',
        resolve: ({ from }) => from ?? null,
      }),
      service: t.exposeString('service'),
      method: t.string({ nullable: true, resolve: ({ method }) => method ?? null }),
      start: t.expose('start', { type: 'DateTime' }),
      end: t.field({
        type: 'DateTime',
        nullable: true,
        description: 'Null where it was not seen: the session may still last.',
        resolve: ({ end }) => end ?? null,
      }),
      duration_ms: t.float({ nullable: true, resolve: ({ duration }) => duration ?? null }),
      failed_before: t.exposeInt('failed_before', {
        description: 'How often the account was refused before, from there, since it was let in last.',
      }),
    }),
  })
  builder.objectType('LoginSessions', {
    fields: (t) => ({
      sessions: t.field({
        type: ['LoginSession'],
        description: `Newest first, at most ${MOST}.`,
        complexity: { field: 1, multiplier: 100 },
        resolve: ({ sessions }) => sessions.slice(0, MOST),
      }),
      count: t.int({ resolve: ({ sessions }) => sessions.length }),
      complete_since: t.field({
        type: 'DateTime',
        description: 'Later than was asked for where more happened than is read at once.',
        resolve: ({ completeSince }) => completeSince,
      }),
    }),
  })

  builder.queryFields((t) => ({
    login_sessions: t.field({
      type: 'LoginSessions',
      description: 'Of the last 7 days unless since says otherwise.',
      args: {
        since: t.arg({ type: 'DateTime' }),
        until: t.arg({ type: 'DateTime' }),
        host: t.arg.id(),
        search: t.arg.string({ description: 'Text in user, source, service or host.' }),
        unattended: t.arg.boolean({
          defaultValue: false,
          description: 'Also those that nobody logged in for, such as those of cron.',
        }),
      },
      complexity: 400,
      async resolve(_root, args, { events, services }) {
        const until = args.until ?? services.clock.now()
        const since = args.since ?? until - 7 * DAY_MS
        if (since > until) throw new PublicError('bad-input', 'since: expected a time before until')
        const seen = await readSessions(events, since, {
          until,
          unattended: args.unattended ?? false,
          ...(args.host !== null && args.host !== undefined && { host: args.host as AgentId }),
        })
        if (args.search === null || args.search === undefined || args.search.trim() === '') return seen
        const words = boundedText('search', args.search, 1000).toLowerCase()
        const sessions = seen.sessions.filter(({ user, actor = '', from = '', service, host }) =>
          [user, actor, from, service, host].some((text) => text.toLowerCase().includes(words)),
        )
        return { ...seen, sessions }
      },
    }),
  }))
}
