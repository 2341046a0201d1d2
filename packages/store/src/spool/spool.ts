import type { Counters } from '@vedette/base'
import type { EventBatch } from '@vedette/model'

/** An agent's queue on disk of batches that the server has not yet said to have stored. One process at a time. */
export interface Spool extends AsyncDisposable {
  /**
   * Keeps a batch and resolves once it is on disk (file and folder synced). Calls at the same time share one sync.
   * `dropped`: the cap is reached; its events are counted as lost.
   *
   * @throws {CodedError} `disk-full`, `spool-failed`; the batch is then not kept and may be tried again
   */
  append(batch: EventBatch): Promise<'kept' | 'dropped'>
  /**
   * Batches that nobody acknowledged, oldest first, read from disk: those of former runs, then those of this one, and
   * then it waits for new ones until the signal aborts. Each is given once an iteration. Damaged records are
   * left out and counted.
   *
   * @throws {CodedError} `spool-failed` when the disk cannot be read now; iterate again later
   */
  pending(signal: AbortSignal): AsyncIterable<EventBatch>
  /** The server has that batch, or will never take it: it is not given again. Unknown ones are ignored. */
  acknowledge(run: string, sequence: number): Promise<void>
  /** Batches that wait. */
  readonly waiting: number
  /** Bytes on disk. */
  readonly sizeBytes: number
  /** In events: offered (with those found on opening), acknowledged, dropped or found damaged. */
  counters(): Counters
}

export interface SpoolOptions {
  /** Most bytes on disk. Default 1 GiB. */
  readonly capBytes?: number
  /** Size at which a segment is closed. Default 8 MiB. */
  readonly segmentBytes?: number
}
