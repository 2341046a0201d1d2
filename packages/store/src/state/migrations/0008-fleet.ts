import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'
import { guard } from './tenant-policy.ts'

/** In the order in which they are made. */
const tables: Readonly<Record<string, string>> = {
  agent_groups: `
    tenant text NOT NULL, name text NOT NULL, rank integer NOT NULL, members json NOT NULL, labels json NOT NULL,
    hosts json NOT NULL, current integer NOT NULL,
    PRIMARY KEY (tenant, name)`,
  agent_group_revisions: `
    tenant text NOT NULL, group_name text NOT NULL, number integer NOT NULL CHECK (number > 0), config json NOT NULL,
    content text, agent_version text, made_at timestamptz NOT NULL, made_by text NOT NULL,
    PRIMARY KEY (tenant, group_name, number),
    FOREIGN KEY (tenant, group_name) REFERENCES agent_groups ON DELETE CASCADE`,
  agent_roll_outs: `
    tenant text NOT NULL, id text NOT NULL, group_name text NOT NULL, from_revision integer NOT NULL,
    to_revision integer NOT NULL, state text NOT NULL CHECK (state IN ('running', 'done', 'stopped')),
    stage integer NOT NULL, hold_ms bigint NOT NULL, agents json NOT NULL, started_at timestamptz NOT NULL,
    started_by text NOT NULL, stage_at timestamptz NOT NULL, ended_at timestamptz, reason text,
    PRIMARY KEY (tenant, id),
    FOREIGN KEY (tenant, group_name) REFERENCES agent_groups ON DELETE CASCADE`,
  agent_labels: `
    tenant text NOT NULL, agent text NOT NULL, labels json NOT NULL,
    PRIMARY KEY (tenant, agent), FOREIGN KEY (tenant, agent) REFERENCES agents ON DELETE CASCADE`,
  agent_contents: `
    tenant text NOT NULL, version integer NOT NULL CHECK (version > 0), sha256 text NOT NULL, bytes bytea NOT NULL,
    files json NOT NULL, made_at timestamptz NOT NULL, made_by text NOT NULL,
    PRIMARY KEY (tenant, version)`,
  agent_assignments: `
    tenant text NOT NULL, agent text NOT NULL, serial bigint NOT NULL, digest text NOT NULL, group_name text NOT NULL,
    revision integer NOT NULL, assigned_at timestamptz NOT NULL, standing json, told_at timestamptz,
    PRIMARY KEY (tenant, agent), FOREIGN KEY (tenant, agent) REFERENCES agents ON DELETE CASCADE`,
}

/** Groups of agents, what each of them is given, and what became of it. */
export const fleet: Migration = {
  async up(db: Kysely<unknown>) {
    for (const [table, columns] of Object.entries(tables)) {
      await sql`CREATE TABLE ${sql.table(table)} (${sql.raw(columns)})`.execute(db)
      await guard(db, table)
    }
    // One at a time: two would each undo what the other does.
    await sql
      .raw(
        "CREATE UNIQUE INDEX agent_roll_outs_running ON agent_roll_outs (tenant, group_name) WHERE state = 'running'",
      )
      .execute(db)
    await sql
      .raw('ALTER TABLE enrolment_secrets ADD COLUMN needs_approval boolean NOT NULL DEFAULT false')
      .execute(db)
  },

  async down(db: Kysely<unknown>) {
    // An older release would let in at once who was to wait. Its rows are shown to their owner for that moment.
    for (const statement of [
      'ALTER TABLE enrolment_secrets NO FORCE ROW LEVEL SECURITY',
      'DELETE FROM enrolment_secrets WHERE needs_approval',
      'ALTER TABLE enrolment_secrets FORCE ROW LEVEL SECURITY',
      'ALTER TABLE enrolment_secrets DROP COLUMN needs_approval',
    ]) {
      await sql.raw(statement).execute(db)
    }
    for (const table of Object.keys(tables).reverse()) {
      await sql`DROP TABLE ${sql.table(table)}`.execute(db)
    }
  },
}
