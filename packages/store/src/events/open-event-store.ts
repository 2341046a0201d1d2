import { createHash } from 'node:crypto'
import type { Clock, Logger } from '@vedette/base'
import { storeFailure } from '../failure.ts'
import { connectEmbedded, connectServer, type Connection } from './connection.ts'
import type { Appended, EventStore, OwnedBatch } from './event-store.ts'
import { migrateEvents } from './migrate.ts'
import type { EventStoreOptions } from './options.ts'
import { CautiousClock, dropExpired, newestArrival } from './retention.ts'
import { encodeRow, rowColumns } from './row.ts'
import { StoredRuns } from './stored-runs.ts'
import { tenantEvents } from './tenant-events.ts'

const RETENTION_DAYS = 30
const RETENTION_EVERY_MS = 3_600_000

/** An insert of more text than this is made in several. In UTF-16 units. */
const MAX_INSERT_LENGTH = 32 * 1024 * 1024

/**
 * One block, so one part, so all or nothing. Parsing in parallel would cut it, and takes memory for each thread.
 */
const INSERT_SETTINGS =
  'input_format_parallel_parsing = 0, max_insert_threads = 1, max_threads = 1, async_insert = 0, ' +
  'max_insert_block_size = 1048576, min_insert_block_size_rows = 1048576, min_insert_block_size_bytes = 0'

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

  append(batches: readonly OwnedBatch[]): Promise<Appended> {
    const appended = this.#tail.then(() => this.#append(batches))
    this.#tail = appended.catch(() => undefined)
    return appended
  }

  of(tenant: Parameters<EventStore['of']>[0]) {
    return tenantEvents(this.#connection, tenant)
  }

  async ping(): Promise<void> {
    try {
      await this.#connection.select('SELECT 1 AS one')
    } catch (error) {
      throw storeFailure('event-store-failed', 'reach the event store', error)
    }
  }

  async #append(batches: readonly OwnedBatch[]): Promise<Appended> {
    try {
      let stored = 0
      let repeated = 0
      const rows: string[] = []
      const inThisAppend = new Set<string>()
      for (const owned of batches) {
        const name = batchName(owned)
        const there = inThisAppend.has(name) ? undefined : await this.#runs.idsOf(owned)
        inThisAppend.add(name)
        const now = this.#clock.now()
        for (const event of owned.batch.events) {
          if (there === undefined || there.has(event.id.toWellFormed())) repeated += 1
          else rows.push(encodeRow(owned, event, now))
        }
      }
      stored = rows.length
      await this.#insert(rows, [...inThisAppend])
      for (const owned of batches) this.#runs.stored(owned)
      return { stored, repeated }
    } catch (error) {
      for (const owned of batches) this.#runs.forget(owned)
      throw storeFailure('event-store-failed', `store ${batches.length} batches of events`, error)
    }
  }

  async #insert(rows: readonly string[], names: readonly string[]): Promise<void> {
    let from = 0
    while (from < rows.length) {
      let length = 0
      let to = from
      while (to < rows.length && (to === from || length + (rows[to]?.length ?? 0) < MAX_INSERT_LENGTH)) {
        length += rows[to]?.length ?? 0
        to += 1
      }
      // A second guard against storing twice, where the answer to an insert was lost on the way from a server.
      const token = createHash('sha256')
        .update(JSON.stringify([names, from, to, rows.length]))
        .digest('hex')
      await this.#connection.insert(
        `INSERT INTO ${this.#connection.database}.events (${rowColumns})
        SETTINGS insert_deduplication_token = '${token}', ${INSERT_SETTINGS} FORMAT JSONCompactEachRow`,
        rows.slice(from, to).join('\n'),
      )
      from = to
    }
    if (rows.length > 0) await this.#connection.sync('events')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer)
    await this.#tail
    await this.#dropping
    await this.#connection[Symbol.asyncDispose]()
  }
}

function batchName({ tenant, agent, batch }: OwnedBatch): string {
  return JSON.stringify([tenant, agent, batch.run, batch.sequence])
}
