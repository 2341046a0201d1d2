import type { ExceptionRequest } from '@vedette/manager/workshop'
import type { Alert, AlertId } from '@vedette/model'
import { PublicError } from '../../access/public-error.ts'
import type { Resource } from '../builder.ts'
import type { Context } from '../context.ts'
import { boundedText } from '../page.ts'
import { deskOf, told } from './desk.ts'

const MOST_FIELDS = 20

/** Exceptions from rules: Sigma filters that people answer for. */
export const exceptions: Resource = (builder) => {
  builder.objectType('ExceptionField', {
    fields: (t) => ({
      name: t.exposeString('name', {
        description: "In the words of the rule's log source, or a path of the Event.",
      }),
      value: t.exposeString('value', { description: 'A value of Sigma: * and ? are wildcards.' }),
    }),
  })
  builder.objectType('RuleException', {
    fields: (t) => ({
      id: t.exposeID('id'),
      rule_id: t.id({ resolve: ({ rules }) => rules[0] ?? '' }),
      rule_title: t.exposeString('ruleTitle'),
      alert_id: t.exposeID('alert', { nullable: true }),
      fields: t.field({ type: ['ExceptionField'], complexity: 1, resolve: ({ fields }) => [...fields] }),
      filter: t.exposeString('filter', { description: 'As YAML, for any engine that knows Sigma.' }),
      owner: t.exposeString('owner'),
      reason: t.exposeString('reason'),
      actor: t.exposeString('actor', { description: 'Who made it.' }),
      added_at: t.expose('addedAt', { type: 'DateTime' }),
      expires_at: t.expose('expiresAt', { type: 'DateTime', nullable: true }),
      in_force: t.boolean({
        resolve: ({ expiresAt = Infinity }, _args, { services }) => expiresAt > services.clock.now(),
      }),
      hits: t.float({
        description: 'Events that it kept its rule silent about.',
        resolve: ({ hits }) => hits.count,
      }),
      last_hit: t.field({ type: 'DateTime', nullable: true, resolve: ({ hits }) => hits.last }),
    }),
  })
  builder.objectType('ExceptionChoice', {
    fields: (t) => ({
      name: t.exposeString('name'),
      value: t.exposeString('value', { description: 'What an exception would ask for.' }),
      seen: t.exposeString('seen', { description: 'What the event of the alert has.' }),
      chosen: t.exposeBoolean('chosen'),
    }),
  })
  builder.objectType('HiddenAlert', {
    fields: (t) => ({
      id: t.exposeID('id'),
      title: t.exposeString('title'),
      time: t.expose('time', { type: 'DateTime' }),
      host: t.exposeString('host'),
      status: t.expose('status', { type: 'AlertStatus' }),
      verdict: t.expose('verdict', { type: 'Verdict', nullable: true }),
      count: t.exposeInt('count'),
    }),
  })
  builder.objectType('ExceptionEffect', {
    fields: (t) => ({
      alerts: t.exposeInt('alerts', { description: 'Alerts of the rule that were looked at.' }),
      since: t.expose('since', { type: 'DateTime', nullable: true }),
      cut: t.exposeBoolean('cut', { description: 'There are older ones that were not looked at.' }),
      hidden: t.exposeInt('hidden'),
      true_positives: t.exposeInt('truePositives'),
      acknowledged: t.exposeInt('acknowledged'),
      open: t.exposeInt('open'),
      false_positives: t.exposeInt('falsePositives'),
      benign: t.exposeInt('benign'),
      unjudged: t.exposeInt('unjudged', { description: 'Resolved without a verdict.' }),
      partly: t.exposeInt('partly', { description: 'Of counting rules: some of their events are hidden.' }),
      examples: t.field({
        type: ['HiddenAlert'],
        description: 'True positives first.',
        complexity: { field: 1, multiplier: 50 },
        resolve: ({ examples }) => [...examples],
      }),
    }),
  })
  builder.objectType('ExceptionPreview', {
    fields: (t) => ({
      rule: t.expose('rule', { type: 'Rule' }),
      filtered_id: t.id({ resolve: ({ filtered }) => filtered.id }),
      filtered_title: t.string({
        description: 'The rule that the exception is for: another one where the alert is of a correlation.',
        resolve: ({ filtered }) => filtered.title,
      }),
      fields: t.field({ type: ['ExceptionChoice'], complexity: 1, resolve: ({ fields }) => [...fields] }),
      filter: t.exposeString('filter'),
      effect: t.expose('effect', { type: 'ExceptionEffect' }),
    }),
  })
  builder.objectType('ExceptionMade', {
    fields: (t) => ({
      exception: t.expose('exception', { type: 'RuleException' }),
      effect: t.expose('effect', { type: 'ExceptionEffect' }),
    }),
  })

  builder.queryFields((t) => ({
    exceptions: t.field({
      type: ['RuleException'],
      description: 'Exceptions from rules, newest first; those that are over too.',
      complexity: { field: 1, multiplier: 50 },
      resolve: (_root, _args, context) => deskOf(context).exceptions(),
    }),
    exception_preview: t.field({
      type: 'ExceptionPreview',
      description: "What an exception from an alert's rule would be, and what it would have hidden.",
      args: {
        alert_id: t.arg.id({ required: true }),
        fields: t.arg.stringList({ description: 'Image, process.path or CommandLine=*--backup*.' }),
        owner: t.arg.string(),
        reason: t.arg.string(),
        expires_at: t.arg({ type: 'DateTime' }),
      },
      complexity: 2000,
      resolve: async (_root, args, context) => {
        const alert = await alertOf(context, args.alert_id)
        const request = readRequest({ ...args, reason: args.reason ?? '(no reason yet)' }, context)
        return told(() => deskOf(context).previewException(alert, request))
      },
    }),
  }))

  builder.mutationFields((t) => ({
    createException: t.field({
      type: 'ExceptionMade',
      description:
        'In force when this answers. Refused where it would have hidden a true positive, but with force.',
      args: {
        alert_id: t.arg.id({ required: true }),
        fields: t.arg.stringList(),
        owner: t.arg.string({ description: 'Who answers for it; by default who asks.' }),
        reason: t.arg.string({ required: true }),
        expires_at: t.arg({ type: 'DateTime', description: 'Left out: it does not end by itself.' }),
        force: t.arg.boolean({ defaultValue: false }),
      },
      complexity: 2000,
      resolve: async (_root, args, context) => {
        const { services, viewer } = context
        const desk = deskOf(context)
        const alert = await alertOf(context, args.alert_id)
        const request = readRequest(args, context)
        const force = args.force ?? false
        const { fields = [], owner, reason, expiresAt } = request
        const act = {
          actor: viewer.name,
          action: 'rules.except',
          target: `rule ${alert.rule.id}`,
          detail: {
            alert: alert.id,
            rule: alert.rule.title,
            fields,
            owner,
            reason,
            expires_at: expiresAt ?? null,
            force,
          },
        }
        return services.audited.act(act, () =>
          told(() => desk.addException(alert, request, viewer.name, force)),
        )
      },
    }),
    removeException: t.field({
      type: 'RuleException',
      description: 'Its rule judges again when this answers.',
      args: { id: t.arg.id({ required: true }) },
      resolve(_root, { id }, context) {
        const { services, viewer } = context
        const desk = deskOf(context)
        const target = `exception ${id.slice(0, 200)}`
        const act = { actor: viewer.name, action: 'rules.exception.remove', target, detail: {} }
        return services.audited.act(act, async () => {
          const gone = await desk.removeException(id)
          if (!gone) throw new PublicError('not-found', 'There is no such exception')
          return gone
        })
      },
    }),
  }))
}

async function alertOf({ state }: Context, id: string): Promise<Alert> {
  const alert = await state.alerts.get(id as AlertId)
  if (!alert) throw new PublicError('not-found', 'There is no such alert')
  return alert
}

function readRequest(
  args: {
    readonly fields?: readonly string[] | null | undefined
    readonly owner?: string | null | undefined
    readonly reason: string
    readonly expires_at?: number | null | undefined
  },
  { viewer, services }: Context,
): ExceptionRequest {
  const fields = (args.fields ?? []).map((field) => boundedText('fields', field, 2000))
  if (fields.length > MOST_FIELDS) throw new PublicError('bad-input', `fields: more than ${MOST_FIELDS}`)
  const expiresAt = args.expires_at ?? undefined
  if (expiresAt !== undefined && expiresAt <= services.clock.now()) {
    throw new PublicError('bad-input', 'expires_at: expected a time to come')
  }
  return {
    ...(fields.length > 0 && { fields }),
    owner: args.owner ? boundedText('owner', args.owner, 200) : viewer.name,
    reason: boundedText('reason', args.reason, 2000),
    ...(expiresAt !== undefined && { expiresAt }),
  }
}
