import { setImmediate, setTimeout as delay } from 'node:timers/promises'
import type { InventoryItem, InventoryType } from '@vedette/model'
import type { SideJob, SideJobContext } from '../../side/messages.ts'
import { type InventoryOptions, inventoryInSteps } from './read/index.ts'

/** Some of what there is of a type. The last message of a look says nothing more than that. */
export type InventoryPart =
  | { readonly type: InventoryType; readonly items: readonly InventoryItem[] }
  | { readonly type: 'end' }

/** Others have their turn after so long. */
const WORK_MS = 10
/** Pause as a multiple of the work before it: a look at all files takes a quarter of a processor at most. */
const REST_RATIO = 3
/** Of one message. */
const MOST_ITEMS = 500

/** The job of one look. */
export function open(options: unknown, context: SideJobContext): SideJob {
  const stop = new AbortController()
  return { work: look(options as InventoryOptions, context, stop.signal), close: () => stop.abort() }
}

async function look(
  options: InventoryOptions,
  { say, working }: SideJobContext,
  signal: AbortSignal,
): Promise<void> {
  let sinceMs = performance.now()
  for (const found of inventoryInSteps(options)) {
    working()
    if (signal.aborted) return
    const workedMs = performance.now() - sinceMs
    if (found !== undefined) {
      const [type, items] = found
      for (let at = 0; at === 0 || at < items.length; at += MOST_ITEMS) {
        await say({ type, items: items.slice(at, at + MOST_ITEMS) } satisfies InventoryPart)
      }
      await setImmediate()
    } else if (workedMs > WORK_MS) await delay(workedMs * REST_RATIO)
    else continue
    sinceMs = performance.now()
  }
  await say({ type: 'end' } satisfies InventoryPart)
}
