import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'
import { guard, openDoor } from './tenant-policy.ts'

/** In the order in which they are made. */
const tables: Readonly<Record<string, string>> = {
  alerts: `
    tenant text NOT NULL, id text NOT NULL,
    rule_id text NOT NULL, rule json NOT NULL, title text NOT NULL,
    severity text NOT NULL CHECK (severity IN ('informational', 'low', 'medium', 'high', 'critical')),
    time timestamptz NOT NULL, last_seen timestamptz NOT NULL, count bigint NOT NULL CHECK (count > 0),
    status text NOT NULL CHECK (status IN ('open', 'acknowledged', 'resolved')),
    verdict text CHECK (verdict IN ('true_positive', 'false_positive', 'benign')), assignee text,
    host text NOT NULL, device json NOT NULL, process json, entity text NOT NULL,
    events json NOT NULL, event_count bigint NOT NULL, matches json NOT NULL, aggregate json,
    fingerprint text NOT NULL, counted json NOT NULL, incident text,
    risk smallint NOT NULL CHECK (risk BETWEEN 0 AND 100), searched text NOT NULL,
    PRIMARY KEY (tenant, id)`,
  incidents: `
    tenant text NOT NULL, id text NOT NULL, title text NOT NULL, description text NOT NULL,
    severity text NOT NULL CHECK (severity IN ('informational', 'low', 'medium', 'high', 'critical')),
    status text NOT NULL CHECK (status IN ('open', 'investigating', 'closed')), assignee text, resolution text,
    created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL, closed_at timestamptz,
    alert_count bigint NOT NULL, host text, origin text NOT NULL CHECK (origin IN ('correlation', 'person')),
    programs json NOT NULL, last_alert timestamptz,
    PRIMARY KEY (tenant, id)`,
  incident_keys: `
    tenant text NOT NULL, key text NOT NULL, incident text NOT NULL,
    PRIMARY KEY (tenant, key), FOREIGN KEY (tenant, incident) REFERENCES incidents ON DELETE CASCADE`,
  incident_entries: `
    tenant text NOT NULL, incident text NOT NULL, number bigint GENERATED ALWAYS AS IDENTITY,
    time timestamptz NOT NULL, actor text NOT NULL, action text NOT NULL, text text NOT NULL,
    PRIMARY KEY (tenant, incident, number), FOREIGN KEY (tenant, incident) REFERENCES incidents ON DELETE CASCADE`,
  risk_entries: `
    tenant text NOT NULL, entity text NOT NULL, alert text NOT NULL, time timestamptz NOT NULL,
    points smallint NOT NULL, reason text NOT NULL, rule text NOT NULL,
    PRIMARY KEY (tenant, entity, alert)`,
  hosts: `
    tenant text NOT NULL, id text NOT NULL, report json NOT NULL,
    first_seen timestamptz NOT NULL, last_seen timestamptz NOT NULL,
    PRIMARY KEY (tenant, id)`,
  responses: `
    tenant text NOT NULL, id text NOT NULL, host text NOT NULL, alert text, action text NOT NULL,
    outcome text NOT NULL CHECK (outcome IN ('preview', 'done', 'refused', 'failed', 'undone', 'would_have')),
    summary text NOT NULL, affected json NOT NULL, undo text, lease_ends timestamptz,
    actor text NOT NULL, reason text NOT NULL, time timestamptz NOT NULL,
    PRIMARY KEY (tenant, id)`,
  accounts: `
    tenant text NOT NULL, id text NOT NULL, name text NOT NULL, password_hash text NOT NULL,
    role text NOT NULL CHECK (role IN ('admin', 'analyst', 'viewer')), created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant, id)`,
  sessions: `
    tenant text NOT NULL, token_hash text PRIMARY KEY, account text NOT NULL,
    created_at timestamptz NOT NULL, expires_at timestamptz NOT NULL,
    FOREIGN KEY (tenant, account) REFERENCES accounts ON DELETE CASCADE`,
  setup_tokens: `
    tenant text PRIMARY KEY, token_hash text NOT NULL, created_at timestamptz NOT NULL, used_at timestamptz`,
  agent_credentials: `
    tenant text NOT NULL, token_hash text PRIMARY KEY, agent text NOT NULL, created_at timestamptz NOT NULL,
    UNIQUE (tenant, agent)`,
  api_tokens: `
    tenant text NOT NULL, token_hash text PRIMARY KEY, id text NOT NULL, name text NOT NULL,
    role text NOT NULL CHECK (role IN ('admin', 'analyst', 'viewer')), created_at timestamptz NOT NULL,
    UNIQUE (tenant, id), UNIQUE (tenant, name)`,
}

const indexes = [
  'CREATE INDEX alerts_by_time ON alerts (tenant, time DESC, id DESC)',
  `CREATE INDEX alerts_unresolved ON alerts (tenant, severity, host) WHERE status <> 'resolved'`,
  'CREATE INDEX alerts_by_fingerprint ON alerts (tenant, fingerprint, time)',
  'CREATE INDEX alerts_by_incident ON alerts (tenant, incident, time) WHERE incident IS NOT NULL',
  'CREATE INDEX alerts_by_rule ON alerts (tenant, rule_id, time DESC)',
  'CREATE INDEX alerts_by_entity ON alerts (tenant, entity, time DESC)',
  'CREATE INDEX alerts_by_host ON alerts (tenant, host, time DESC)',
  'CREATE INDEX incidents_by_change ON incidents (tenant, updated_at DESC, id)',
  'CREATE INDEX incidents_by_host ON incidents (tenant, host, created_at DESC)',
  'CREATE INDEX incident_keys_by_incident ON incident_keys (tenant, incident)',
  'CREATE INDEX risk_entries_by_time ON risk_entries (tenant, entity, time)',
  'CREATE INDEX responses_by_time ON responses (tenant, time DESC, id)',
  'CREATE INDEX responses_by_alert ON responses (tenant, alert) WHERE alert IS NOT NULL',
  'CREATE UNIQUE INDEX accounts_by_name ON accounts (tenant, lower(name))',
  'CREATE INDEX sessions_by_account ON sessions (tenant, account)',
]

const doors = ['sessions', 'agent_credentials', 'api_tokens']

/** Everything that the first release keeps. */
export const state: Migration = {
  async up(db: Kysely<unknown>) {
    for (const [table, columns] of Object.entries(tables)) {
      await sql`CREATE TABLE ${sql.table(table)} (${sql.raw(columns)})`.execute(db)
      await guard(db, table)
    }
    for (const index of indexes) await sql.raw(index).execute(db)
    for (const table of doors) await openDoor(db, table)
  },

  async down(db: Kysely<unknown>) {
    for (const table of Object.keys(tables).reverse()) {
      await sql`DROP TABLE ${sql.table(table)}`.execute(db)
    }
  },
}
