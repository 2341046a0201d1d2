import { graphql } from '@vedette/client'
import { CliError } from '../../cli-error.ts'
import type { Invocation } from '../../command.ts'
import { connect } from '../../connection.ts'
import { exitCodes } from '../../exit-codes.ts'
import { printJson, printLine, printTable, safe } from '../../print.ts'
import { findAgent } from './find-agent.ts'
import { pairs } from './pairs.ts'

const agentGroups = graphql(`
  query AgentGroups {
    agent_groups {
      name
      rank
      members
      labels
      hosts
      revision
      agents
      roll_out {
        to_revision
        percent
        good
        bad
        waiting
      }
    }
  }
`)

const putGroup = graphql(`
  mutation PutAgentGroup($name: String!, $rank: Int, $members: [String!], $labels: JSON, $hosts: [String!]) {
    putAgentGroup(name: $name, rank: $rank, members: $members, labels: $labels, hosts: $hosts) {
      name
      rank
      members
      labels
      hosts
      revision
      agents
    }
  }
`)

const removeGroup = graphql(`
  mutation RemoveAgentGroup($name: String!) {
    removeAgentGroup(name: $name)
  }
`)

const labelAgent = graphql(`
  mutation LabelAgent($id: ID!, $labels: JSON!) {
    labelAgent(id: $id, labels: $labels) {
      id
      hostname
      labels
      group
    }
  }
`)

interface GroupOptions {
  readonly rank?: number
  readonly host?: readonly string[]
  readonly label?: readonly string[]
  readonly member?: readonly string[]
  readonly remove?: boolean
}

export async function list(invocation: Invocation): Promise<void> {
  using client = connect(invocation.paths)
  const { agent_groups: groups } = await client.query(agentGroups)
  if (invocation.json) return printJson(invocation, groups)
  if (groups.length === 0) {
    return printLine(invocation, 'No groups; \'vedette fleet group NAME --host "web-*"\' makes one.')
  }
  printTable(
    invocation,
    [
      { title: 'GROUP' },
      { title: 'RANK', align: 'right' },
      { title: 'AGENTS', align: 'right' },
      { title: 'REVISION', align: 'right' },
      { title: 'UNDER WAY' },
      { title: 'WHO', flexible: true },
    ],
    groups.map(({ name, rank, agents, revision, roll_out: under, members, labels, hosts }) => [
      safe(name, 64),
      String(rank),
      String(agents),
      String(revision),
      under === null ? '' : `revision ${under.to_revision}, ${under.percent} %, ${under.good ?? 0} good`,
      safe(
        [
          ...Object.entries(labels as object).map(([key, value]) => `${key}=${value}`),
          ...hosts,
          ...(members.length > 0 ? [`${members.length} named`] : []),
        ].join(' '),
      ),
    ]),
  )
}

export async function change(
  invocation: Invocation,
  { rank, host, label: labels, member, remove }: GroupOptions,
  name: string,
): Promise<void> {
  using client = connect(invocation.paths)
  if (remove === true) {
    if (rank !== undefined || host || labels || member) {
      throw new CliError('usage', exitCodes.usage, '--remove stands alone')
    }
    await client.mutate(removeGroup, { name })
    if (invocation.json) return printJson(invocation, { removed: name })
    return printLine(invocation, `The group ${safe(name)} is no more.`)
  }
  const { putAgentGroup: group } = await client.mutate(putGroup, {
    name,
    ...(rank !== undefined && { rank }),
    ...(host && { hosts: [...host] }),
    ...(labels && { labels: Object.fromEntries(pairs(labels)) }),
    ...(member && { members: [...member] }),
  })
  if (invocation.json) return printJson(invocation, group)
  const agents = group.agents === 1 ? 'one agent is' : `${group.agents} agents are`
  printLine(invocation, `${safe(group.name)}: ${agents} of it now, with revision ${group.revision}.`)
}

export async function label(
  invocation: Invocation,
  _options: object,
  agent: string,
  labels: readonly string[],
): Promise<void> {
  using client = connect(invocation.paths)
  const { id } = await findAgent(client, agent)
  const { labelAgent: labelled } = await client.mutate(labelAgent, {
    id,
    labels: Object.fromEntries(pairs(labels)),
  })
  if (invocation.json) return printJson(invocation, labelled)
  const all = Object.entries(labelled.labels as object).map(([key, value]) => `${key}=${value}`)
  printLine(
    invocation,
    `${safe(labelled.hostname)}: ${all.length === 0 ? 'no labels' : safe(all.join(' '))}; ` +
      (labelled.group === null ? 'of no group' : `of the group ${safe(labelled.group)}`),
  )
}
