import type { Resource } from '../builder.ts'
import { costOfPage, pageOf } from '../page.ts'
import { deskOf } from './desk.ts'

/** Rules in force: what they say, what they did and what they cost. */
export const rules: Resource = (builder) => {
  builder.objectType('RuleState', {
    fields: (t) => ({
      id: t.id({ resolve: ({ info }) => info.id }),
      rule: t.expose('info', { type: 'Rule' }),
      techniques: t.field({
        type: ['Technique'],
        complexity: { field: 1, multiplier: 2 },
        resolve: ({ info }) => [...info.techniques],
      }),
      status: t.string({ nullable: true, resolve: ({ info }) => info.status ?? null }),
      author: t.string({ nullable: true, resolve: ({ info }) => info.author ?? null }),
      origin: t.exposeString('origin', {
        description: 'built-in, configured, or what was installed: sigma@3.',
      }),
      hits: t.exposeFloat('hits', { description: 'Since the server started.' }),
      errors: t.exposeFloat('errors'),
      disabled: t.exposeBoolean('disabled', {
        description: 'It failed too often and is not asked any more.',
      }),
      asked: t.exposeFloat('asked', {
        description: 'How often its condition was worked out, from a sample.',
      }),
      cost_ms: t.exposeFloat('costMs', { description: 'Milliseconds that this took.' }),
      groups: t.exposeInt('groups', { nullable: true, description: 'For counting rules: groups in memory.' }),
      evicted: t.exposeFloat('evicted', { nullable: true }),
      exceptions: t.exposeInt('exceptions'),
      text: t.string({
        nullable: true,
        description: 'The file that it stands in.',
        complexity: 50,
        resolve: async ({ info }, _args, context) => (await deskOf(context).textOf(info.id))?.text ?? null,
      }),
    }),
  })
  builder.objectType('RuleProblem', {
    fields: (t) => ({
      file: t.exposeString('file'),
      line: t.exposeInt('line', { description: '0 where the fault has no place.' }),
      column: t.exposeInt('column'),
      code: t.exposeString('code'),
      message: t.exposeString('message'),
      hint: t.exposeString('hint', { nullable: true }),
    }),
  })

  builder.queryFields((t) => ({
    rules: t.field({
      type: ['RuleState'],
      description: 'Rules in force, in the order of loading. limit at most 1000.',
      args: {
        search: t.arg.string({ description: 'Text in title, id, file, author or techniques.' }),
        severity: t.arg({ type: 'Severity' }),
        limit: t.arg.int({ defaultValue: 50 }),
        offset: t.arg.int({ defaultValue: 0 }),
      },
      complexity: costOfPage,
      resolve: (_root, args, context) => {
        const { limit, offset } = pageOf(args)
        const search = (args.search ?? '').slice(0, 1000).toLowerCase()
        const found = deskOf(context)
          .states()
          .filter(({ info }) => {
            if (args.severity && info.severity !== args.severity) return false
            const { title, id, file, author = '', techniques } = info
            const texts = [title, id, file, author, ...techniques.flatMap((one) => [one.id, one.name])]
            return search === '' || texts.some((text) => text.toLowerCase().includes(search))
          })
        return found.slice(offset, offset + limit)
      },
    }),
    rule: t.field({
      type: 'RuleState',
      nullable: true,
      args: { id: t.arg.id({ required: true }) },
      resolve: (_root, { id }, context) =>
        deskOf(context)
          .states()
          .find(({ info }) => info.id === id) ?? null,
    }),
    rule_problems: t.field({
      type: ['RuleProblem'],
      description: 'What keeps rules from loading; at most 1000.',
      complexity: { field: 1, multiplier: 20 },
      resolve: (_root, _args, context) => deskOf(context).problems.slice(0, 1000),
    }),
  }))
}
