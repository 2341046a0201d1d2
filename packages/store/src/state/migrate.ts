import { CodedError } from '@vedette/base'
import { type Kysely, sql } from 'kysely'
import { type Migration, Migrator, NO_MIGRATIONS } from 'kysely/migration'
import { state } from './migrations/0001-state.ts'
import { indicators } from './migrations/0002-indicators.ts'
import { rules } from './migrations/0003-rules.ts'
import { exceptionHits } from './migrations/0004-exception-hits.ts'
import { people } from './migrations/0006-people.ts'
import { suppressed } from './migrations/0011-suppressed.ts'
import { agents } from './migrations/0005-agents.ts'
import { fleet } from './migrations/0008-fleet.ts'
import { customRoles } from './migrations/0010-roles.ts'
import { keysMigration } from './migrations/0012-keys.ts'
import type { Keyring } from '../keys/keyring.ts'

/** By name, which is the order; what has been published never changes. */
const migrations = (keys: Keyring | undefined): Readonly<Record<string, Migration>> => ({
  '0001-state': state,
  '0002-indicators': indicators,
  '0003-rules': rules,
  '0004-exception-hits': exceptionHits,
  '0005-agents': agents,
  '0006-people': people,
  '0008-fleet': fleet,
  '0010-roles': customRoles,
  '0011-suppressed': suppressed,
  '0012-keys': keysMigration(keys),
})

/** The list of what was done lies in a schema of its own, which the service cannot enter. */
export const MIGRATION_SCHEMA = 'vedette_migrations'

/** Names of all migrations, in their order. */
export const migrationNames: readonly string[] = Object.keys(migrations(undefined)).sort()

/** Migrations that are in force in a database, in their order. */
export async function appliedMigrations(db: Kysely<unknown>): Promise<string[]> {
  const there = await sql`SELECT to_regclass(${`${MIGRATION_SCHEMA}.kysely_migration`}) AS found`.execute(db)
  if ((there.rows[0] as { found: unknown } | undefined)?.found === null) return []
  const { rows } = await sql<{
    name: string
  }>`SELECT name FROM ${sql.table(`${MIGRATION_SCHEMA}.kysely_migration`)} ORDER BY name`.execute(db)
  return rows.map(({ name }) => name)
}

/**
 * Brings the state's schema to a version, up or down; a step is done whole or not at all.
 *
 * @param db connected as the owner
 * @param target name of a migration, `none` for none; the newest by default
 * @param keys needed on the way past what seals secrets, where there are some
 * @throws {CodedError} `state-newer` when the database has migrations that this program does not know; `no-keys`
 */
export async function migrateState(
  db: Kysely<unknown>,
  keys: Keyring | undefined,
  target?: string,
): Promise<void> {
  const newer = (await appliedMigrations(db)).filter((name) => !migrationNames.includes(name)).at(-1)
  if (newer !== undefined) throw stateNewer(newer)
  const migrator = new Migrator({
    db,
    provider: { getMigrations: () => Promise.resolve({ ...migrations(keys) }) },
    migrationTableSchema: MIGRATION_SCHEMA,
  })
  const { error } =
    target === undefined
      ? await migrator.migrateToLatest()
      : await migrator.migrateTo(target === 'none' ? NO_MIGRATIONS : target)
  if (error !== undefined) throw error
}

/** @param version the newest migration of what was found */
export function stateNewer(version: string): CodedError {
  return new CodedError(
    'state-newer',
    `The state is of a newer Vedette: it has schema ${version}, and this program knows ${migrationNames.at(-1)}; ` +
      'start the newer version again, or restore a backup that this one made',
  )
}
