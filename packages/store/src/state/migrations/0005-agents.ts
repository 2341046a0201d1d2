import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'
import { guard, openDoor } from './tenant-policy.ts'

/** In the order in which they are made. */
const tables: Readonly<Record<string, string>> = {
  agents: `
    tenant text NOT NULL, id text NOT NULL, hostname text NOT NULL, machine_id text NOT NULL,
    key_hash text NOT NULL, state text NOT NULL CHECK (state IN ('active', 'removed')),
    enrolled_at timestamptz NOT NULL, enrolled_by text NOT NULL, last_seen timestamptz, removed_at timestamptz,
    moved_to text,
    PRIMARY KEY (tenant, id), UNIQUE (tenant, key_hash)`,
  agent_certificates: `
    tenant text NOT NULL, serial text NOT NULL, agent text NOT NULL,
    issued_at timestamptz NOT NULL, expires_at timestamptz NOT NULL,
    revoked_at timestamptz, reason text CHECK (reason IN ('removed', 'superseded')),
    PRIMARY KEY (tenant, serial), FOREIGN KEY (tenant, agent) REFERENCES agents ON DELETE CASCADE`,
  enrolment_secrets: `
    tenant text NOT NULL, token_hash text PRIMARY KEY, id text NOT NULL,
    created_at timestamptz NOT NULL, created_by text NOT NULL, expires_at timestamptz NOT NULL,
    uses integer NOT NULL CHECK (uses > 0), uses_left integer NOT NULL CHECK (uses_left >= 0),
    UNIQUE (tenant, id)`,
  pending_agents: `
    tenant text NOT NULL, id text NOT NULL, key_hash text NOT NULL, hostname text NOT NULL, machine_id text NOT NULL,
    address text NOT NULL, asked_at timestamptz NOT NULL,
    PRIMARY KEY (tenant, id), UNIQUE (tenant, key_hash)`,
}

/** Agents that were enrolled, their certificates, and what lets others in. */
export const agents: Migration = {
  async up(db: Kysely<unknown>) {
    for (const [table, columns] of Object.entries(tables)) {
      await sql`CREATE TABLE ${sql.table(table)} (${sql.raw(columns)})`.execute(db)
      await guard(db, table)
    }
    await sql
      .raw('CREATE INDEX agent_certificates_by_agent ON agent_certificates (tenant, agent)')
      .execute(db)
    await sql
      .raw(
        'CREATE INDEX agent_certificates_revoked ON agent_certificates (revoked_at) WHERE revoked_at IS NOT NULL',
      )
      .execute(db)
    await openDoor(db, 'enrolment_secrets')
    // Which certificates do not hold any more is told to whoever connects, of every tenant: a list of revocations is public.
    await sql`CREATE POLICY revocations ON agent_certificates FOR SELECT
      USING (revoked_at IS NOT NULL AND current_setting('vedette.credential', true) = 'revocations')`.execute(
      db,
    )
  },

  async down(db: Kysely<unknown>) {
    for (const table of Object.keys(tables).reverse()) {
      await sql`DROP TABLE ${sql.table(table)}`.execute(db)
    }
  },
}
