import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'
import { guard } from './tenant-policy.ts'

/** In the order in which they are made. */
const tables: Readonly<Record<string, string>> = {
  rule_exceptions: `
    tenant text NOT NULL, id text NOT NULL, number bigint GENERATED ALWAYS AS IDENTITY,
    rules json NOT NULL, rule_title text NOT NULL, alert text, fields json NOT NULL, filter text NOT NULL,
    owner text NOT NULL, reason text NOT NULL, actor text NOT NULL,
    added_at timestamptz NOT NULL, expires_at timestamptz,
    PRIMARY KEY (tenant, id)`,
  rule_files: `
    tenant text NOT NULL, sha256 text NOT NULL, content bytea NOT NULL,
    PRIMARY KEY (tenant, sha256)`,
  rule_packs: `
    tenant text NOT NULL, number bigint GENERATED ALWAYS AS IDENTITY,
    name text NOT NULL, source text NOT NULL, digest text NOT NULL, rules bigint NOT NULL,
    actor text NOT NULL, added_at timestamptz NOT NULL,
    PRIMARY KEY (tenant, number)`,
  rule_pack_files: `
    tenant text NOT NULL, pack bigint NOT NULL, path text NOT NULL, sha256 text NOT NULL,
    PRIMARY KEY (tenant, pack, path), FOREIGN KEY (tenant, pack) REFERENCES rule_packs ON DELETE CASCADE,
    FOREIGN KEY (tenant, sha256) REFERENCES rule_files`,
  rule_pack_sets: `
    tenant text NOT NULL, number bigint GENERATED ALWAYS AS IDENTITY,
    time timestamptz NOT NULL, actor text NOT NULL, action text NOT NULL, packs json NOT NULL,
    PRIMARY KEY (tenant, number)`,
}

/** Rules that were installed, and exceptions from rules. */
export const rules: Migration = {
  async up(db: Kysely<unknown>) {
    for (const [table, columns] of Object.entries(tables)) {
      await sql`CREATE TABLE ${sql.table(table)} (${sql.raw(columns)})`.execute(db)
      await guard(db, table)
    }
    await sql.raw('CREATE INDEX rule_pack_files_by_content ON rule_pack_files (tenant, sha256)').execute(db)
  },

  async down(db: Kysely<unknown>) {
    for (const table of Object.keys(tables).reverse()) {
      await sql`DROP TABLE ${sql.table(table)}`.execute(db)
    }
  },
}
