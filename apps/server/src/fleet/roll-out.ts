import { createHash } from 'node:crypto'
import { type AgentId, ROLL_OUT_MOST_BAD, ROLL_OUT_STAGES, type RollOut } from '@vedette/model'

/** How an agent does with what is rolled out. */
export type AgentCondition =
  /** It says that it is in force. */
  | { readonly kind: 'good' }
  /** It went back from it, or is not heard of any more since it has it. */
  | { readonly kind: 'bad'; readonly reason: string }
  /** It has still to say. */
  | { readonly kind: 'waiting' }
  /** It is not there, or takes nothing: nobody waits for it. */
  | { readonly kind: 'absent' }

export interface RollOutCount {
  /** Agents that are to have it in this stage. */
  readonly reached: number
  readonly good: number
  readonly bad: number
  readonly waiting: number
}

/** What to do with a roll-out now. */
export type RollOutStep =
  | { readonly kind: 'wait'; readonly isGood: boolean }
  | { readonly kind: 'advance'; readonly stage: number }
  | { readonly kind: 'finish' }
  | { readonly kind: 'stop'; readonly reason: string }

/** Agents in the order in which a roll-out gets to them: scattered, and another for each, so that nobody is always first. */
export function orderOf(id: string, agents: readonly AgentId[]): AgentId[] {
  const place = (agent: AgentId) => createHash('sha256').update(`${id} ${agent}`).digest('hex')
  return agents
    .map((agent) => [place(agent), agent] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, agent]) => agent)
}

/** How many of `count` agents a stage gets to: its share, rounded up, at least one. */
export function reachOf(stage: number, count: number): number {
  return Math.ceil((count * (ROLL_OUT_STAGES[stage] ?? 100)) / 100)
}

/**
 * Judges a roll-out.
 *
 * @param conditionOf of an agent that the stage gets to
 * @param goodMs for how long all of them have been good
 */
export function judge(
  { stage, agents, holdMs }: Pick<RollOut, 'stage' | 'agents' | 'holdMs'>,
  conditionOf: (agent: AgentId) => AgentCondition,
  goodMs: number,
): { readonly step: RollOutStep; readonly count: RollOutCount } {
  const reached = agents.slice(0, reachOf(stage, agents.length))
  let [good, waiting] = [0, 0]
  const bad: string[] = []
  for (const agent of reached) {
    const condition = conditionOf(agent)
    if (condition.kind === 'good') good += 1
    else if (condition.kind === 'waiting') waiting += 1
    else if (condition.kind === 'bad') bad.push(`${agent}: ${condition.reason}`)
  }
  const count = { reached: reached.length, good, bad: bad.length, waiting }
  if (bad.length * 100 > reached.length * ROLL_OUT_MOST_BAD) {
    const reason = `${bad.length} of ${reached.length} agents are bad with it; ${bad.slice(0, 3).join('; ')}`
    return { step: { kind: 'stop', reason }, count }
  }
  const isLast = stage >= ROLL_OUT_STAGES.length - 1
  // Where none is there nothing was shown yet; the last stage is over then all the same, since nobody is left to wait for.
  const isGood = waiting === 0 && (good > 0 || isLast)
  if (!isGood || goodMs < holdMs) return { step: { kind: 'wait', isGood }, count }
  return { step: isLast ? { kind: 'finish' } : { kind: 'advance', stage: stage + 1 }, count }
}
