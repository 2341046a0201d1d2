import { randomBytes } from 'node:crypto'
import type { Logger } from '@vedette/base'
import { type Kysely, sql } from 'kysely'
import type pg from 'pg'
import { storeFailure } from '../failure.ts'
import type { Keyring } from '../keys/keyring.ts'
import type { Database } from './database.ts'
import { appliedMigrations, migrateState, migrationNames } from './migrate.ts'
import { prepare } from './open-state-store.ts'
import { openPool } from './pool.ts'
import { columnsOf, dumpState, liftPolicies, loadState, versionOfDump } from './state-dump.ts'

/** What became of a copy of the state on its way up and down. */
export interface Rehearsal {
  readonly steps: readonly RehearsalStep[]
  /** What is not as it should be, in words; empty when all is well. */
  readonly problems: readonly string[]
}

export interface RehearsalStep {
  /** `copy`, `up to 0006-people`, `down to 0005-agents`, ... */
  readonly name: string
  readonly durationMs: number
  /** Rows by table. */
  readonly rows: Readonly<Record<string, number>>
}

type Rows = Readonly<Record<string, number>>

/**
 * Copies the state into a database of its own, brings it to the newest schema, one down, up again, all the way down and
 * up, and compares: the copy has every row, a way up loses none, one down and up loses only what stands in tables that the
 * last migration made, and every table has its policy.
 *
 * @param db who sees all rows of the state
 */
export async function rehearse(
  db: Kysely<Database>,
  access: {
    readonly owner: pg.PoolConfig
    readonly above: pg.PoolConfig
    readonly keys: Keyring | undefined
  },
  log: Logger,
): Promise<Rehearsal> {
  const name = `vedette_rehearsal_${randomBytes(6).toString('hex')}`
  const steps: RehearsalStep[] = []
  const problems: string[] = []
  try {
    const owner = await ownerOf(db, access.owner)
    await sql`CREATE DATABASE ${sql.ref(name)} OWNER ${sql.ref(owner)}`.execute(db)
  } catch (error) {
    throw storeFailure('rehearsal-refused', 'make a database for the rehearsal', error)
  }
  const there = { owner: toDatabase(access.owner, name), above: toDatabase(access.above, name) }
  const copy = openPool({ config: { ...there.above, max: 2, statement_timeout: 0 }, log })
  try {
    const step = async (what: string, work: () => Promise<unknown>): Promise<Rows> => {
      const begunMs = performance.now()
      await work()
      const durationMs = Math.round(performance.now() - begunMs)
      const rows = await countRows(copy)
      steps.push({ name: what, durationMs, rows })
      problems.push(...(await unguarded(copy)).map((table) => `${what}: ${table} has no forced policy`))
      return rows
    }
    const to = (target: string) => async () => {
      const owner = openPool({ config: { ...there.owner, max: 2, statement_timeout: 0 }, log })
      try {
        await migrateState(owner as Kysely<unknown>, access.keys, target)
      } finally {
        await owner.destroy()
      }
    }
    const compare = (what: string, before: Rows, after: Rows) => {
      for (const [table, count] of Object.entries(before)) {
        if (after[table] !== count) {
          problems.push(`${what}: ${table} has ${after[table] ?? 'no'} rows, and had ${count}`)
        }
      }
    }

    let written: Rows = {}
    const copied = await step('copy', async () => {
      const lines = dumpState(db)
      const head = await lines.next()
      const version = versionOfDump(head.done === true ? '' : head.value)
      if (version !== '') await prepare(there.owner, log, access.keys, version)
      written = Object.fromEntries(await loadState(copy, lines))
    })
    compare('copy', written, copied)
    const from = (await appliedMigrations(copy as unknown as Kysely<unknown>)).at(-1)
    const [last = '', before = 'none'] = migrationNames.toReversed()
    if (from !== undefined && from !== last) {
      const up = await step(`up to ${last}`, to(last))
      compare(`up to ${last}`, copied, up)
      const back = await step(`down to ${from}`, to(from))
      compare(`down to ${from}`, copied, back)
      await step(`up to ${last}`, to(last))
    }
    const kept = await step(`down to ${before}`, to(before))
    const again = await step(`up to ${last}`, to(last))
    compare(`down to ${before} and up again`, kept, again)
    const none = await step('down to none', to('none'))
    problems.push(...Object.keys(none).map((table) => `down to none: ${table} is left`))
    await step(`up to ${last}`, to(last))
    return { steps, problems }
  } catch (error) {
    problems.push(error instanceof Error ? error.message : String(error))
    return { steps, problems }
  } finally {
    await copy.destroy()
    await sql`DROP DATABASE ${sql.ref(name)} WITH (FORCE)`.execute(db)
  }
}

async function countRows(db: Kysely<Database>): Promise<Rows> {
  const counts: Record<string, number> = {}
  const trx = await db.startTransaction().execute()
  try {
    // The owner of a server of somebody else's is under the policies of the copy.
    await liftPolicies(trx)
    for (const table of (await columnsOf(trx)).keys()) {
      const { rows } = await sql<{ n: number }>`SELECT count(*) AS n FROM ${sql.table(table)}`.execute(trx)
      counts[table] = rows[0]?.n ?? 0
    }
  } finally {
    await trx.rollback().execute()
  }
  return counts
}

/** Tables with rows of tenants that are shown to everybody. */
async function unguarded(db: Kysely<Database>): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    SELECT relname AS name FROM pg_class c
    WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND NOT (relrowsecurity AND relforcerowsecurity
      AND EXISTS (SELECT 1 FROM pg_policy WHERE polrelid = c.oid))`.execute(db)
  return rows.map(({ name }) => name)
}

/** The role that owns the copy too. */
async function ownerOf(db: Kysely<Database>, config: pg.PoolConfig): Promise<string> {
  if (config.user !== undefined) return config.user
  const { rows } = await sql<{ name: string }>`SELECT current_user AS name`.execute(db)
  return rows[0]?.name ?? ''
}

function toDatabase(config: pg.PoolConfig, database: string): pg.PoolConfig {
  if (config.connectionString === undefined) return { ...config, database }
  const url = new URL(config.connectionString)
  url.pathname = `/${database}`
  return { ...config, connectionString: url.href }
}
