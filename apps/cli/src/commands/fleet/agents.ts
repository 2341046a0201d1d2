import { graphql } from '@vedette/client'
import type { Invocation } from '../../command.ts'
import { connect } from '../../connection.ts'
import { settingLines } from '../../format/settings.ts'
import { printJson, printLine, printTable, safe } from '../../print.ts'
import { fetchAgents, findAgent } from './find-agent.ts'

const centralSettings = graphql(`
  query CentralSettings {
    central_settings
  }
`)

/** As agents tell it. */
interface Standing {
  readonly state: string
  readonly group?: string
  readonly revision?: number
  readonly content?: { readonly version: number; readonly rules: number }
  readonly failed?: { readonly reason: string }
  readonly refused?: { readonly reason: string; readonly count: number }
  readonly isStale: boolean
  readonly settings: readonly { readonly path: string; readonly value: unknown; readonly origin: string }[]
}

export async function config(
  invocation: Invocation,
  { assigned }: { readonly assigned?: boolean },
  text: string,
): Promise<void> {
  using client = connect(invocation.paths)
  const agent = await findAgent(client, text)
  const standing = agent.standing as Standing | null
  const settings = (standing?.settings ?? []).filter(
    ({ origin }) => assigned !== true || origin.startsWith('group '),
  )
  if (invocation.json)
    return printJson(invocation, { ...agent, standing: standing && { ...standing, settings } })
  const { style, terminal } = invocation
  printLine(invocation, style.bold(safe(agent.hostname, 255)))
  if (standing === null) return printLine(invocation, '  It has not told yet what holds on it.')
  const field = (name: string, value: string) =>
    printLine(invocation, `  ${style.dim(name.padEnd(10))} ${value}`)
  field(
    'group',
    agent.group === null
      ? 'none'
      : `${safe(agent.group)}${standing.state === 'own' ? '' : `, revision ${standing.revision}`}`,
  )
  field('state', `${standing.state.replace('_', ' ')}${standing.isStale ? style.bad(', stale') : ''}`)
  if (standing.content)
    field('content', `version ${standing.content.version}, ${standing.content.rules} rules in all`)
  if (standing.failed) field('taken back', style.bad(safe(standing.failed.reason)))
  if (standing.refused)
    field('refused', style.bad(`${safe(standing.refused.reason)} (${standing.refused.count})`))
  const lines = settingLines(
    settings.map(({ path, value, origin }) => ({ key: safe(path), value, from: `(${safe(origin)})` })),
    Math.max(40, terminal.columns),
    safe,
    style.dim,
  )
  for (const line of lines) printLine(invocation, line)
}

export async function settings(invocation: Invocation): Promise<void> {
  using client = connect(invocation.paths)
  const { central_settings: paths } = await client.query(centralSettings)
  if (invocation.json) return printJson(invocation, paths)
  for (const path of paths) printLine(invocation, path)
}

const states: Readonly<Record<string, string>> = {
  as_it_is: 'as it is',
  up_to_date: 'up to date',
  waiting_for_upgrade: 'waiting for upgrade',
}

export async function versions(invocation: Invocation): Promise<void> {
  using client = connect(invocation.paths)
  const agents = await fetchAgents(client)
  const rows = agents.map(({ standing: _standing, labels: _labels, ...agent }) => agent)
  if (invocation.json) return printJson(invocation, rows)
  if (rows.length === 0) return printLine(invocation, 'No agents were enrolled.')
  const { style } = invocation
  printTable(
    invocation,
    [
      { title: 'VERSION' },
      { title: 'WANTED' },
      { title: 'STATE' },
      { title: 'GROUP' },
      { title: 'HOST', flexible: true },
    ],
    rows.map(({ version, wanted_version: wanted, upgrade, group, hostname, connected }) => {
      const state = `${states[upgrade] ?? safe(upgrade)}${connected ? '' : ', away'}`
      return [
        version === '' ? 'unknown' : safe(version, 64),
        safe(wanted ?? '', 64),
        upgrade === 'up_to_date' ? style.good(state) : upgrade === 'as_it_is' ? state : style.warn(state),
        safe(group ?? '', 64),
        safe(hostname, 255),
      ]
    }),
  )
}
