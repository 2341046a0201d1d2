import { graphql } from '@vedette/client'
import { parse } from 'yaml'
import { CliError } from '../../cli-error.ts'
import type { Invocation } from '../../command.ts'
import { connect } from '../../connection.ts'
import { type ExitCode, exitCodes } from '../../exit-codes.ts'
import { ago } from '../../format/time.ts'
import { printJson, printLine, printTable, safe } from '../../print.ts'
import { pairs } from './pairs.ts'

const planGroup = graphql(`
  query PlanAgentGroup($name: String!, $set: JSON, $unset: [String!], $content: Int, $version: String) {
    plan_agent_group(name: $name, set: $set, unset: $unset, content: $content, agent_version: $version) {
      group
      changes {
        path
        before
        after
      }
      problems
      agents
      agent_count
    }
  }
`)

const rollOutGroup = graphql(`
  mutation RollOutAgentGroup(
    $name: String!
    $set: JSON
    $unset: [String!]
    $content: Int
    $version: String
    $hold: Int
  ) {
    rollOutAgentGroup(
      name: $name
      set: $set
      unset: $unset
      content: $content
      agent_version: $version
      hold_seconds: $hold
    ) {
      group
      agent_count
      roll_out {
        id
        from_revision
        to_revision
        state
      }
    }
  }
`)

const rollOuts = graphql(`
  query AgentRollOuts($name: String) {
    agent_roll_outs(name: $name) {
      id
      group
      from_revision
      to_revision
      state
      percent
      agents
      reached
      good
      bad
      waiting
      started_at
      started_by
      ended_at
      reason
    }
  }
`)

const stopRollOut = graphql(`
  mutation StopAgentRollOut($name: String!, $reason: String!) {
    stopAgentRollOut(name: $name, reason: $reason) {
      id
      to_revision
      state
      reason
    }
  }
`)

const revisions = graphql(`
  query AgentGroupRevisions($name: String!) {
    agent_group_revisions(name: $name) {
      number
      config
      made_at
      made_by
    }
  }
`)

const rollBackGroup = graphql(`
  mutation RollBackAgentGroup($name: String!, $revision: Int) {
    rollBackAgentGroup(name: $name, revision: $revision) {
      name
      revision
      agents
    }
  }
`)

interface ChangeOptions {
  readonly set?: readonly string[]
  readonly unset?: readonly string[]
  readonly content?: number
  readonly agentVersion?: string
}

export async function diff(invocation: Invocation, options: ChangeOptions, name: string): Promise<ExitCode> {
  using client = connect(invocation.paths)
  const { plan_agent_group: plan } = await client.query(planGroup, { name, ...changeOf(options) })
  if (invocation.json) printJson(invocation, plan)
  else {
    const { style } = invocation
    for (const { path, before, after } of plan.changes) {
      printLine(invocation, safe(path))
      if (before !== null) printLine(invocation, style.bad(`  - ${safe(JSON.stringify(before))}`))
      if (after !== null) printLine(invocation, style.good(`  + ${safe(JSON.stringify(after))}`))
    }
    if (plan.changes.length === 0) printLine(invocation, 'This changes nothing.')
    for (const problem of plan.problems) printLine(invocation, style.bad(safe(problem)))
    const more = plan.agent_count > plan.agents.length ? ', …' : ''
    printLine(
      invocation,
      `It would go to ${plan.agent_count} ${plan.agent_count === 1 ? 'agent' : 'agents'}: ${safe(plan.agents.join(', ') + more, 400)}`,
    )
  }
  return plan.problems.length > 0 ? exitCodes.usage : exitCodes.ok
}

export async function rollOut(
  invocation: Invocation,
  { hold, yes, ...options }: ChangeOptions & { readonly hold: number; readonly yes?: boolean },
  name: string,
): Promise<ExitCode> {
  if (yes !== true) {
    const code = await diff(invocation, options, name)
    if (!invocation.json) printLine(invocation, 'Nothing was done; with --yes it is.')
    return code
  }
  using client = connect(invocation.paths)
  const { rollOutAgentGroup: started } = await client.mutate(rollOutGroup, {
    name,
    ...changeOf(options),
    hold,
  })
  if (invocation.json) printJson(invocation, started)
  else {
    printLine(
      invocation,
      `Revision ${started.roll_out?.to_revision} is on its way to ${started.agent_count} agents of ${safe(name)}: see 'vedette fleet roll-outs'.`,
    )
  }
  return exitCodes.ok
}

export async function list(
  invocation: Invocation,
  _options: object,
  name: string | undefined,
): Promise<void> {
  using client = connect(invocation.paths)
  const { agent_roll_outs: found } = await client.query(rollOuts, { name: name ?? null })
  if (invocation.json) return printJson(invocation, found)
  if (found.length === 0) return printLine(invocation, 'Nothing was rolled out.')
  const { style, clock } = invocation
  printTable(
    invocation,
    [
      { title: 'GROUP' },
      { title: 'REVISION' },
      { title: 'STATE' },
      { title: 'REACHED' },
      { title: 'STARTED' },
      { title: 'NOTE', flexible: true },
    ],
    found.map((one) => [
      safe(one.group, 64),
      `${one.from_revision} -> ${one.to_revision}`,
      one.state === 'done'
        ? style.good(one.state)
        : one.state === 'stopped'
          ? style.bad(one.state)
          : one.state,
      `${one.percent} %`,
      `${ago(Date.parse(one.started_at), clock.now())} by ${safe(one.started_by, 64)}`,
      one.state === 'running'
        ? `${one.good ?? 0} good, ${one.bad ?? 0} bad, ${one.waiting ?? 0} have still to say`
        : safe(one.reason ?? '', 500),
    ]),
  )
}

export async function stop(
  invocation: Invocation,
  { reason }: { readonly reason: string },
  name: string,
): Promise<void> {
  using client = connect(invocation.paths)
  const { stopAgentRollOut: stopped } = await client.mutate(stopRollOut, { name, reason })
  if (invocation.json) return printJson(invocation, stopped)
  printLine(
    invocation,
    `Stopped; who has revision ${stopped.to_revision} of ${safe(name)} gets back the one before.`,
  )
}

export async function rollBack(
  invocation: Invocation,
  { to, yes }: { readonly to?: number; readonly yes?: boolean },
  name: string,
): Promise<void> {
  using client = connect(invocation.paths)
  if (yes !== true) {
    const { agent_group_revisions: found } = await client.query(revisions, { name })
    if (invocation.json) return printJson(invocation, { done: false, revisions: found })
    for (const { number, config, made_at: madeAt, made_by: by } of found) {
      printLine(invocation, `${number}  ${madeAt}  ${safe(by, 64)}  ${safe(JSON.stringify(config), 200)}`)
    }
    return printLine(invocation, 'Nothing was done; with --yes it is.')
  }
  const { rollBackAgentGroup: group } = await client.mutate(rollBackGroup, { name, revision: to ?? null })
  if (invocation.json) return printJson(invocation, group)
  printLine(
    invocation,
    `${safe(group.name)} has revision ${group.revision} now, ${group.agents} agents with it.`,
  )
}

function changeOf({ set = [], unset, content, agentVersion }: ChangeOptions) {
  return {
    set: Object.fromEntries(pairs(set).map(([key, text]) => [key, valueOf(key, text)])),
    unset: unset === undefined ? null : [...unset],
    content: content ?? null,
    version: agentVersion ?? null,
  }
}

/** As it would stand in a configuration file. */
function valueOf(key: string, text: string): unknown {
  try {
    return parse(text) as unknown
  } catch {
    throw new CliError('usage', exitCodes.usage, `--set ${safe(key, 100)}: the value is no YAML`)
  }
}
