import type { operations } from '@vedette/client/rest'
import type { SentRun } from '@vedette/agent/load'

/** What became of the events of a load. */
export interface Verdict {
  /** Different events that are stored. */
  readonly stored: number
  /** Rows beyond one for each event. */
  readonly duplicates: number
  /** Events that were acknowledged and are not stored. */
  readonly lost: number
}

/**
 * Compares what was sent of a run with what is stored. A batch is whole when it has as many different numbers as it has
 * events and they begin and end where they must; of one that is not whole, what lies outside counts as never sent.
 */
export function judgeRun(
  { batches, batchEvents, open }: SentRun,
  stored: readonly operations.StoredBatch[],
): Verdict {
  const found = new Map(stored.map((batch) => [batch.sequence, batch]))
  const unanswered = new Set(open)
  let there = 0
  let rows = 0
  let lost = 0
  for (const batch of stored) rows += batch.rows
  for (let sequence = 0; sequence < batches; sequence += 1) {
    const batch = found.get(sequence)
    const first = sequence * batchEvents
    const isOwn = batch !== undefined && batch.first >= first && batch.last < first + batchEvents
    const events = isOwn ? Math.min(batch.events, batchEvents) : 0
    there += events
    if (!unanswered.has(sequence)) lost += batchEvents - events
  }
  return { stored: there, duplicates: rows - there, lost }
}
