import type { Counters } from '@vedette/base'
import type { EventBatch, Gap, Losses } from '@vedette/model'
import type { PackedBatch } from '@vedette/model/batch-frame'
import type { SpoolKeys } from './spool-keys.ts'

/**
 * What is dropped first where the spool is full: `bulk`, the newest of it first, so that what is on its way stays and what
 * was seen from the start of an outage is whole. Urgent batches (alerts, what the watch tells of itself) have a sixteenth of
 * the cap for themselves and then take the place of bulk; one is dropped only where no bulk is left.
 */
export type Urgency = 'bulk' | 'urgent'

/** An agent's queue on disk of batches that the server has not yet said to have stored. One process at a time. */
export interface Spool extends AsyncDisposable {
  /**
   * Keeps a batch and resolves once it is on disk (file and folder synced). Calls at the same time share one sync.
   * `dropped`: the cap is reached; its events are counted as lost, on disk as well. The batches of a run are all of one urgency.
   *
   * @throws {CodedError} `disk-full`, `spool-failed`; the batch is then not kept and may be tried again
   */
  append(batch: EventBatch, urgency?: Urgency): Promise<'kept' | 'dropped'>
  /**
   * Batches that nobody acknowledged, urgent ones before others, oldest first, read from disk: those of former runs, then
   * those of this one, and then it waits for new ones until the signal aborts. Each is given once an iteration. Damaged records are
   * left out and counted.
   *
   * @throws {CodedError} `spool-failed` when the disk cannot be read now; iterate again later
   */
  pending(signal: AbortSignal): AsyncIterable<PackedBatch>
  /** The server has that batch, or will never take it: it is not given again. Unknown ones are ignored. */
  acknowledge(run: string, sequence: number): Promise<void>
  /** Batches that wait. */
  readonly waiting: number
  /** Bytes on disk. */
  readonly sizeBytes: number
  /**
   * Notes a loss that happened before the spool, and resolves once it is on disk: to be called before what comes after it is
   * appended.
   *
   * @throws {CodedError} `disk-full`, `spool-failed`
   */
  declare(gap: Gap): Promise<void>
  /** What was lost in the life of the spool, by all its processes: on disk before anything later could leave. */
  losses(): Losses
  /** In events: offered (with those found on opening), acknowledged, dropped or found damaged. */
  counters(): Counters
}

export interface SpoolOptions {
  /** Most bytes on disk; a small part of it is for the ledger of losses. Default 1 GiB. */
  readonly capBytes?: number
  /** What batches are sealed with (AES-256-GCM). Left out, they are not sealed. */
  readonly keys?: SpoolKeys
  /** Size at which a segment is closed. Default 8 MiB. */
  readonly segmentBytes?: number
}
