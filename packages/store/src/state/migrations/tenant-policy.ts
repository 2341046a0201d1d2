import { type Kysely, sql } from 'kysely'

/** Role of the service: it owns nothing, and row-level security holds for it. */
export const SERVICE_ROLE = 'vedette_service'

/**
 * Shows only rows of the tenant that the transaction has set, to everybody, the owner too. `''` is what the setting is
 * after a transaction that had set it; no row has that tenant.
 */
export async function guard(db: Kysely<unknown>, table: string): Promise<void> {
  const name = sql.table(table)
  await sql`ALTER TABLE ${name} ENABLE ROW LEVEL SECURITY`.execute(db)
  await sql`ALTER TABLE ${name} FORCE ROW LEVEL SECURITY`.execute(db)
  await sql`ALTER TABLE ${name} ADD CONSTRAINT ${sql.ref(`${table}_tenant_named`)} CHECK (tenant <> '')`.execute(
    db,
  )
  await sql`CREATE POLICY tenant ON ${name}
    USING (tenant = current_setting('vedette.tenant', true))
    WITH CHECK (tenant = current_setting('vedette.tenant', true))`.execute(db)
  await sql`GRANT SELECT, INSERT, UPDATE, DELETE ON ${name} TO ${sql.ref(SERVICE_ROLE)}`.execute(db)
}

/** Also shows, for reading, the one row whose `token_hash` the transaction has presented. */
export async function openDoor(db: Kysely<unknown>, table: string): Promise<void> {
  await sql`CREATE POLICY credential ON ${sql.table(table)} FOR SELECT
    USING (token_hash = current_setting('vedette.credential', true))`.execute(db)
}
