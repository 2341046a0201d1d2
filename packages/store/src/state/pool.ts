import type { Logger } from '@vedette/base'
import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import type { Database } from './database.ts'
import { fromTimestamp } from './timestamps.ts'

const INT8 = 20
const TIMESTAMPTZ = 1184

/** Numbers that we keep (counts, identities) are far below 2^53. */
const typeParsers = new Map<number, (text: string) => unknown>([
  [INT8, Number],
  [TIMESTAMPTZ, fromTimestamp],
])

export interface PoolOptions {
  readonly config: pg.PoolConfig
  readonly log: Logger
  /** Role that each connection takes on. */
  readonly role?: string
}

/** Opens a pool. `destroy()` closes it. */
export function openPool({ config, log, role }: PoolOptions): Kysely<Database> {
  const pool = new pg.Pool({
    application_name: 'vedette',
    connectionTimeoutMillis: 10_000,
    idleTimeoutMillis: 30_000,
    statement_timeout: 30_000,
    idle_in_transaction_session_timeout: 60_000,
    ...config,
    types: {
      getTypeParser: (oid: number, format?: 'text' | 'binary') =>
        (format === 'binary' ? undefined : typeParsers.get(oid)) ??
        (pg.types.getTypeParser(oid, format) as (text: string) => unknown),
    },
    // Awaited by the pool; a connection for which it fails is given to nobody.
    onConnect: (client): unknown => {
      // One that ends between two queries of a transaction: the next query fails and says so.
      client.on('error', (error) => log.debug({ error }, 'a connection to PostgreSQL ended'))
      const settings = ["SET timezone = 'UTC'", "SET datestyle = 'ISO'"]
      return client.query([...settings, ...(role === undefined ? [] : [`SET ROLE ${role}`])].join('; '))
    },
  })
  // A connection that ends while nobody uses it is replaced by the pool.
  pool.on('error', (error) => log.debug({ error }, 'an idle connection to PostgreSQL ended'))
  return new Kysely<Database>({ dialect: new PostgresDialect({ pool }) })
}
