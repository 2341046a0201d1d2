import { mkdirSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { type ClickHouseClient, type ClickHouseClientConfigOptions, createClient } from '@clickhouse/client'
import type { Secret } from '@vedette/base'
import { lockFolder } from '../folder-lock.ts'

/** Values for the `{name:Type}` places of a statement. */
export type Parameters = Readonly<Record<string, string | number | boolean | readonly (string | number)[]>>

/** ClickHouse, wherever it runs: the same SQL to both. */
export interface Connection extends AsyncDisposable {
  /** Database of our tables, an identifier that needs no quotes. */
  readonly database: string
  select<Row>(query: string, parameters?: Parameters): Promise<Row[]>
  command(query: string): Promise<void>
  /**
   * One INSERT of lines of TabSeparated, given in pieces of whole lines.
   *
   * @param columns names, with commas between
   */
  insert(table: string, columns: string, settings: InsertSettings, rows: readonly Buffer[]): Promise<void>
  /**
   * Makes what was inserted into a table, and the table itself, outlast a power cut. The engine syncs the files of a part
   * and the part's folder, but not the folder in which it then renames the part; in our own process we do. What a server
   * of somebody else's does is its administrator's choice.
   */
  sync(table: string): Promise<void>
}

/** Written into the statement itself: what SET sets would stay for later ones. */
type InsertSettings = Readonly<Record<string, string | number>>

type EngineConnection = NonNullable<ClickHouseClientConfigOptions['connection']>

/** Database of the embedded engine. */
const DATABASE = 'vedette'

/** Bytes that the embedded engine may take for its queries and merges. */
const DEFAULT_MEMORY_BYTES = 512 * 1024 * 1024

/**
 * Runs the engine in this process on a folder. Only one folder a process: the engine refuses a second one.
 *
 * The caches of the engine are made for servers with a hundred times our memory; they get sizes that fit a part of a
 * small machine. `docs/decisions/0005-events-in-clickhouse.md` has the measurements.
 */
export async function connectEmbedded(
  folder: string,
  maxMemoryBytes = DEFAULT_MEMORY_BYTES,
): Promise<Connection> {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const lock = lockFolder(folder)
  try {
    // Loaded here and not at the top: it maps a library of half a gigabyte, which the agent never needs.
    const [{ Session }, { createChdbConnection }] = await Promise.all([
      import('chdb'),
      import('chdb/connection'),
    ])
    const path = join(folder, 'engine')
    const engine = new Session(path, {
      connectionArgs: [
        `--max_server_memory_usage=${maxMemoryBytes}`,
        '--mark_cache_size=33554432',
        '--index_mark_cache_size=16777216',
        '--query_condition_cache_size=8388608',
        '--compiled_expression_cache_size=8388608',
        '--background_pool_size=1',
      ],
    })
    // Two connections: queries with parameters change the state of theirs, and inserts must not wait for them.
    const connect = () => {
      // The two packages type the same contract, each from its own copy of it.
      const own = createChdbConnection({ path }) as unknown as EngineConnection
      return createClient({ connection: own })
    }
    const readClient = connect()
    const writeClient = connect()
    await writeClient.command({ query: `CREATE DATABASE IF NOT EXISTS ${DATABASE} ENGINE = Atomic` })
    const close = () => {
      engine.close()
      lock[Symbol.dispose]()
    }
    const room = new InsertRoom()
    return connection(DATABASE, readClient, writeClient, folderSync(path, readClient), close, async (to) => {
      // Its bytes go to the engine as they are; a client would make text of them, in one piece, and bytes of that.
      await engine.insert({
        table: `${DATABASE}.${to.table}`,
        columns: to.columns.split(', '),
        settings: to.settings,
        format: 'TabSeparated',
        values: room.take(to.rows),
      })
    })
  } catch (error) {
    lock[Symbol.dispose]()
    throw error
  }
}

/** @param url `http://user:password@host:8123/database` */
export async function connectServer(url: Secret): Promise<Connection> {
  const database = decodeURIComponent(new URL(url.reveal()).pathname.slice(1)) || 'default'
  if (!/^[A-Za-z_][A-Za-z0-9_]{0,63}$/.test(database)) {
    throw new RangeError(
      `the database of the ClickHouse URL is not a plain name: ${JSON.stringify(database)}`,
    )
  }
  const client = createClient({ url: url.reveal() })
  return connection(
    database,
    client,
    client,
    () => Promise.resolve(),
    () => undefined,
    async ({ table, columns, settings, rows }) => {
      const pairs = Object.entries(settings).map(([name, value]) => `${name} = ${literal(value)}`)
      const { stream } = await client.exec({
        query: `INSERT INTO ${database}.${table} (${columns}) SETTINGS ${pairs.join(', ')} FORMAT TabSeparated`,
        values: Readable.from(rows, { objectMode: false }),
      })
      for await (const chunk of stream) void chunk
    },
  )
}

/** A number, or text that needs no escape. */
function literal(value: string | number): string {
  if (typeof value === 'number') return String(value)
  if (!/^\w*$/.test(value)) throw new RangeError(`not a plain value: ${JSON.stringify(value)}`)
  return `'${value}'`
}

/** Where the rows of an insert lie side by side: the same place for all of them, so that none has to be made and cleared. */
class InsertRoom {
  #bytes = Buffer.alloc(0)

  take(rows: readonly Buffer[]): Buffer {
    const size = rows.reduce((sum, { length }) => sum + length, 0)
    if (size > this.#bytes.length) this.#bytes = Buffer.allocUnsafeSlow(size + (size >> 1))
    let at = 0
    for (const piece of rows) at += piece.copy(this.#bytes, at)
    return this.#bytes.subarray(0, size)
  }
}

/** Syncs the folder of a table; the first time all those above it as well, down from `root`. */
function folderSync(root: string, client: ClickHouseClient): (table: string) => Promise<void> {
  const folders = new Map<string, readonly string[]>()
  return async (table) => {
    let paths = folders.get(table)
    if (paths === undefined) {
      const found = await client.query({
        query:
          'SELECT data_paths FROM system.tables WHERE database = {database:String} AND name = {table:String}',
        query_params: { database: DATABASE, table },
        format: 'JSONEachRow',
      })
      paths = (await found.json<{ data_paths: string[] }>()).flatMap((row) => row.data_paths)
      for (const above of [
        root,
        join(root, 'metadata'),
        join(root, 'store'),
        ...paths.map((path) => dirname(path)),
      ]) {
        await syncFolderAsync(above)
      }
      if (paths.length > 0) folders.set(table, paths)
    }
    await Promise.all(paths.map(syncFolderAsync))
  }
}

async function syncFolderAsync(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

interface Insert {
  readonly table: string
  readonly columns: string
  readonly settings: InsertSettings
  readonly rows: readonly Buffer[]
}

function connection(
  database: string,
  reader: ClickHouseClient,
  writer: ClickHouseClient,
  sync: (table: string) => Promise<void>,
  close: () => void,
  insert: (insert: Insert) => Promise<void>,
): Connection {
  return {
    database,
    sync,

    async select<Row>(query: string, parameters?: Parameters): Promise<Row[]> {
      const result = await reader.query({
        query,
        format: 'JSONEachRow',
        ...(parameters && { query_params: { ...parameters } }),
      })
      return result.json<Row>()
    },

    async command(query) {
      await writer.command({ query })
    },

    insert: (table, columns, settings, rows) => insert({ table, columns, settings, rows }),

    async [Symbol.asyncDispose]() {
      await reader.close()
      if (writer !== reader) await writer.close()
      close()
    },
  }
}
