import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** What exceptions kept silent. */
export const exceptionHits: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      ALTER TABLE rule_exceptions ADD COLUMN hits bigint NOT NULL DEFAULT 0,
        ADD COLUMN first_hit timestamptz, ADD COLUMN last_hit timestamptz`.execute(db)
  },

  async down(db: Kysely<unknown>) {
    await sql`
      ALTER TABLE rule_exceptions DROP COLUMN hits, DROP COLUMN first_hit, DROP COLUMN last_hit`.execute(db)
  },
}
