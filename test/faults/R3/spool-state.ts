import { setImmediate as turn } from 'node:timers/promises'
import type { EventBatch } from '@vedette/model'
import { unpackBatch } from '@vedette/model/batch-frame'
import type { Spool } from '@vedette/store'

/** All that a spool over a folder in memory would give out now: it then waits, and the event loop turns. */
export async function waitingIn(spool: Spool): Promise<EventBatch[]> {
  const stop = new AbortController()
  const found: EventBatch[] = []
  const reading = (async () => {
    for await (const one of spool.pending(stop.signal)) found.push(unpackBatch(one))
  })()
  let before = -1
  while (before < found.length && found.length < spool.waiting) {
    before = found.length
    await Promise.race([turn(), reading])
  }
  stop.abort()
  await reading
  return found
}

export function isSame(one: EventBatch, other: EventBatch): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}
