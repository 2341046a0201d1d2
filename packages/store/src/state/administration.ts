import { closeSync, existsSync, openSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { CodedError, type Logger } from '@vedette/base'
import { type Kysely, sql } from 'kysely'
import type pg from 'pg'
import { storeFailure } from '../failure.ts'
import { appliedMigrations, migrateState, migrationNames } from './migrate.ts'
import { prepare } from './open-state-store.ts'
import { keysOf, type StateStoreOptions } from './options.ts'
import { createDatabase, DATABASE, OWNER_ROLE } from './owner.ts'
import { openPool } from './pool.ts'
import { startPostgres } from './postgres/embedded-postgres.ts'
import { rehearse, type Rehearsal } from './rehearse.ts'
import { columnsOf, dumpState, loadState, versionOfDump } from './state-dump.ts'

/** What is done with the store of state as a whole, by who owns it. */
export interface StateAdministration extends AsyncDisposable {
  /** A server uses the store meanwhile. */
  readonly isInUse: boolean
  status(): Promise<MigrationStatus>
  /**
   * Brings the schema to a version, up or down.
   *
   * @param target name of a migration, or `none`
   * @throws {CodedError} `in-use`, `no-such-migration`, `state-newer`, `state-store-failed`
   */
  migrate(target: string): Promise<void>
  /** Goes up and down on a copy; nothing changes in the store. */
  rehearse(): Promise<Rehearsal>
  /** Lines of `dumpState`. */
  dump(): AsyncIterable<string>
  /**
   * Fills a store that has nothing.
   *
   * @throws {CodedError} `not-empty`, `dump-broken`, `state-newer`, `state-store-failed`
   */
  load(lines: AsyncIterable<string>): Promise<ReadonlyMap<string, number>>
}

export interface MigrationStatus {
  readonly migrations: readonly { readonly name: string; readonly isApplied: boolean }[]
  /** In the database, and not known to this program. */
  readonly newer: readonly string[]
}

/** How to reach a database as its owner, and as who sees all rows. */
interface Access {
  readonly owner: pg.PoolConfig
  readonly above: pg.PoolConfig
  readonly isInUse: boolean
  close(): Promise<void>
}

/** Opens the store for its administration: through the PostgreSQL that runs on it, or one that is started for it. */
export async function openStateAdministration(options: StateStoreOptions): Promise<StateAdministration> {
  const log = options.log.child({ part: 'state' })
  const keys = keysOf(options)
  const access = await reach(options, log)
  const above = openPool({ config: { ...access.above, max: 2, statement_timeout: 0 }, log })
  const asOwner = async <T>(work: (db: Kysely<unknown>) => Promise<T>): Promise<T> => {
    const db = openPool({ config: { ...access.owner, max: 2, statement_timeout: 0 }, log })
    try {
      return await work(db as Kysely<unknown>)
    } catch (error) {
      throw storeFailure('state-store-failed', 'administer the state store', error)
    } finally {
      await db.destroy()
    }
  }

  return {
    isInUse: access.isInUse,

    async status() {
      const applied = await appliedMigrations(above as unknown as Kysely<unknown>)
      return {
        migrations: migrationNames.map((name) => ({ name, isApplied: applied.includes(name) })),
        newer: applied.filter((name) => !migrationNames.includes(name)),
      }
    },

    async migrate(target) {
      if (target !== 'none' && !migrationNames.includes(target)) {
        throw new CodedError('no-such-migration', `There is no migration "${target}"`)
      }
      if (access.isInUse)
        throw new CodedError('in-use', 'Cannot migrate the state store: a server is using it')
      await prepare(access.owner, log, keys, target)
    },

    rehearse: () => rehearse(above, { ...access, keys }, log),

    dump: () => dumpState(above),

    async load(lines) {
      // At once: lines that come before anybody asks for them could be lost.
      const iterator = lines[Symbol.asyncIterator]()
      if ((await columnsOf(above)).size > 0) {
        throw new CodedError('not-empty', 'Cannot restore into a state store that has something already')
      }
      const first = await iterator.next()
      const version = versionOfDump(first.done === true ? '' : first.value)
      if (version !== '') await prepare(access.owner, log, keys, version)
      try {
        return await loadState(above, { [Symbol.asyncIterator]: () => iterator })
      } catch (error) {
        await asOwner((db) => migrateState(db, keys, 'none'))
        throw storeFailure('state-store-failed', 'restore the state', error)
      }
    },

    async [Symbol.asyncDispose]() {
      await above.destroy()
      await access.close()
    },
  }
}

async function reach(options: StateStoreOptions, log: Logger): Promise<Access> {
  if ('url' in options) {
    const config = { connectionString: options.url.reveal() }
    const db = openPool({ config: { ...config, max: 1 }, log })
    try {
      const { rows } = await sql`
        SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'vedette'
          AND pid <> pg_backend_pid()`.execute(db)
      return { owner: config, above: config, isInUse: rows.length > 0, close: () => Promise.resolve() }
    } catch (error) {
      throw storeFailure('state-store-failed', 'reach the state store', error)
    } finally {
      await db.destroy()
    }
  }
  const as = (host: string, port: number, user: string) => ({ host, port, user, database: DATABASE })
  try {
    const postgres = await startPostgres({ ...options, log })
    await createDatabase(postgres, log)
    const { host, port } = postgres
    return {
      owner: as(host, port, OWNER_ROLE),
      above: as(host, port, 'postgres'),
      isInUse: false,
      close: async () => postgres[Symbol.asyncDispose](),
    }
  } catch (error) {
    const run = join(options.folder, 'run')
    if (!(error instanceof CodedError) || error.code !== 'folder-in-use' || !existsSync(run)) throw error
    // Through the open folder the address stays short, however deep the folder is.
    const fd = openSync(realpathSync(run), 'r')
    const host = `/proc/self/fd/${fd}`
    return {
      owner: as(host, 5432, OWNER_ROLE),
      above: as(host, 5432, 'postgres'),
      isInUse: true,
      close: async () => closeSync(fd),
    }
  }
}
