import type { Resource } from '../builder.ts'

/** What an alert is made of. */
export const alertParts: Resource = (builder) => {
  builder.objectType('Technique', {
    fields: (t) => ({
      id: t.exposeID('id'),
      name: t.exposeString('name'),
      tactics: t.stringList({ complexity: 1, resolve: ({ tactics }) => [...tactics] }),
    }),
  })
  builder.objectType('Rule', {
    fields: (t) => ({
      id: t.exposeID('id'),
      title: t.exposeString('title'),
      type: t.exposeString('type'),
      severity: t.expose('severity', { type: 'Severity' }),
      explanation: t.exposeString('explanation'),
      false_positives: t.stringList({ complexity: 1, resolve: ({ falsePositives }) => [...falsePositives] }),
      risk_points: t.exposeInt('riskPoints'),
      file: t.exposeString('file'),
    }),
  })
  builder.objectType('Process', {
    fields: (t) => ({
      uid: t.exposeID('uid'),
      pid: t.exposeInt('pid'),
      name: t.exposeString('name'),
      path: t.exposeString('path', { nullable: true }),
      cmd_line: t.exposeString('cmd_line', { nullable: true }),
      user: t.string({ nullable: true, resolve: ({ user }) => user?.name ?? user?.uid ?? null }),
      created: t.field({
        type: 'DateTime',
        nullable: true,
        resolve: ({ created_time: created }) => created ?? null,
      }),
    }),
  })
  builder.objectType('Match', {
    fields: (t) => ({
      event_id: t.exposeID('event'),
      field: t.exposeString('field', { description: 'Path in the Event, such as process.cmd_line.' }),
      value: t.exposeString('value'),
      start: t.exposeInt('start', {
        nullable: true,
        description: 'Place of the matched part in value, in UTF-16 units; null where all of it matched.',
      }),
      length: t.exposeInt('length', { nullable: true }),
    }),
  })
  builder.objectType('RiskEntry', {
    fields: (t) => ({
      time: t.expose('time', { type: 'DateTime' }),
      points: t.exposeInt('points'),
      reason: t.exposeString('reason'),
      alert_id: t.exposeID('alert'),
    }),
  })
  builder.objectType('Mark', {
    fields: (t) => ({ start: t.exposeInt('start'), length: t.exposeInt('length') }),
  })
  builder.objectType('TreeNode', {
    fields: (t) => ({
      kind: t.exposeString('kind', { description: 'process, network or file.' }),
      depth: t.exposeInt('depth'),
      time: t.expose('time', { type: 'DateTime', nullable: true }),
      process: t.expose('process', {
        type: 'Process',
        description: 'Of the process, or of the one that acted.',
      }),
      text: t.exposeString('text', {
        nullable: true,
        description: 'For network and file: what happened, in words.',
      }),
      is_subject: t.exposeBoolean('isSubject', {
        description: 'True for the process that the alert is about.',
      }),
      marks: t.field({
        type: ['Mark'],
        description: 'Parts of cmd_line (or of text) that the rule matched.',
        complexity: 1,
        resolve: ({ marks }) => [...marks],
      }),
      alert_id: t.exposeID('alert', { nullable: true }),
      event_id: t.exposeID('event', { nullable: true }),
      ended: t.exposeBoolean('ended'),
    }),
  })
}
