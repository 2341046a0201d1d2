import { CliError } from '../../cli-error.ts'
import type { Invocation } from '../../command.ts'
import { exitCodes } from '../../exit-codes.ts'
import { ago, when } from '../../format/time.ts'
import { printJson, printLine, printTable, safe } from '../../print.ts'
import { fetchAgents, findAgent } from './fetch-agents.ts'

const states = ['connected', 'away', 'removed', 'waiting']

export async function list(invocation: Invocation, { state }: { readonly state?: string }): Promise<void> {
  if (state !== undefined && !states.includes(state)) {
    throw new CliError('usage', exitCodes.usage, `--state: expected one of ${states.join(', ')}`)
  }
  const { agents, pending } = await fetchAgents(invocation)
  const found = agents.filter((agent) => state === undefined || agent.state === state)
  const waiting = state === undefined || state === 'waiting' ? pending : []
  if (invocation.json) return printJson(invocation, { agents: found, pending: waiting })
  if (found.length + waiting.length === 0) {
    return printLine(
      invocation,
      state === undefined
        ? "No agents were enrolled; 'vedette agents secret create' lets one in."
        : `No agents are ${state}.`,
    )
  }
  const { style, clock } = invocation
  const since = (time: string | null) => (time === null ? 'never' : ago(Date.parse(time), clock.now()))
  printTable(
    invocation,
    [
      { title: 'ID' },
      { title: 'STATE' },
      { title: 'SEEN' },
      { title: 'CERTIFICATE UNTIL' },
      { title: 'HOST', flexible: true },
    ],
    [
      ...waiting.map(({ id, asked_at, hostname, address }) => [
        safe(id, 16),
        style.warn('waiting'),
        since(asked_at),
        '',
        `${safe(hostname, 255)} (from ${safe(address, 64)})`,
      ]),
      ...found.map(({ id, state, last_seen, certificate, hostname }) => [
        safe(id, 16),
        state === 'connected' ? style.good(state) : state === 'away' ? style.bad(state) : style.dim(state),
        since(last_seen),
        certificate === null || state === 'removed' ? '' : certificate.expires_at.slice(0, 10),
        safe(hostname, 255),
      ]),
    ],
  )
}

export async function show(invocation: Invocation, _options: object, text: string): Promise<void> {
  const { agents } = await fetchAgents(invocation)
  const agent = findAgent(agents, text, 'There is no such agent')
  if (invocation.json) return printJson(invocation, agent)
  const { style, clock } = invocation
  const field = (name: string, value: string) =>
    printLine(invocation, `  ${style.dim(name.padEnd(12))} ${value}`)
  const time = (value: string | null) => (value === null ? 'never' : when(Date.parse(value), clock.now()))
  printLine(invocation, style.bold(safe(agent.hostname, 255)))
  field('id', safe(agent.id))
  field('state', agent.state)
  field('seen', time(agent.last_seen))
  field('enrolled', `${time(agent.enrolled_at)}, by ${safe(agent.enrolled_by)}`)
  if (agent.removed_at !== null) field('removed', time(agent.removed_at))
  field('key', safe(agent.key))
  if (agent.certificate === null) return
  field('certificate', safe(agent.certificate.serial))
  field('until', time(agent.certificate.expires_at))
  if (agent.certificate.revoked_at !== null) field('revoked', time(agent.certificate.revoked_at))
}
