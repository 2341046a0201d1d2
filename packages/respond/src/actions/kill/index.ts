import { setTimeout as delay } from 'node:timers/promises'
import type { Action, ActionContext, Effect } from '../../action.ts'
import type { HeldProcess } from '../../held-process.ts'
import type { Selection } from '../../selection.ts'
import { preview } from '../preview.ts'

const LOOK_AGAIN_MS = 20
/** How long a process may take to end after SIGKILL; one that waits in the disk ends when that is done. */
const END_WITHIN_MS = 5000

/** Ends processes: asks with SIGTERM, and after a grace makes them with SIGKILL. Cannot be taken back. */
export const kill: Action = {
  name: 'kill',
  description: 'ends a process, or a tree of them: SIGTERM, and SIGKILL for what is left after a grace',
  participle: 'killed',
  preview: (selection) => `${preview('kill', selection)}. This cannot be taken back`,
  run,
}

async function run(selection: Selection, context: ActionContext): Promise<Effect> {
  const refused = new Map<HeldProcess, string>()
  const signal = (process: HeldProcess, name: 'SIGTERM' | 'SIGKILL') => {
    try {
      process.pidfd.signal(name)
    } catch (error) {
      refused.set(process, error instanceof Error ? error.message : String(error))
    }
  }
  // What is frozen would have to run to hear SIGTERM: it gets no more chance to.
  const ask = (process: HeldProcess) => {
    if (!context.isFrozen(process.info.pid, process.info.startTicks)) signal(process, 'SIGTERM')
  }
  const { clock } = context
  for (const process of selection.chosen) ask(process)
  const deadline = clock.monotonic() + context.killGraceMs
  while (clock.monotonic() < deadline && !selection.chosen.every(hasEnded)) {
    // A parent that is asked to end may start more while it does.
    if (selection.chosen.length < context.maxProcesses) for (const process of selection.grow()) ask(process)
    await delay(LOOK_AGAIN_MS)
  }
  const end = clock.monotonic() + END_WITHIN_MS
  do {
    if (selection.chosen.length < context.maxProcesses) selection.grow()
    for (const process of selection.chosen) if (!hasEnded(process)) signal(process, 'SIGKILL')
    await delay(LOOK_AGAIN_MS)
  } while (clock.monotonic() < end && !selection.chosen.every(hasEnded))
  const failed = selection.chosen
    .filter((process) => !hasEnded(process))
    .map((process) => ({ process, reason: refused.get(process) ?? 'it has not ended yet' }))
  return { touched: selection.chosen, failed }
}

const hasEnded = ({ pidfd }: HeldProcess): boolean => pidfd.hasExited()
