import type { Connection } from './connection.ts'
import type { PreparedBatch } from './event-store.ts'

type BatchName = Pick<PreparedBatch, 'tenant' | 'agent' | 'run' | 'sequence'>

/** Runs that are remembered; for one that was forgotten the store is asked again. */
const MAX_RUNS = 10_000

/**
 * Which events of a batch are not stored yet. Within a run sequences only grow, so the next one after the last that we
 * stored is new and costs nothing; for any other the store itself is asked (after a start, a reconnect, a gap, a failure).
 */
export class StoredRuns {
  readonly #connection: Connection
  /** Highest sequence of each run of which anything is stored. */
  readonly #last = new Map<string, number>()

  constructor(connection: Connection) {
    this.#connection = connection
  }

  /** Ids that are there already. Asked in the order in which batches will be stored; nothing is stored by asking. */
  async idsOf(owned: BatchName): Promise<ReadonlySet<string>> {
    const key = runKey(owned)
    const { sequence } = owned
    let last = this.#last.get(key)
    if (last === undefined || sequence > last + 1) {
      last = await this.#lastStored(owned)
      // Kept at once: a run may be stored far beyond the batch that is asked about, by a server that was killed before it
      // could say so, and its agent sends all of that again, one batch after the other.
      this.#remember(key, last)
    }
    return sequence > last ? new Set() : this.#stored(owned)
  }

  /** That batch is stored for good. */
  stored(owned: BatchName): void {
    const key = runKey(owned)
    this.#remember(key, Math.max(this.#last.get(key) ?? -1, owned.sequence))
  }

  /** What became of that batch is not known: for its run the store is asked again. */
  forget(owned: BatchName): void {
    this.#last.delete(runKey(owned))
  }

  #remember(key: string, last: number): void {
    // Last used last, so that the first is the one to forget.
    this.#last.delete(key)
    this.#last.set(key, last)
    if (this.#last.size <= MAX_RUNS) return
    const [oldest] = this.#last.keys()
    if (oldest !== undefined) this.#last.delete(oldest)
  }

  /** Highest sequence of the run of which anything is stored, -1 for none. */
  async #lastStored({ tenant, agent, run }: BatchName): Promise<number> {
    const [row] = await this.#connection.select<{ events: number | string; last: number | string }>(
      `SELECT count() AS events, max(sequence) AS last FROM ${this.#connection.database}.events
      WHERE tenant = {tenant:String} AND agent = {agent:String} AND run = {run:String}`,
      { tenant, agent, run },
    )
    return row === undefined || Number(row.events) === 0 ? -1 : Number(row.last)
  }

  async #stored({ tenant, agent, run, sequence }: BatchName): Promise<ReadonlySet<string>> {
    const rows = await this.#connection.select<{ id: string }>(
      `SELECT id FROM ${this.#connection.database}.events WHERE tenant = {tenant:String} AND agent = {agent:String}
      AND run = {run:String} AND sequence = {sequence:UInt64}`,
      { tenant, agent, run, sequence },
    )
    return new Set(rows.map(({ id }) => id))
  }
}

/** Names a run among those of every tenant and agent. */
export function runKey({ tenant, agent, run }: Omit<BatchName, 'sequence'>): string {
  return JSON.stringify([tenant, agent, run])
}
