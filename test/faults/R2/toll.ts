import type { Gap } from '@vedette/model'
import type { Receiver } from '../line/receiver.ts'

/** What the lives of an agent said, in the order of time. */
export interface Story {
  /** Events of each batch that was kept, by run and number. */
  readonly kept: Map<string, number>
  /** Batches for which there was no room. */
  readonly dropped: Set<string>
  /** The ledger of losses, as a new life found it and as the last one left it, by run and first number. */
  readonly gaps: Map<string, Gap>
  /** The highest number of an event that came, by run. */
  readonly highest: Map<string, number>
  events: number
  /** The sum of the ledger. */
  lost: number
  settled: boolean
}

/** What became of it all. */
export interface Toll {
  readonly events: number
  readonly kept: number
  readonly again: number
  readonly contradicted: number
  readonly declared: number
  readonly lost: number
  readonly undeclared: number
  readonly difference: number
  readonly untold: number
  readonly unsettled: number
}

export function settle(story: Story, receiver: Receiver): Toll {
  const gaps = [...story.gaps.values()]
  const declared = new Set<string>()
  for (const { run, from, to, batches } of gaps)
    for (let number = from; batches > 0 && number <= to; number += 1) declared.add(`${run} ${number}`)
  const came = (name: string) => {
    const [run = '', number = ''] = name.split(' ')
    return receiver.runs.get(run)?.has(Number(number)) ?? false
  }
  let undeclared = 0
  let difference = 0
  for (const [run, numbers] of receiver.runs) {
    const last = Math.max(...numbers.keys())
    for (let number = 0; number < last; number += 1)
      if (!numbers.has(number) && !declared.has(`${run} ${number}`)) undeclared += 1
    const there = [...numbers.values()].reduce((sum, events) => sum + events, 0)
    const missing = (story.highest.get(run) ?? -1) + 1 - there
    const told = gaps.filter((gap) => gap.run === run && gap.from <= last)
    difference += Math.abs(missing - told.reduce((sum, { events }) => sum + events, 0))
  }
  return {
    events: story.events,
    kept: story.kept.size,
    again: receiver.again,
    contradicted: receiver.contradicted,
    declared: gaps.reduce((sum, { batches }) => sum + batches, 0),
    lost: [...story.kept.keys()].filter((name) => !came(name) && !declared.has(name)).length,
    undeclared,
    difference,
    untold: Math.abs(
      gaps.reduce((sum, { events }) => sum + events, 0) - (receiver.lastReport?.losses?.events ?? 0),
    ),
    unsettled: story.settled ? 0 : 1,
  }
}
