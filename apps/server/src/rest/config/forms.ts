import { ROLL_OUT_STAGES } from '@vedette/model'
import { z } from 'zod'
import type { AgentView, GroupPlan, GroupView, RollOutView } from '../../fleet/manager.ts'
import { iso, isoOrNull, moment, named, nextCursor, pageQuery } from '../forms.ts'
import type { Told } from '../rest-route.ts'

const labels = z.record(z.string(), z.string())
const settings = z
  .record(z.string().max(256), z.unknown())
  .meta({ description: 'Values by dotted path.', examples: [{ 'yara.on_write': false }] })

export const groupName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,63}$/)
  .meta({ examples: ['web'] })

export const rollOutSchema = named(
  'RollOut',
  z
    .object({
      id: z.string(),
      group: z.string(),
      from_revision: z.int(),
      to_revision: z.int(),
      state: z.enum(['running', 'done', 'stopped']),
      percent: z.int().meta({ description: 'Share of the group that it has come to.' }),
      agents: z.int(),
      good: z.int().nullable(),
      bad: z.int().nullable(),
      hold_seconds: z.number(),
      started_at: moment,
      started_by: z.string(),
      ended_at: moment.nullable(),
      reason: z.string().nullable(),
    })
    .meta({ description: 'A revision on its way to a group: to 1, 10 and 100 % of it.' }),
)

export const groupSchema = named(
  'ConfigGroup',
  z
    .object({
      name: z.string(),
      rank: z.int().meta({ description: 'The lower comes first.' }),
      members: z.array(z.string()).meta({ description: 'Agents that are named.' }),
      labels,
      hosts: z.array(z.string()).meta({ description: 'Host names; `*` stands for anything.' }),
      revision: z.int().meta({ description: 'What holds for it.' }),
      agents: z.int().meta({ description: 'How many are of it now.' }),
      roll_out: rollOutSchema.nullable(),
    })
    .meta({ description: 'Agents that are steered together.' }),
)

export const groupList = z.object({
  groups: z.array(groupSchema),
  settings: z
    .array(z.string())
    .meta({ description: 'What may be set on agents from here: these and all below them.' }),
})

export const groupWithRevisions = groupSchema.extend({
  revisions: z.array(
    z.object({
      number: z.int(),
      config: settings,
      content: z.string().nullable().meta({ description: 'SHA-256 of a bundle of rules.' }),
      agent_version: z.string().nullable(),
      made_at: moment,
      made_by: z.string(),
    }),
  ),
})

export const putSchema = z.strictObject({
  rank: z.int().min(0).max(10_000).optional(),
  members: z
    .array(z.string().max(255))
    .max(10_000)
    .optional()
    .meta({ description: 'Ids or host names of agents.' }),
  labels: z.record(z.string().max(63), z.string().max(100)).optional(),
  hosts: z.array(z.string().min(1).max(255)).max(200).optional(),
})

export const changeSchema = z.strictObject({
  set: settings.optional(),
  unset: z.array(z.string().max(256)).max(1000).optional(),
  content: z.int().min(0).optional().meta({ description: 'Version of a bundle of rules; 0 for none.' }),
  agent_version: z.string().max(64).optional().meta({ description: 'Empty for none.' }),
})

export const rollOutBody = changeSchema.extend({
  hold_seconds: z
    .int()
    .min(0)
    .max(604_800)
    .default(60)
    .meta({ description: 'How long a stage must be good before the next.' }),
})

export const planSchema = named(
  'ConfigPlan',
  z.object({
    group: z.string(),
    changes: z.array(
      z.object({ path: z.string(), before: z.unknown().optional(), after: z.unknown().optional() }),
    ),
    problems: z.array(z.string()).meta({ description: 'Why it cannot be done; empty where it can.' }),
    agents: z.array(z.string()).meta({ description: 'Host names, at most 100.' }),
    agent_count: z.int(),
    roll_out: rollOutSchema.nullable().meta({ description: 'null where it was only tried.' }),
  }),
)

export const agentSchema = named(
  'ConfiguredAgent',
  z.object({
    id: z.string(),
    hostname: z.string(),
    labels,
    group: z.string().nullable(),
    connected: z.boolean(),
    version: z.string().meta({ description: 'Of the program; empty before it told.' }),
    wanted_version: z.string().nullable(),
    upgrade: z.enum(['as_it_is', 'up_to_date', 'waiting_for_upgrade']),
    state: z.enum(['own', 'trial', 'in_force']).nullable().meta({ description: 'null before it told.' }),
    revision: z.int().nullable(),
    failed: z.string().nullable().meta({ description: 'Why it went back from what it was given last.' }),
    told_at: moment.nullable(),
    settings: z
      .array(z.object({ path: z.string(), value: z.unknown(), origin: z.string() }))
      .meta({ description: 'Every value that holds there, and where it comes from.' }),
  }),
)

export const agentQuery = z.strictObject(pageQuery)
export const agentPage = z.object({ agents: z.array(agentSchema), next_cursor: nextCursor })

export function toldRollOut({ rollOut, count }: RollOutView): z.output<typeof rollOutSchema> {
  return {
    id: rollOut.id,
    group: rollOut.group,
    from_revision: rollOut.from,
    to_revision: rollOut.to,
    state: rollOut.state,
    percent: ROLL_OUT_STAGES[rollOut.stage] ?? 100,
    agents: rollOut.agents.length,
    good: count?.good ?? null,
    bad: count?.bad ?? null,
    hold_seconds: rollOut.holdMs / 1000,
    started_at: iso(rollOut.startedAt),
    started_by: rollOut.startedBy,
    ended_at: isoOrNull(rollOut.endedAt),
    reason: rollOut.reason ?? null,
  }
}

export function toldGroup({ group, agents, rollOut }: GroupView): Told<z.output<typeof groupSchema>> {
  const { current, ...rest } = group
  return { ...rest, revision: current, agents, roll_out: rollOut ? toldRollOut(rollOut) : null }
}

export function toldPlan(plan: GroupPlan): Told<z.output<typeof planSchema>> {
  const { group, changes, problems, agents, agentCount, rollOut } = plan
  const told = rollOut ? toldRollOut(rollOut) : null
  return { group, changes, problems, agents, agent_count: agentCount, roll_out: told }
}

export function toldAgent(agent: AgentView): Told<z.output<typeof agentSchema>> {
  const { standing } = agent
  return {
    id: agent.id,
    hostname: agent.hostname,
    labels: agent.labels,
    group: agent.group ?? null,
    connected: agent.isHere,
    version: agent.version,
    wanted_version: agent.wantedVersion ?? null,
    upgrade: agent.upgrade,
    state: standing?.state ?? null,
    revision: standing?.revision ?? null,
    failed: standing?.failed?.reason ?? null,
    told_at: isoOrNull(agent.toldAt),
    settings: standing?.settings ?? [],
  }
}
