import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'
import { guard } from './tenant-policy.ts'

const types = [
  'sha256',
  'sha1',
  'md5',
  'ipv4',
  'ipv6',
  'cidr',
  'domain',
  'domain_suffix',
  'registered_domain',
  'url',
  'path',
  'process_name',
]
const typeCheck = `type text NOT NULL CHECK (type IN (${types.map((type) => `'${type}'`).join(', ')}))`

/** In the order in which they are made. */
const tables: Readonly<Record<string, string>> = {
  indicators: `
    tenant text NOT NULL, number bigint GENERATED ALWAYS AS IDENTITY,
    source text NOT NULL, ${typeCheck}, value text NOT NULL,
    confidence smallint NOT NULL CHECK (confidence BETWEEN 0 AND 100),
    severity text NOT NULL CHECK (severity IN ('informational', 'low', 'medium', 'high', 'critical')),
    tlp text NOT NULL CHECK (tlp IN ('clear', 'green', 'amber', 'amber+strict', 'red')),
    valid_from timestamptz NOT NULL, valid_until timestamptz,
    description text, tags json NOT NULL, techniques json NOT NULL, added_at timestamptz NOT NULL,
    sightings bigint NOT NULL DEFAULT 0, first_sighted timestamptz, last_sighted timestamptz,
    PRIMARY KEY (tenant, number), UNIQUE (tenant, source, type, value)`,
  allow_entries: `
    tenant text NOT NULL, number bigint GENERATED ALWAYS AS IDENTITY, ${typeCheck}, value text NOT NULL,
    owner text NOT NULL, reason text NOT NULL, added_at timestamptz NOT NULL, expires_at timestamptz,
    hits bigint NOT NULL DEFAULT 0, first_hit timestamptz, last_hit timestamptz,
    PRIMARY KEY (tenant, number), UNIQUE (tenant, type, value)`,
  feeds: `
    tenant text NOT NULL, name text NOT NULL, settings json NOT NULL, state json NOT NULL,
    configured boolean NOT NULL, added_at timestamptz NOT NULL,
    PRIMARY KEY (tenant, name)`,
  feed_versions: `
    tenant text NOT NULL, feed text NOT NULL, number bigint GENERATED ALWAYS AS IDENTITY,
    fetched_at timestamptz NOT NULL, sha256 text NOT NULL, size_bytes bigint NOT NULL, indicators bigint NOT NULL,
    content bytea NOT NULL,
    PRIMARY KEY (tenant, feed, number), FOREIGN KEY (tenant, feed) REFERENCES feeds ON DELETE CASCADE`,
}

/** Indicators, what is allowed, and the feeds that tell of them. */
export const indicators: Migration = {
  async up(db: Kysely<unknown>) {
    for (const [table, columns] of Object.entries(tables)) {
      await sql`CREATE TABLE ${sql.table(table)} (${sql.raw(columns)})`.execute(db)
      await guard(db, table)
    }
    await sql.raw('CREATE INDEX indicators_by_value ON indicators (tenant, value)').execute(db)
  },

  async down(db: Kysely<unknown>) {
    for (const table of Object.keys(tables).reverse()) {
      await sql`DROP TABLE ${sql.table(table)}`.execute(db)
    }
  },
}
