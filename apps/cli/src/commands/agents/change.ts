import { operations } from '@vedette/client/rest'
import type { Invocation } from '../../command.ts'
import { printJson, printLine, safe } from '../../print.ts'
import { rest } from '../../rest.ts'
import { fetchAgents, findAgent } from './fetch-agents.ts'

export async function approve(invocation: Invocation, _options: object, text: string): Promise<void> {
  const { pending } = await fetchAgents(invocation)
  const { id, key } = findAgent(pending, text, 'No such agent waits')
  const approved = await rest(invocation)((to) => operations.approveAgent({ id }, to))
  if (invocation.json) return printJson(invocation, approved)
  printLine(invocation, `${safe(approved.hostname)} may come in as ${safe(id)}, with the key ${safe(key)}`)
}

export async function refuse(invocation: Invocation, _options: object, text: string): Promise<void> {
  const { pending } = await fetchAgents(invocation)
  const { id } = findAgent(pending, text, 'No such agent waits')
  const refused = await rest(invocation)((to) => operations.refuseAgent({ id }, to))
  if (invocation.json) return printJson(invocation, refused)
  printLine(invocation, `${safe(refused.hostname)} is turned away`)
}

export async function remove(invocation: Invocation, _options: object, text: string): Promise<void> {
  const { agents } = await fetchAgents(invocation)
  const active = agents.filter(({ state }) => state !== 'removed')
  const { id } = findAgent(active, text, 'There is no such agent')
  const removed = await rest(invocation)((to) => operations.removeAgent({ id }, to))
  if (invocation.json) return printJson(invocation, removed)
  printLine(
    invocation,
    `Removed ${safe(removed.hostname)} (${safe(id)}); it comes back only by a new enrolment`,
  )
}

export async function move(
  invocation: Invocation,
  { secret }: { readonly secret: string },
  text: string,
): Promise<void> {
  const { agents } = await fetchAgents(invocation)
  const active = agents.filter(({ state }) => state !== 'removed')
  const { id, hostname } = findAgent(active, text, 'There is no such agent')
  const moved = await rest(invocation)((to) => operations.moveAgent({ id, body: { secret } }, to))
  if (invocation.json) return printJson(invocation, moved)
  printLine(invocation, `Moved ${safe(hostname)} (${safe(id)}) to the tenant ${safe(moved.moved_to)}`)
}
