import type { Kysely } from 'kysely'
import { type Migration, Migrator, NO_MIGRATIONS } from 'kysely/migration'
import { state } from './migrations/0001-state.ts'
import { indicators } from './migrations/0002-indicators.ts'
import { rules } from './migrations/0003-rules.ts'
import { exceptionHits } from './migrations/0004-exception-hits.ts'
import { people } from './migrations/0006-people.ts'
import { agents } from './migrations/0005-agents.ts'

/** By name, which is the order; what has been published never changes. */
const migrations: Readonly<Record<string, Migration>> = {
  '0001-state': state,
  '0002-indicators': indicators,
  '0003-rules': rules,
  '0004-exception-hits': exceptionHits,
  '0005-agents': agents,
  '0006-people': people,
}

/** The list of what was done lies in a schema of its own, which the service cannot enter. */
export const MIGRATION_SCHEMA = 'vedette_migrations'

/**
 * Brings the state's schema to a version, up or down; a step is done whole or not at all.
 *
 * @param db connected as the owner
 * @param target name of a migration, `none` for none; the newest by default
 */
export async function migrateState(db: Kysely<unknown>, target?: string): Promise<void> {
  const migrator = new Migrator({
    db,
    provider: { getMigrations: () => Promise.resolve({ ...migrations }) },
    migrationTableSchema: MIGRATION_SCHEMA,
  })
  const { error } =
    target === undefined
      ? await migrator.migrateToLatest()
      : await migrator.migrateTo(target === 'none' ? NO_MIGRATIONS : target)
  if (error !== undefined) throw error
}
