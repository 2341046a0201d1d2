import { createHash } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { type FileHandle, open, rm } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
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
   * @param token names what is inserted: a server that may still be at work on it does not store it twice
   */
  insert(
    table: string,
    columns: string,
    settings: InsertSettings,
    rows: readonly Buffer[],
    token: string,
  ): Promise<void>
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
    const incoming = await IncomingRows.open(folder)
    const insert = async ({ table, columns, settings, rows }: Insert) => {
      await incoming.put(rows)
      // No token: the engine notes it before the part has its name, so a process that is killed in between would pass over
      // these rows when they come again, and say that they are stored. What failed in our own process is over when it says so.
      const inForce = settingsOf({ ...settings, insert_deduplicate: 0 })
      await writeClient.command({
        query: `INSERT INTO ${DATABASE}.${table} (${columns}) FROM INFILE ${incoming.literal} ${inForce} FORMAT TabSeparated`,
      })
    }
    const close = async () => {
      await incoming[Symbol.asyncDispose]()
      engine.close()
      lock[Symbol.dispose]()
    }
    return connection(DATABASE, readClient, writeClient, folderSync(path, readClient), close, insert)
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
    () => Promise.resolve(),
    async ({ table, columns, settings, rows, token }) => {
      const inForce = settingsOf({ ...settings, insert_deduplication_token: token })
      const { stream } = await client.exec({
        query: `INSERT INTO ${database}.${table} (${columns}) ${inForce} FORMAT TabSeparated`,
        values: Readable.from(rows, { objectMode: false }),
      })
      for await (const chunk of stream) void chunk
    },
  )
}

function settingsOf(settings: InsertSettings): string {
  return `SETTINGS ${Object.entries(settings)
    .map(([name, value]) => `${name} = ${literal(value)}`)
    .join(', ')}`
}

/** A number, or text in quotes. */
function literal(value: string | number): string {
  if (typeof value === 'number') return String(value)
  return `'${value.replaceAll(/[\\']/g, '\\$&')}'`
}

/** Pieces that one call writes. */
const PIECES = 512

/**
 * A file by which rows come to the engine in this process: it reads them where they are, while of a statement it makes copies
 * and looks at every word, which costs more than all the rest of an insert. Nothing of it is needed after a crash.
 */
class IncomingRows implements AsyncDisposable {
  readonly #path: string
  readonly #file: FileHandle

  private constructor(path: string, file: FileHandle) {
    this.#path = path
    this.#file = file
  }

  /**
   * In memory where the machine has a place for that: beside the store the sync of every insert would bring these rows to the
   * disk as well. The name is the folder's, so that what a killed process left is found again.
   */
  static async open(folder: string): Promise<IncomingRows> {
    const name = createHash('sha256').update(resolve(folder)).digest('hex').slice(0, 32)
    const inMemory = `/dev/shm/vedette-${name}.tsv`
    return IncomingRows.#openAt(inMemory).catch(() => IncomingRows.#openAt(join(folder, 'incoming.tsv')))
  }

  static async #openAt(path: string): Promise<IncomingRows> {
    await rm(path, { force: true })
    return new IncomingRows(path, await open(path, 'wx', 0o600))
  }

  /** Its name as a statement has it. */
  get literal(): string {
    return literal(this.#path)
  }

  /** Takes the place of what was in it. */
  async put(rows: readonly Buffer[]): Promise<void> {
    let at = 0
    for (let from = 0; from < rows.length; from += PIECES) {
      const pieces = rows.slice(from, from + PIECES)
      const size = pieces.reduce((sum, { length }) => sum + length, 0)
      const { bytesWritten } = await this.#file.writev(pieces, at)
      if (bytesWritten !== size) throw Object.assign(new Error('no space for the rows'), { code: 'ENOSPC' })
      at += size
    }
    await this.#file.truncate(at)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close()
    await rm(this.#path, { force: true })
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
  readonly token: string
}

function connection(
  database: string,
  reader: ClickHouseClient,
  writer: ClickHouseClient,
  sync: (table: string) => Promise<void>,
  close: () => Promise<void>,
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

    insert: (table, columns, settings, rows, token) => insert({ table, columns, settings, rows, token }),

    async [Symbol.asyncDispose]() {
      await reader.close()
      if (writer !== reader) await writer.close()
      await close()
    },
  }
}
