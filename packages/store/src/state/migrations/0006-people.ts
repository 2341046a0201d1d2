import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'
import { guard } from './tenant-policy.ts'

const ROLES = "('viewer', 'analyst', 'responder', 'engineer', 'admin', 'auditor')"

/** In the order in which they are made. `tenant` is the organisation's own: people and tenants are within it. */
const tables: Readonly<Record<string, string>> = {
  tenants: `
    tenant text NOT NULL, id text NOT NULL CHECK (id <> ''), name text NOT NULL, created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant, id)`,
  account_roles: `
    tenant text NOT NULL, account text NOT NULL, in_tenant text NOT NULL CHECK (in_tenant <> ''),
    role text NOT NULL CHECK (role IN ${ROLES}),
    PRIMARY KEY (tenant, account, in_tenant), FOREIGN KEY (tenant, account) REFERENCES accounts ON DELETE CASCADE`,
  second_factors: `
    tenant text NOT NULL, account text NOT NULL, secret text NOT NULL, created_at timestamptz NOT NULL,
    confirmed_at timestamptz, last_step bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant, account), FOREIGN KEY (tenant, account) REFERENCES accounts ON DELETE CASCADE`,
  recovery_codes: `
    tenant text NOT NULL, account text NOT NULL, code_hash text NOT NULL,
    PRIMARY KEY (tenant, account, code_hash),
    FOREIGN KEY (tenant, account) REFERENCES second_factors ON DELETE CASCADE`,
}

/** Each within its own time: what has rows is opened to its owner for a moment, since its policy holds for them too. */
const before = [
  `ALTER TABLE accounts ADD COLUMN disabled_at timestamptz, ADD COLUMN must_change boolean NOT NULL DEFAULT false,
    ADD COLUMN last_sign_in timestamptz`,
  `ALTER TABLE sessions ADD COLUMN in_tenant text, ADD COLUMN address text NOT NULL DEFAULT '',
    ADD COLUMN program text NOT NULL DEFAULT ''`,
  `ALTER TABLE api_tokens DROP CONSTRAINT api_tokens_role_check,
    ADD CONSTRAINT api_tokens_role_check CHECK (role IN ${ROLES}),
    ADD COLUMN organisation text, ADD COLUMN operations json, ADD COLUMN made_by text NOT NULL DEFAULT '',
    ADD COLUMN expires_at timestamptz, ADD COLUMN last_used_at timestamptz`,
  'ALTER TABLE accounts NO FORCE ROW LEVEL SECURITY',
  'ALTER TABLE sessions NO FORCE ROW LEVEL SECURITY',
  'ALTER TABLE api_tokens NO FORCE ROW LEVEL SECURITY',
  'UPDATE sessions SET in_tenant = tenant',
  'UPDATE api_tokens SET organisation = tenant',
]

const after = [
  'INSERT INTO account_roles SELECT tenant, id, tenant, role FROM accounts',
  'ALTER TABLE accounts DROP COLUMN role',
  'ALTER TABLE sessions ALTER COLUMN in_tenant SET NOT NULL',
  'ALTER TABLE api_tokens ALTER COLUMN organisation SET NOT NULL',
  'ALTER TABLE accounts FORCE ROW LEVEL SECURITY',
  'ALTER TABLE sessions FORCE ROW LEVEL SECURITY',
  'ALTER TABLE api_tokens FORCE ROW LEVEL SECURITY',
  'CREATE UNIQUE INDEX tenants_by_name ON tenants (tenant, lower(name))',
]

/** What an older release knows of a role: never more than it was. */
const OLDER_ROLE = `CASE role WHEN 'admin' THEN 'admin' WHEN 'analyst' THEN 'analyst' WHEN 'responder' THEN 'analyst' ELSE 'viewer' END`

const back = [
  'ALTER TABLE accounts NO FORCE ROW LEVEL SECURITY',
  'ALTER TABLE api_tokens NO FORCE ROW LEVEL SECURITY',
  'ALTER TABLE account_roles NO FORCE ROW LEVEL SECURITY',
  'ALTER TABLE sessions NO FORCE ROW LEVEL SECURITY',
  // An older release knows neither that an account is disabled nor that somebody is in another tenant.
  'DELETE FROM accounts WHERE disabled_at IS NOT NULL',
  'DELETE FROM sessions WHERE in_tenant <> tenant',
  'DELETE FROM api_tokens WHERE operations IS NOT NULL OR expires_at IS NOT NULL',
  'ALTER TABLE accounts ADD COLUMN role text',
  `UPDATE accounts SET role = (SELECT ${OLDER_ROLE} FROM account_roles r
    WHERE r.tenant = accounts.tenant AND r.account = accounts.id AND r.in_tenant = accounts.tenant)`,
  'DELETE FROM accounts WHERE role IS NULL',
  `ALTER TABLE accounts ALTER COLUMN role SET NOT NULL,
    ADD CONSTRAINT accounts_role_check CHECK (role IN ('admin', 'analyst', 'viewer')),
    DROP COLUMN disabled_at, DROP COLUMN must_change, DROP COLUMN last_sign_in`,
  'ALTER TABLE sessions DROP COLUMN in_tenant, DROP COLUMN address, DROP COLUMN program',
  'ALTER TABLE api_tokens DROP CONSTRAINT api_tokens_role_check',
  `UPDATE api_tokens SET role = ${OLDER_ROLE}`,
  `ALTER TABLE api_tokens ADD CONSTRAINT api_tokens_role_check CHECK (role IN ('admin', 'analyst', 'viewer')),
    DROP COLUMN organisation, DROP COLUMN operations, DROP COLUMN made_by, DROP COLUMN expires_at,
    DROP COLUMN last_used_at`,
  'ALTER TABLE accounts FORCE ROW LEVEL SECURITY',
  'ALTER TABLE sessions FORCE ROW LEVEL SECURITY',
  'ALTER TABLE api_tokens FORCE ROW LEVEL SECURITY',
]

/** Organisations with tenants, a role in each, sessions that can be told apart, second factors, keys with bounds. */
export const people: Migration = {
  async up(db: Kysely<unknown>) {
    for (const statement of before) await sql.raw(statement).execute(db)
    for (const [table, columns] of Object.entries(tables)) {
      await sql`CREATE TABLE ${sql.table(table)} (${sql.raw(columns)})`.execute(db)
    }
    for (const statement of after) await sql.raw(statement).execute(db)
    for (const table of Object.keys(tables)) await guard(db, table)
  },

  async down(db: Kysely<unknown>) {
    for (const statement of back) await sql.raw(statement).execute(db)
    for (const table of Object.keys(tables).reverse()) {
      await sql`DROP TABLE ${sql.table(table)}`.execute(db)
    }
  },
}
