import { createHash } from 'node:crypto'
import type { Clock, Logger } from '@vedette/base'
import { storeFailure } from '../failure.ts'
import { personalEvents } from '../privacy/personal-events.ts'
import { connectEmbedded, connectServer, type Connection } from './connection.ts'
import type { Appended, EventStore, OwnedBatch, PreparedBatch } from './event-store.ts'
import { migrateEvents } from './migrate.ts'
import type { EventStoreOptions } from './options.ts'
import { CautiousClock, dropExpired, newestArrival } from './retention.ts'
import { encodeRows, rowColumns, rowsWithout } from './row.ts'
import { StoredRuns } from './stored-runs.ts'
import { tenantEvents } from './tenant-events.ts'

const RETENTION_DAYS = 30
const RETENTION_EVERY_MS = 3_600_000

/** An insert of more than this is made in several. */
const MAX_INSERT_BYTES = 32 << 20

/**
 * One block, so one part, so all or nothing. Parsing in parallel would cut it, and takes memory for each thread.
 */
const INSERT_SETTINGS = {
  input_format_parallel_parsing: 0,
  max_insert_threads: 1,
  max_threads: 1,
  async_insert: 0,
  max_insert_block_size: 1_048_576,
  min_insert_block_size_rows: 1_048_576,
  min_insert_block_size_bytes: 0,
}

/**
 * Opens the store of events and brings its schema up to date.
 *
 * @throws {CodedError} `folder-in-use`, `disk-full`, `event-store-failed`
 */
export async function openEventStore(options: EventStoreOptions): Promise<EventStore> {
  const { log, clock, retentionDays = RETENTION_DAYS } = options
  let connection: Connection | undefined
  try {
    connection =
      'url' in options
        ? await connectServer(options.url)
        : await connectEmbedded(options.folder, options.maxMemoryBytes)
    await migrateEvents(connection)
    const newest = await newestArrival(connection)
    const cautious = new CautiousClock(clock, newest ?? clock.now())
    return new ClickHouseEvents(connection, clock, log, () => dropOld(cautious))
  } catch (error) {
    await connection?.[Symbol.asyncDispose]()
    throw storeFailure('event-store-failed', 'open the event store', error)
  }

  async function dropOld(cautious: CautiousClock): Promise<void> {
    if (connection === undefined) return
    const days = await dropExpired(connection, cautious.now(), retentionDays)
    if (days.length > 0) log.info({ days, retentionDays }, 'dropped days of events that are over')
  }
}

class ClickHouseEvents implements EventStore {
  readonly #connection: Connection
  readonly #clock: Clock
  readonly #runs: StoredRuns
  readonly #timer: NodeJS.Timeout
  /** The end of the last append; the next one starts after it. */
  #tail: Promise<unknown> = Promise.resolve()
  #dropping: Promise<void> = Promise.resolve()

  constructor(connection: Connection, clock: Clock, log: Logger, dropOld: () => Promise<void>) {
    this.#connection = connection
    this.#clock = clock
    this.#runs = new StoredRuns(connection)
    const tick = () => {
      this.#dropping = dropOld().catch((error: unknown) => {
        log.warn({ error }, 'old events could not be dropped')
      })
    }
    tick()
    this.#timer = setInterval(tick, RETENTION_EVERY_MS).unref()
  }

  prepare(owned: OwnedBatch): PreparedBatch {
    const { tenant, agent, batch } = owned
    const { run, sequence, events } = batch
    const rows = encodeRows(owned, this.#clock.now())
    return { tenant, agent, run, sequence, events: events.length, rows }
  }

  append(batches: readonly (OwnedBatch | PreparedBatch)[]): Promise<Appended> {
    const prepared = batches.map((batch) => ('rows' in batch ? batch : this.prepare(batch)))
    const appended = this.#tail.then(() => this.#append(prepared))
    this.#tail = appended.catch(() => undefined)
    return appended
  }

  of(tenant: Parameters<EventStore['of']>[0]) {
    return tenantEvents(this.#connection, tenant)
  }

  personal(tenant: Parameters<EventStore['personal']>[0]) {
    return personalEvents(this.#connection, tenant)
  }

  async ping(): Promise<void> {
    try {
      await this.#connection.select('SELECT 1 AS one')
    } catch (error) {
      throw storeFailure('event-store-failed', 'reach the event store', error)
    }
  }

  async #append(batches: readonly PreparedBatch[]): Promise<Appended> {
    try {
      let stored = 0
      let repeated = 0
      const fresh: Piece[] = []
      const inThisAppend = new Set<string>()
      for (const owned of batches) {
        const name = batchName(owned)
        const there = inThisAppend.has(name) ? undefined : await this.#runs.idsOf(owned)
        inThisAppend.add(name)
        const { rows, events } =
          there === undefined ? nothing : there.size === 0 ? owned : rowsWithout(owned.rows, there)
        stored += events
        repeated += owned.events - events
        if (events > 0) fresh.push({ name, rows })
      }
      await this.#insert(fresh)
      for (const owned of batches) this.#runs.stored(owned)
      return { stored, repeated }
    } catch (error) {
      for (const owned of batches) this.#runs.forget(owned)
      throw storeFailure('event-store-failed', `store ${batches.length} batches of events`, error)
    }
  }

  async #insert(pieces: readonly Piece[]): Promise<void> {
    let from = 0
    while (from < pieces.length) {
      let bytes = 0
      let to = from
      while (
        to < pieces.length &&
        (to === from || bytes + (pieces[to]?.rows.length ?? 0) <= MAX_INSERT_BYTES)
      ) {
        bytes += pieces[to]?.rows.length ?? 0
        to += 1
      }
      const together = pieces.slice(from, to)
      // A second guard against storing twice, where the answer to an insert was lost on the way from a server.
      const token = createHash('sha256')
        .update(JSON.stringify(together.map(({ name, rows }) => [name, rows.length])))
        .digest('hex')
      await this.#connection.insert(
        'events',
        rowColumns,
        INSERT_SETTINGS,
        together.map(({ rows }) => rows),
        token,
      )
      from = to
    }
    if (pieces.length > 0) await this.#connection.sync('events')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer)
    await this.#tail
    await this.#dropping
    await this.#connection[Symbol.asyncDispose]()
  }
}

/** Rows of a batch that are not stored yet. */
interface Piece {
  readonly name: string
  readonly rows: Buffer
}

const nothing = { rows: Buffer.alloc(0), events: 0 }

function batchName({ tenant, agent, run, sequence }: PreparedBatch): string {
  return JSON.stringify([tenant, agent, run, sequence])
}
