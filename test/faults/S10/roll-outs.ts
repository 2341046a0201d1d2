import { type AgentId, ROLL_OUT_STAGES } from '@vedette/model'
import { type AgentCondition, judge, orderOf, reachOf } from '../../../apps/server/src/fleet/roll-out.ts'

export interface RolledOut {
  readonly tried: number
  /** Of those that stopped: how many agents that it broke had it, beyond what the stage would reach at which it had to stop. */
  readonly beyond: number
  /** With more than 1 % bad in a stage, and yet went on from it. */
  readonly wentOn: number
  /** Without, and yet stopped. */
  readonly stopped: number
  readonly finished: number
}

/** Rolls revisions out to groups of all sizes; each breaks some agents, from none to many. */
export function rollOutMany(tries: number, random: () => number): RolledOut {
  let [beyond, wentOn, stopped, finished] = [0, 0, 0, 0]
  for (let at = 0; at < tries; at += 1) {
    const size = Math.ceil(10 ** (random() * 4))
    const share = [0, 0.002, 0.02, 0.2, 1][at % 5] ?? 0
    const agents = Array.from({ length: size }, (_, number) => `agent-${number}` as AgentId)
    const broken = new Set(agents.filter(() => random() < share))
    const order = orderOf(`${at}`, agents)
    const badIn = (stage: number) => {
      const reached = order.slice(0, reachOf(stage, size))
      return { bad: reached.filter((agent) => broken.has(agent)).length, reached: reached.length }
    }
    const mustStop = ROLL_OUT_STAGES.findIndex((_, stage) => {
      const { bad, reached } = badIn(stage)
      return bad / reached > 0.01
    })
    let stage = 0
    let goodMs = 0
    let looks = 0
    for (;;) {
      // Some say sooner what became of it than others.
      const conditionOf = (agent: AgentId): AgentCondition =>
        broken.has(agent)
          ? { kind: 'bad', reason: 'it went back' }
          : looks === 0 && random() < 0.01
            ? { kind: 'waiting' }
            : { kind: 'good' }
      const { step } = judge({ stage, agents: order, holdMs: 1000 }, conditionOf, goodMs)
      looks += 1
      if (step.kind === 'stop') {
        if (mustStop !== stage) stopped += 1
        break
      }
      if (step.kind === 'finish') {
        finished += 1
        if (mustStop >= 0) {
          wentOn += 1
          beyond += broken.size - badIn(mustStop).bad
        }
        break
      }
      if (step.kind === 'advance') {
        if (stage === mustStop) wentOn += 1
        stage = step.stage
        goodMs = 0
        looks = 0
      } else goodMs = step.isGood ? goodMs + 1000 : 0
    }
  }
  return { tried: tries, beyond, wentOn, stopped, finished }
}
