import type { Clock, Counters, Logger, Secret } from '@vedette/base'
import type { OwnedBatch } from './event-store.ts'

/** Where events are kept: in a folder, by the engine in this process, or in a ClickHouse server. */
export type EventStoreOptions = {
  readonly log: Logger
  readonly clock: Clock
  /** Days for which events are kept. Default 30. */
  readonly retentionDays?: number
} & (
  | { readonly folder: string; readonly maxMemoryBytes?: number }
  /** `http://user:password@host:8123/database` */
  | { readonly url: Secret }
)

/** Groups the batches of many agents, so that one insert stores them all. */
export interface EventWriter extends AsyncDisposable {
  /**
   * Resolves once the batch is on disk. A batch of a run is written after the ones before it. When too many rows wait
   * it rejects at once with a CodedError `busy`.
   */
  write(batch: OwnedBatch): Promise<void>
  /** In events. `lost` are those of batches that were refused or failed: their sender still has them. */
  counters(): Counters
}
