import type { RuleStatus } from '@vedette/manager/workshop'
import { compareSeverity, type EventId } from '@vedette/model'
import { PublicError } from '../../access/public-error.ts'
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
      suppressed: t.float({
        description: 'Detections without an alert of their own: it found too much in a minute.',
        resolve: async ({ info }, _args, { once }) => (await once.suppressedByRule()).get(info.id) ?? 0,
      }),
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
      learning: t.exposeInt('learning', {
        nullable: true,
        description: 'For first-seen rules: groups of which too little is known yet to call anything new.',
      }),
      exceptions: t.exposeInt('exceptions'),
      cases: t.field({
        type: ['RuleCase'],
        description: 'The cases that lie beside it, run now.',
        complexity: { field: 500, multiplier: 20 },
        resolve: ({ info }, _args, context) => deskOf(context).casesOf(info.id),
      }),
      text: t.string({
        nullable: true,
        description: 'The file that it stands in.',
        complexity: 50,
        resolve: async ({ info }, _args, context) => (await deskOf(context).textOf(info.id))?.text ?? null,
      }),
    }),
  })
  builder.objectType('RuleCase', {
    fields: (t) => ({
      name: t.string({ resolve: ({ file }) => file.slice(file.lastIndexOf('/') + 1) }),
      expects: t.exposeString('expects', { description: 'hit or miss.' }),
      hits: t.exposeInt('hits'),
      passed: t.exposeBoolean('passed'),
      reason: t.exposeString('reason', { nullable: true, description: 'Why it did not pass.' }),
    }),
  })
  builder.objectType('RuleSummary', {
    fields: (t) => ({
      rules: t.exposeInt('rules'),
      fired: t.exposeInt('fired', { description: 'Rules that found something since the start.' }),
      disabled: t.exposeInt('disabled'),
      problems: t.exposeInt('problems', { description: 'Faults that keep rules from loading.' }),
      exceptions: t.exposeInt('exceptions', { description: 'In force.' }),
      since: t.expose('since', { type: 'DateTime', description: 'Since when hits are counted.' }),
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

  builder.objectType('RulePack', {
    fields: (t) => ({
      number: t.exposeInt('number', { description: 'Counts up: the version.' }),
      name: t.exposeString('name'),
      source: t.exposeString('source', { description: 'Where it came from.' }),
      digest: t.exposeString('digest', { description: 'SHA-256 over its files.' }),
      files: t.exposeInt('files'),
      rules: t.exposeInt('rules'),
      actor: t.exposeString('actor'),
      added_at: t.expose('addedAt', { type: 'DateTime' }),
    }),
  })
  builder.objectType('RuleText', {
    fields: (t) => ({ file: t.exposeString('file'), text: t.exposeString('text') }),
  })
  builder.objectType('RulePackSet', {
    fields: (t) => ({
      number: t.exposeInt('number'),
      time: t.expose('time', { type: 'DateTime' }),
      actor: t.exposeString('actor'),
      action: t.exposeString('action', { description: 'install sigma, remove sigma.' }),
      packs: t.field({ type: ['RulePack'], resolve: ({ packs }) => [...packs] }),
    }),
  })

  builder.mutationFields((t) => ({
    undoRules: t.field({
      type: 'RulePackSet',
      description: 'Goes back to the installed rules before; answers what was taken back.',
      resolve(_root, _args, context) {
        const { services, viewer } = context
        const desk = deskOf(context)
        const act = { actor: viewer.name, action: 'rules.undo', target: 'installed rules', detail: {} }
        return services.audited.act(act, async () => {
          const undone = await desk.undoPack()
          if (!undone)
            throw new PublicError('not-found', 'No rules were installed, so there is nothing to undo')
          return undone
        })
      },
    }),
    uninstallRules: t.field({
      type: 'RulePackSet',
      args: { name: t.arg.string({ required: true }) },
      resolve(_root, { name }, context) {
        const { services, viewer } = context
        const desk = deskOf(context)
        const target = `rules ${name.slice(0, 200)}`
        return services.audited.act(
          { actor: viewer.name, action: 'rules.uninstall', target, detail: {} },
          async () => {
            const set = await desk.removePack(name, viewer.name)
            if (!set) throw new PublicError('not-found', 'No rules are installed under that name')
            return set
          },
        )
      },
    }),
  }))

  builder.queryFields((t) => ({
    rule_packs: t.field({
      type: ['RulePackSet'],
      description: 'Steps in which rules were installed; the first one is in force.',
      complexity: { field: 1, multiplier: 20 },
      resolve: (_root, _args, context) => deskOf(context).packs(),
    }),
    installed_rules: t.field({
      type: ['RuleText'],
      nullable: true,
      description: 'The files of installed rules that are in force; null where none are under that name.',
      args: { name: t.arg.string({ required: true }) },
      complexity: { field: 100, multiplier: 100 },
      resolve: async (_root, { name }, context) => (await deskOf(context).packFiles(name)) ?? null,
    }),
    explain_rule: t.field({
      type: 'JSON',
      nullable: true,
      description: "Which part of a rule's condition an event meets, and which not. null for correlations.",
      args: { rule_id: t.arg.id({ required: true }), event_id: t.arg.id({ required: true }) },
      complexity: 50,
      resolve: async (_root, args, context) => {
        const event = await context.events.get(args.event_id as EventId)
        if (!event) throw new PublicError('not-found', 'There is no such event')
        return (await deskOf(context).explain(args.rule_id, event)) ?? null
      },
    }),
    rules: t.field({
      type: ['RuleState'],
      description: 'Rules in force, in the order of loading. limit at most 1000.',
      args: {
        search: t.arg.string({ description: 'Text in title, id, file, author or techniques.' }),
        severity: t.arg({ type: 'Severity' }),
        order: t.arg.string({
          description: 'hits, cost or severity: the most first. Default: as they were loaded.',
        }),
        limit: t.arg.int({ defaultValue: 50 }),
        offset: t.arg.int({ defaultValue: 0 }),
      },
      complexity: costOfPage,
      resolve: (_root, args, context) => {
        const { limit, offset } = pageOf(args)
        const order = orderOf(args.order)
        const search = (args.search ?? '').slice(0, 1000).toLowerCase()
        const found = deskOf(context)
          .states()
          .filter(({ info }) => {
            if (args.severity && info.severity !== args.severity) return false
            const { title, id, file, author = '', techniques } = info
            const texts = [title, id, file, author, ...techniques.flatMap((one) => [one.id, one.name])]
            return search === '' || texts.some((text) => text.toLowerCase().includes(search))
          })
        return (order ? found.sort(order) : found).slice(offset, offset + limit)
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
    rule_summary: t.field({
      type: 'RuleSummary',
      resolve: async (_root, _args, context) => {
        const desk = deskOf(context)
        const states = desk.states()
        const now = context.services.clock.now()
        const exceptions = await desk.exceptions()
        return {
          rules: states.length,
          fired: states.filter(({ hits }) => hits > 0).length,
          disabled: states.filter(({ disabled }) => disabled).length,
          problems: desk.problems.length,
          exceptions: exceptions.filter(({ expiresAt = Infinity }) => expiresAt > now).length,
          since: desk.since,
        }
      },
    }),
    rule_problems: t.field({
      type: ['RuleProblem'],
      description: 'What keeps rules from loading; at most 1000.',
      complexity: { field: 1, multiplier: 20 },
      resolve: (_root, _args, context) => deskOf(context).problems.slice(0, 1000),
    }),
  }))
}

/** @throws {PublicError} `bad-input` */
function orderOf(order: string | null | undefined): ((a: RuleStatus, b: RuleStatus) => number) | undefined {
  switch (order) {
    case undefined:
    case null:
      return undefined
    case 'hits':
      return (a, b) => b.hits - a.hits || compareSeverity(b.info.severity, a.info.severity)
    case 'cost':
      return (a, b) => b.costMs - a.costMs
    case 'severity':
      return (a, b) => compareSeverity(b.info.severity, a.info.severity) || b.hits - a.hits
    default:
      throw new PublicError('bad-input', 'order: expected hits, cost or severity')
  }
}
