import { centralSettings } from '@vedette/manager/fleet'
import { ROLL_OUT_STAGES } from '@vedette/model'
import {
  type GroupChange,
  labelAgent,
  listAgents,
  listContents,
  listGroups,
  listRevisions,
  listRollOuts,
  planGroup,
  publishContent,
  putGroup,
  removeGroup,
  rollBackGroup,
  rollOutGroup,
  stopRollOut,
} from '../../fleet/manager.ts'
import type { Resource } from '../builder.ts'
import { boundedText } from '../page.ts'

const MANY = { field: 5, multiplier: 100 }

/** Groups of agents, what they are given and what became of it. */
export const fleet: Resource = (builder) => {
  builder.objectType('AgentGroup', {
    description:
      'Agents that are steered together. An agent is of the one that names it, else of the first that it fits.',
    fields: (t) => ({
      name: t.string({ resolve: ({ group }) => group.name }),
      rank: t.int({ description: 'The lower comes first.', resolve: ({ group }) => group.rank }),
      members: t.idList({
        description: 'Agents that are named.',
        resolve: ({ group }) => [...group.members],
      }),
      labels: t.field({ type: 'JSON', resolve: ({ group }) => group.labels }),
      hosts: t.stringList({
        description: 'Host names; `*` stands for anything.',
        resolve: ({ group }) => [...group.hosts],
      }),
      revision: t.int({ description: 'What holds for it.', resolve: ({ group }) => group.current }),
      agents: t.exposeInt('agents', { description: 'How many are of it now.' }),
      roll_out: t.field({
        type: 'AgentRollOut',
        nullable: true,
        resolve: ({ rollOut }) => rollOut ?? null,
      }),
    }),
  })
  builder.objectType('AgentGroupRevision', {
    fields: (t) => ({
      number: t.exposeInt('number'),
      config: t.expose('config', { type: 'JSON' }),
      content: t.string({ nullable: true, resolve: ({ content }) => content ?? null }),
      agent_version: t.string({ nullable: true, resolve: ({ agentVersion }) => agentVersion ?? null }),
      made_at: t.expose('madeAt', { type: 'DateTime' }),
      made_by: t.exposeString('madeBy'),
    }),
  })
  builder.objectType('AgentRollOut', {
    description: 'A revision on its way to a group.',
    fields: (t) => ({
      id: t.id({ resolve: ({ rollOut }) => rollOut.id }),
      group: t.string({ resolve: ({ rollOut }) => rollOut.group }),
      from_revision: t.int({ resolve: ({ rollOut }) => rollOut.from }),
      to_revision: t.int({ resolve: ({ rollOut }) => rollOut.to }),
      state: t.string({ description: 'running, done or stopped.', resolve: ({ rollOut }) => rollOut.state }),
      percent: t.int({
        description: 'Share of the group that it has come to.',
        resolve: ({ rollOut }) => ROLL_OUT_STAGES[rollOut.stage] ?? 100,
      }),
      agents: t.int({ resolve: ({ rollOut }) => rollOut.agents.length }),
      reached: t.int({ nullable: true, resolve: ({ count }) => count?.reached ?? null }),
      good: t.int({ nullable: true, resolve: ({ count }) => count?.good ?? null }),
      bad: t.int({ nullable: true, resolve: ({ count }) => count?.bad ?? null }),
      waiting: t.int({ nullable: true, resolve: ({ count }) => count?.waiting ?? null }),
      hold_seconds: t.float({ resolve: ({ rollOut }) => rollOut.holdMs / 1000 }),
      started_at: t.field({ type: 'DateTime', resolve: ({ rollOut }) => rollOut.startedAt }),
      started_by: t.string({ resolve: ({ rollOut }) => rollOut.startedBy }),
      ended_at: t.field({
        type: 'DateTime',
        nullable: true,
        resolve: ({ rollOut }) => rollOut.endedAt ?? null,
      }),
      reason: t.string({ nullable: true, resolve: ({ rollOut }) => rollOut.reason ?? null }),
    }),
  })
  builder.objectType('SettingChange', {
    fields: (t) => ({
      path: t.exposeString('path'),
      before: t.field({ type: 'JSON', nullable: true, resolve: ({ before }) => before ?? null }),
      after: t.field({ type: 'JSON', nullable: true, resolve: ({ after }) => after ?? null }),
    }),
  })
  builder.objectType('AgentGroupPlan', {
    description: 'What a change of a group would do.',
    fields: (t) => ({
      group: t.exposeString('group'),
      changes: t.field({ type: ['SettingChange'], resolve: ({ changes }) => [...changes] }),
      problems: t.stringList({
        description: 'Why it cannot be done; empty where it can.',
        resolve: ({ problems }) => [...problems],
      }),
      agents: t.stringList({
        description: 'Host names, at most 100.',
        resolve: ({ agents }) => [...agents],
      }),
      agent_count: t.exposeInt('agentCount'),
      roll_out: t.field({
        type: 'AgentRollOut',
        nullable: true,
        description: 'Null in a dry run.',
        resolve: ({ rollOut }) => rollOut ?? null,
      }),
    }),
  })
  builder.objectType('AgentContent', {
    description: 'YARA rules that a tenant published for its agents.',
    fields: (t) => ({
      version: t.exposeInt('version'),
      sha256: t.exposeString('sha256'),
      size_bytes: t.exposeInt('sizeBytes'),
      files: t.stringList({ resolve: ({ files }) => [...files] }),
      made_at: t.expose('madeAt', { type: 'DateTime' }),
      made_by: t.exposeString('madeBy'),
    }),
  })
  builder.objectType('SteeredAgent', {
    description: 'An agent: what it is, what is wanted of it, and what holds on it.',
    fields: (t) => ({
      id: t.exposeID('id'),
      hostname: t.exposeString('hostname'),
      labels: t.expose('labels', { type: 'JSON' }),
      group: t.string({ nullable: true, resolve: ({ group }) => group ?? null }),
      connected: t.exposeBoolean('isHere'),
      version: t.exposeString('version', { description: 'Of the program; empty before it told.' }),
      wanted_version: t.string({ nullable: true, resolve: ({ wantedVersion }) => wantedVersion ?? null }),
      upgrade: t.exposeString('upgrade', {
        description: 'as_it_is (no version is wanted), up_to_date or waiting_for_upgrade.',
      }),
      standing: t.field({
        type: 'JSON',
        nullable: true,
        description:
          'As the agent told last: state (own, trial, in_force), revision, content, what failed or was refused, and every value that holds with where it comes from.',
        resolve: ({ standing }) => standing ?? null,
      }),
      told_at: t.field({ type: 'DateTime', nullable: true, resolve: ({ toldAt }) => toldAt ?? null }),
    }),
  })

  builder.queryFields((t) => ({
    agent_groups: t.field({
      type: ['AgentGroup'],
      description: 'By rank, then by name.',
      complexity: MANY,
      resolve: (_root, _args, context) => listGroups(context),
    }),
    agent_group_revisions: t.field({
      type: ['AgentGroupRevision'],
      description: 'Newest first, at most 100.',
      args: { name: t.arg.string({ required: true }) },
      complexity: MANY,
      resolve: (_root, { name }, context) => listRevisions(context, name),
    }),
    agent_roll_outs: t.field({
      type: ['AgentRollOut'],
      description: 'Newest first, at most 100.',
      args: { name: t.arg.string() },
      complexity: MANY,
      resolve: (_root, { name }, context) => listRollOuts(context, name),
    }),
    agent_contents: t.field({
      type: ['AgentContent'],
      description: 'Newest first, at most 100.',
      complexity: MANY,
      resolve: (_root, _args, context) => listContents(context),
    }),
    steered_agents: t.field({
      type: ['SteeredAgent'],
      description: 'Agents that were enrolled, by host name.',
      complexity: MANY,
      resolve: (_root, _args, context) => listAgents(context),
    }),
    central_settings: t.stringList({
      description: 'What may be set on agents from here: these and all below them.',
      resolve: () => [...centralSettings],
    }),
    plan_agent_group: t.field({
      type: 'AgentGroupPlan',
      description: 'What rollOutAgentGroup would do. Nothing is done.',
      args: {
        name: t.arg.string({ required: true }),
        set: t.arg({ type: 'JSON' }),
        unset: t.arg.stringList(),
        content: t.arg.int(),
        agent_version: t.arg.string(),
      },
      resolve: (_root, args, context) => planGroup(context, args.name, changeOf(args)),
    }),
  }))

  builder.mutationFields((t) => {
    const name = t.arg.string({ required: true })
    return {
      putAgentGroup: t.field({
        type: 'AgentGroup',
        description: 'Adds a group, or changes who is in it; what is left out stays.',
        args: {
          name,
          rank: t.arg.int(),
          members: t.arg.stringList({ description: 'Ids or host names of agents.' }),
          labels: t.arg({ type: 'JSON' }),
          hosts: t.arg.stringList(),
        },
        resolve: (_root, args, context) => putGroup(context, args),
      }),
      removeAgentGroup: t.field({
        type: 'Boolean',
        description: 'Its agents come to the next group that they fit, or decide for themselves again.',
        args: { name },
        resolve: async (_root, args, context) => {
          await removeGroup(context, args.name)
          return true
        },
      }),
      labelAgent: t.field({
        type: 'SteeredAgent',
        args: {
          id: t.arg.id({ required: true }),
          labels: t.arg({ type: 'JSON', required: true, description: 'An empty value takes one away.' }),
        },
        resolve: (_root, { id, labels }, context) => labelAgent(context, id, labels),
      }),
      rollOutAgentGroup: t.field({
        type: 'AgentGroupPlan',
        description:
          'Gives a group other settings, content or another wanted version: to 1, 10 and 100 % of it, each once the one before was good for hold_seconds. Stops by itself, and takes back what it did, when more than 1 % are bad.',
        args: {
          name,
          set: t.arg({ type: 'JSON', description: 'Values by dotted path.' }),
          unset: t.arg.stringList(),
          content: t.arg.int({ description: 'Version; 0 for none.' }),
          agent_version: t.arg.string({ description: 'Empty for none.' }),
          hold_seconds: t.arg.int({ description: '60 by default.' }),
        },
        resolve: (_root, args, context) =>
          rollOutGroup(context, args.name, changeOf(args), args.hold_seconds ?? 60),
      }),
      stopAgentRollOut: t.field({
        type: 'AgentRollOut',
        args: { name, reason: t.arg.string({ required: true }) },
        resolve: (_root, args, context) =>
          stopRollOut(context, args.name, boundedText('reason', args.reason, 1000)),
      }),
      rollBackAgentGroup: t.field({
        type: 'AgentGroup',
        description: 'At once, to all of the group: what an earlier revision had; the one before by default.',
        args: { name, revision: t.arg.int() },
        resolve: (_root, args, context) => rollBackGroup(context, args.name, args.revision),
      }),
      publishAgentContent: t.field({
        type: 'AgentContent',
        description: 'Keeps a bundle of YARA rules. No agent gets it before it is rolled out.',
        args: {
          bundle: t.arg.string({ required: true, description: 'Packed, Base64.' }),
          sha256: t.arg.string({ required: true }),
          indicators: t.arg.boolean({
            description: 'Also a rule for each indicator that names a file by its SHA-256.',
          }),
        },
        resolve: (_root, { bundle, sha256, indicators }, context) =>
          publishContent(context, { bundle, sha256 }, indicators ?? false),
      }),
    }
  })
}

function changeOf({
  set,
  unset,
  content,
  agent_version: agentVersion,
}: {
  readonly set?: unknown
  readonly unset?: string[] | null | undefined
  readonly content?: number | null | undefined
  readonly agent_version?: string | null | undefined
}): GroupChange {
  return { set, unset, content, agentVersion }
}
