import type { AgentId, AlertId } from '@vedette/model'
import type { Resource } from '../builder.ts'
import { costOfPage, given, pageOf } from '../page.ts'
import { requestResponse } from './request.ts'

/** Responses: what was done on a host, would be done, or would have been done. */
export const responses: Resource = (builder) => {
  builder.objectType('AffectedProcess', {
    fields: (t) => ({
      uid: t.exposeID('uid'),
      pid: t.exposeInt('pid'),
      name: t.exposeString('name'),
      cmd_line: t.exposeString('cmdLine'),
      user: t.exposeString('user'),
      protected_because: t.exposeString('protectedBecause', { nullable: true }),
    }),
  })
  builder.objectType('Response', {
    fields: (t) => ({
      id: t.exposeID('id'),
      action: t.exposeString('action'),
      host: t.string({ resolve: ({ agent }, _args, { once }) => once.hostName(agent) }),
      host_id: t.exposeID('agent'),
      outcome: t.exposeString('outcome', {
        description:
          'preview, done, refused, failed or undone; would_have where a policy in dry run would have acted.',
      }),
      summary: t.exposeString('summary'),
      affected: t.field({ type: ['AffectedProcess'], resolve: ({ affected }) => [...affected] }),
      actor: t.exposeString('actor'),
      reason: t.exposeString('reason'),
      time: t.expose('time', { type: 'DateTime' }),
      lease_ends: t.expose('leaseEnds', {
        type: 'DateTime',
        nullable: true,
        description: 'When a freeze ends by itself.',
      }),
      undo: t.exposeString('undo', {
        nullable: true,
        description: 'The action that takes it back, or null.',
      }),
      alert_id: t.exposeID('alert', { nullable: true }),
    }),
  })

  const input = builder.inputType('ResponseInput', {
    fields: (t) => ({
      action: t.string({ required: true, description: 'freeze, thaw or kill.' }),
      host: t.id({ required: true }),
      pid: t.int({ required: true }),
      start_ticks: t.float({
        description:
          'Clock ticks since boot. Left out: the agent takes the process that has the pid now, and says which in the answer.',
      }),
      tree: t.boolean({ defaultValue: false, description: 'With its descendants.' }),
      lease_seconds: t.int({
        defaultValue: 600,
        description: 'For freeze: undone by itself after this long, 1 to 86400 s.',
      }),
      reason: t.string({ required: true }),
      alert_id: t.id(),
    }),
  })

  builder.queryFields((t) => ({
    responses: t.field({
      type: ['Response'],
      description: 'What was done or would have been done, newest first.',
      args: {
        limit: t.arg.int({ defaultValue: 50 }),
        offset: t.arg.int({ defaultValue: 0 }),
        host: t.arg.id(),
        alert_id: t.arg.id(),
      },
      complexity: costOfPage,
      resolve: (_root, args, { state }) =>
        state.responses.list(
          given({
            host: args.host as AgentId | null | undefined,
            alert: args.alert_id as AlertId | null | undefined,
          }),
          pageOf(args),
        ),
    }),
  }))

  builder.mutationFields((t) => ({
    previewResponse: t.field({
      type: 'Response',
      description: 'What an action would touch. Changes nothing.',
      args: { input: t.arg({ type: input, required: true }) },
      resolve: (_root, { input }, context) => requestResponse(context, input, false),
    }),
    executeResponse: t.field({
      type: 'Response',
      description: 'Does it: freeze, thaw or kill. With execute false the same as previewResponse.',
      args: {
        input: t.arg({ type: input, required: true }),
        execute: t.arg.boolean({ defaultValue: false }),
      },
      resolve: (_root, { input, execute }, context) => requestResponse(context, input, execute === true),
    }),
  }))
}
