import type { AgentGroup, AgentId } from '@vedette/model'

/** What a selector sees of an agent. */
export interface Selectable {
  readonly id: AgentId
  readonly hostname: string
  readonly labels: Readonly<Record<string, string>>
}

/**
 * The group of an agent: the first that names it, else the first whose labels and host names fit. Nothing where there is none.
 *
 * @param groups by rank
 */
export function groupOf(groups: readonly AgentGroup[], agent: Selectable): AgentGroup | undefined {
  return (
    groups.find(({ members }) => members.includes(agent.id)) ?? groups.find((group) => fits(group, agent))
  )
}

function fits({ labels, hosts }: AgentGroup, agent: Selectable): boolean {
  const wanted = Object.entries(labels)
  if (wanted.length === 0 && hosts.length === 0) return false
  if (!wanted.every(([key, value]) => Object.hasOwn(agent.labels, key) && agent.labels[key] === value))
    return false
  return hosts.length === 0 || hosts.some((pattern) => matchesName(pattern, agent.hostname))
}

/** `*` stands for anything, in time that grows with the lengths alone. */
function matchesName(pattern: string, name: string): boolean {
  const [first = '', ...pieces] = pattern.toLowerCase().split('*')
  const text = name.toLowerCase()
  const last = pieces.pop()
  if (last === undefined) return text === first
  if (!text.startsWith(first)) return false
  let at = first.length
  for (const piece of pieces) {
    const found = text.indexOf(piece, at)
    if (found < 0) return false
    at = found + piece.length
  }
  return text.length - last.length >= at && text.endsWith(last)
}
