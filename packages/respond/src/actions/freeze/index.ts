import { setTimeout as delay } from 'node:timers/promises'
import { openProcess, readProcessStat } from '@vedette/linux'
import type { Action, ActionContext, Effect } from '../../action.ts'
import type { HeldProcess } from '../../held-process.ts'
import type { LeaseMember } from '../../lease-book.ts'
import type { Selection } from '../../selection.ts'
import { preview } from '../preview.ts'

/** How long a process may take to stop; one that waits in the disk stops when that is done. */
const STOP_WITHIN_MS = 1000
const LOOK_AGAIN_MS = 5
/** A tree that still grows after so many rounds is not going to hold still. */
const MAX_ROUNDS = 64

/** Stops processes with SIGSTOP. They stay in memory with all they hold, and go on when they are thawed. */
export const freeze: Action = {
  name: 'freeze',
  description: 'stops a process, or a tree of them, until its lease ends or somebody thaws it',
  participle: 'frozen',
  preview: (selection) => preview('freeze', selection),
  run,
  undo: { name: 'thaw', run: thaw },
}

/**
 * Parents first, since what is stopped cannot start another. What they started just before is found by looking again,
 * until nothing new is there and all have stopped.
 */
async function run(selection: Selection, context: ActionContext): Promise<Effect> {
  const failed: { process: HeldProcess; reason: string }[] = []
  const members: LeaseMember[] = []
  let fresh: readonly HeldProcess[] = selection.chosen
  for (let round = 0; fresh.length > 0; round += 1) {
    if (round === MAX_ROUNDS || selection.chosen.length > context.maxProcesses) {
      failed.push({ process: selection.root, reason: 'its tree went on growing' })
      break
    }
    members.push(...fresh.map(({ info }) => memberOf(info, context)))
    // On disk before the first signal: if this process ends here, the next one thaws them.
    await context.keep(members)
    for (const process of fresh) {
      try {
        process.pidfd.signal('SIGSTOP')
      } catch (error) {
        failed.push({ process, reason: error instanceof Error ? error.message : String(error) })
      }
    }
    await untilStopped(fresh, context)
    fresh = selection.grow()
  }
  for (const process of selection.chosen) {
    if (failed.some((one) => one.process === process)) continue
    if (!isStopped(process)) failed.push({ process, reason: 'it has not stopped yet' })
  }
  return { touched: selection.chosen, failed }
}

function memberOf({ pid, startTicks, state }: HeldProcess['info'], context: ActionContext): LeaseMember {
  // Stopped by us before is not stopped by somebody else: then the last lease to end lets it go on.
  return { pid, startTicks, wasStopped: state === 'T' && !context.isFrozen(pid, startTicks) }
}

/** Stopped, traced, or over. */
function isStopped({ pidfd, info }: HeldProcess): boolean {
  if (pidfd.hasExited()) return true
  const state = readProcessStat(info.pid)?.state
  return state === 'T' || state === 't' || state === 'Z' || state === undefined
}

async function untilStopped(processes: readonly HeldProcess[], { clock }: ActionContext): Promise<void> {
  const deadline = clock.monotonic() + STOP_WITHIN_MS
  while (!processes.every(isStopped) && clock.monotonic() < deadline) await delay(LOOK_AGAIN_MS)
}

/** Children first, so that no parent sees a child of its stopped. */
function thaw(members: readonly LeaseMember[]): number {
  let count = 0
  for (const { pid, startTicks, wasStopped } of members.toReversed()) {
    if (wasStopped) continue
    using pidfd = openProcess(pid, startTicks)
    if (pidfd?.signal('SIGCONT') === true) count += 1
  }
  return count
}
