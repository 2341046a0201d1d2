import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'
import { guard } from './tenant-policy.ts'

/** How many alerts a rule opened of late, and what it found besides. */
export const suppressed: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`ALTER TABLE alerts ADD COLUMN suppressed bigint NOT NULL DEFAULT 0 CHECK (suppressed >= 0),
      ADD COLUMN opened_at timestamptz NOT NULL DEFAULT 'epoch'`.execute(db)
    await sql`CREATE INDEX alerts_by_opening ON alerts (tenant, rule_id, opened_at)`.execute(db)
    await sql`CREATE INDEX alerts_suppressed ON alerts (tenant, rule_id) WHERE suppressed > 0`.execute(db)
    await sql`CREATE TABLE suppressed_runs (
      tenant text NOT NULL, rule_id text NOT NULL, run text NOT NULL, number bigint NOT NULL,
      seen_at timestamptz NOT NULL, PRIMARY KEY (tenant, rule_id, run))`.execute(db)
    await sql`CREATE INDEX suppressed_runs_by_time ON suppressed_runs (tenant, seen_at)`.execute(db)
    await guard(db, 'suppressed_runs')
  },

  async down(db: Kysely<unknown>) {
    await sql`DROP TABLE suppressed_runs`.execute(db)
    await sql`ALTER TABLE alerts DROP COLUMN suppressed, DROP COLUMN opened_at`.execute(db)
  },
}
