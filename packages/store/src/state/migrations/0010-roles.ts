import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'
import { guard, openDoor } from './tenant-policy.ts'

const BUILT_IN = "('viewer', 'analyst', 'responder', 'engineer', 'admin', 'auditor')"
/** Built in, or the name of a custom role of the tenant: one that is gone opens nothing. */
const ROLE = "(role ~ '^[a-z][a-z0-9-]{0,63}$')"

/** In the order in which they are made. Where `tenant` is not said otherwise it is the organisation's own. */
const tables: Readonly<Record<string, string>> = {
  organisations: `
    tenant text PRIMARY KEY, name text NOT NULL, created_at timestamptz NOT NULL`,
  passkeys: `
    tenant text NOT NULL, token_hash text NOT NULL UNIQUE, id text NOT NULL, account text NOT NULL, name text NOT NULL,
    public_key text NOT NULL, counter bigint NOT NULL CHECK (counter >= 0), rp_id text NOT NULL, transports json NOT NULL,
    backed_up boolean NOT NULL, created_at timestamptz NOT NULL, last_used timestamptz,
    PRIMARY KEY (tenant, id), FOREIGN KEY (tenant, account) REFERENCES accounts ON DELETE CASCADE`,
  identity_providers: `
    tenant text NOT NULL, id text NOT NULL, name text NOT NULL, issuer text NOT NULL, client_id text NOT NULL,
    client_secret text, role_claim text NOT NULL, role_map json NOT NULL, created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant, id)`,
  identity_links: `
    tenant text NOT NULL, issuer text NOT NULL, subject text NOT NULL, account text NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant, issuer, subject), FOREIGN KEY (tenant, account) REFERENCES accounts ON DELETE CASCADE`,
  // Of the tenant in which they hold.
  custom_roles: `
    tenant text NOT NULL, name text NOT NULL CHECK (name ~ '^[a-z][a-z0-9-]{0,63}$' AND name NOT IN ${BUILT_IN}),
    description text NOT NULL, policies text NOT NULL, updated_at timestamptz NOT NULL, updated_by text NOT NULL,
    PRIMARY KEY (tenant, name)`,
}

const after = [
  `ALTER TABLE account_roles DROP CONSTRAINT account_roles_role_check,
    ADD CONSTRAINT account_roles_role_check CHECK ${ROLE}`,
  `ALTER TABLE api_tokens DROP CONSTRAINT api_tokens_role_check, ADD CONSTRAINT api_tokens_role_check CHECK ${ROLE},
    ADD COLUMN account text,
    ADD CONSTRAINT api_tokens_of_account FOREIGN KEY (organisation, account) REFERENCES accounts ON DELETE CASCADE`,
  'CREATE INDEX api_tokens_by_account ON api_tokens (organisation, account) WHERE account IS NOT NULL',
  'CREATE INDEX passkeys_by_account ON passkeys (tenant, account)',
  'CREATE INDEX identity_links_by_account ON identity_links (tenant, account)',
  'CREATE UNIQUE INDEX organisations_by_name ON organisations (lower(name))',
  'CREATE UNIQUE INDEX identity_providers_by_name ON identity_providers (tenant, lower(name))',
]

/** An older release knows neither custom roles nor keys that are no more than their owner is. */
const back = [
  'ALTER TABLE account_roles NO FORCE ROW LEVEL SECURITY',
  'ALTER TABLE api_tokens NO FORCE ROW LEVEL SECURITY',
  `DELETE FROM account_roles WHERE role NOT IN ${BUILT_IN}`,
  `DELETE FROM api_tokens WHERE role NOT IN ${BUILT_IN} OR account IS NOT NULL`,
  `ALTER TABLE account_roles DROP CONSTRAINT account_roles_role_check,
    ADD CONSTRAINT account_roles_role_check CHECK (role IN ${BUILT_IN})`,
  `ALTER TABLE api_tokens DROP CONSTRAINT api_tokens_of_account, DROP COLUMN account,
    DROP CONSTRAINT api_tokens_role_check, ADD CONSTRAINT api_tokens_role_check CHECK (role IN ${BUILT_IN})`,
  'ALTER TABLE account_roles FORCE ROW LEVEL SECURITY',
  'ALTER TABLE api_tokens FORCE ROW LEVEL SECURITY',
]

/** Passkeys, sign-in through others, custom roles, more than one organisation, keys of one's own. */
export const customRoles: Migration = {
  async up(db: Kysely<unknown>) {
    for (const [table, columns] of Object.entries(tables)) {
      await sql`CREATE TABLE ${sql.table(table)} (${sql.raw(columns)})`.execute(db)
      await guard(db, table)
    }
    for (const statement of after) await sql.raw(statement).execute(db)
    await openDoor(db, 'passkeys')
    // Who signs in names the organisation; what it is called is no secret of its own, and nothing else is in the row.
    await sql`CREATE POLICY named ON organisations FOR SELECT
      USING ('organisation ' || lower(name) = current_setting('vedette.credential', true)
        OR current_setting('vedette.credential', true) = 'organisations')`.execute(db)
  },

  async down(db: Kysely<unknown>) {
    for (const statement of back) await sql.raw(statement).execute(db)
    for (const table of Object.keys(tables).reverse()) {
      await sql`DROP TABLE ${sql.table(table)}`.execute(db)
    }
  },
}
