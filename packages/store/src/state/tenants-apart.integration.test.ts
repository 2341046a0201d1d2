import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { silentLogger } from '@vedette/base'
import type { TenantId } from '@vedette/model'
import { type Kysely, sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sampleAlert } from '../testing/sample-alert.ts'
import { tenantA, tenantB } from '../testing/sample-events.ts'
import { startTcpPostgres, type TcpPostgres } from '../testing/tcp-postgres.ts'
import { newHome } from '../testing/unprivileged.ts'
import type { Database } from './database.ts'
import { openStateStore } from './open-state-store.ts'
import { openPool } from './pool.ts'
import type { StateStore } from './state-store.ts'
import { setLocal } from './tenant-transaction.ts'

/** On a server that is reached over TCP with a password, of which we have no more than a URL. */
const home = newHome('vedette-apart-')
let postgres: TcpPostgres
let store: StateStore
let service: Kysely<Database>
let owner: Kysely<Database>

beforeAll(async () => {
  postgres = await startTcpPostgres(join(home, 'pg'))
  store = await openStateStore({ url: postgres.url, log: silentLogger, connections: 8 })
  const config = { connectionString: postgres.url.reveal(), max: 2 }
  owner = openPool({ config, log: silentLogger })
  service = openPool({ config, log: silentLogger, role: 'vedette_service' })
})
afterAll(async () => {
  await store[Symbol.asyncDispose]()
  await owner.destroy()
  await service.destroy()
  await postgres[Symbol.asyncDispose]()
  rmSync(home, { recursive: true })
})

/** A value that a column takes; text is good for most. */
function valueFor(type: string): string {
  if (/int|numeric|double|real/.test(type)) return '1'
  if (/^timestamp|^date/.test(type)) return "'2026-11-20'"
  if (type === 'boolean') return 'true'
  if (type.startsWith('json')) return "'{}'"
  if (type === 'bytea') return "''"
  if (type.endsWith('[]')) return "'{}'"
  return "'x'"
}

/** Puts a row of tenant A into a table, past keys, checks and policies, so that there is one to leak. */
async function plant(table: string): Promise<void> {
  const columns = await postgres.asSuperuser(
    'grown',
    `SELECT attname AS name, format_type(atttypid, atttypmod) AS type FROM pg_attribute
     WHERE attrelid = '${table}'::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
       AND (attnotnull OR attname IN ('tenant', 'token_hash', 'revoked_at'))`,
  )
  const checks = await postgres.asSuperuser(
    'grown',
    `SELECT conname AS name FROM pg_constraint WHERE contype = 'c' AND conrelid = '${table}'::regclass`,
  )
  const drop = checks.map(({ name }) => `ALTER TABLE "${table}" DROP CONSTRAINT "${String(name)}";`).join('')
  const names = columns.map(({ name }) => `"${String(name)}"`)
  const values = columns.map(({ name, type }) =>
    name === 'tenant' ? `'${tenantA}'` : valueFor(String(type)),
  )
  await postgres.asSuperuser(
    'grown',
    `SET session_replication_role = replica; ${drop}
     INSERT INTO "${table}" (${names.join()}) OVERRIDING SYSTEM VALUE VALUES (${values.join()})`,
  )
}

/** Tables of a database that have a tenant, by its own catalogue. */
async function tenantTables(): Promise<string[]> {
  const rows = await postgres.asSuperuser(
    'grown',
    `SELECT c.relname AS name FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant'
     WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace ORDER BY 1`,
  )
  return rows.map(({ name }) => String(name))
}

/** Tables of which somebody sees a row that is not theirs, or that nobody sees at all. */
async function leaks(): Promise<string[]> {
  const found: string[] = []
  const count = async (db: Kysely<Database>, table: string, tenant: string | undefined) =>
    db.transaction().execute(async (trx) => {
      if (tenant !== undefined) await setLocal(trx, 'vedette.tenant', tenant)
      const { rows } = await sql<{ n: number }>`SELECT count(*) AS n FROM ${sql.table(table)}`.execute(trx)
      return rows[0]?.n ?? -1
    })
  for (const table of await tenantTables()) {
    for (const [who, db] of [
      ['service', service],
      ['owner', owner],
    ] as const) {
      if ((await count(db, table, undefined)) !== 0) found.push(`${who} sees ${table} without a tenant`)
      if ((await count(db, table, tenantB)) !== 0) found.push(`${who} sees ${table} of another tenant`)
      if ((await count(db, table, tenantA)) < 1) found.push(`${who} does not see its own ${table}`)
    }
  }
  return found
}

test('every table of the catalogue shows 0 rows without a tenant and 0 of another one; a table without a policy is found', async () => {
  const tables = await tenantTables()
  expect(tables.length).toBeGreaterThan(20)
  for (const table of tables) await plant(table)
  expect(await leaks()).toEqual([])
  // All tables that there are have a tenant: none is shared by mistake.
  const all = await postgres.asSuperuser(
    'grown',
    "SELECT count(*)::int AS n FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace",
  )
  expect(all).toEqual([{ n: tables.length }])

  // One that somebody forgets to guard.
  await sql`CREATE TABLE forgotten (tenant text NOT NULL, id text NOT NULL)`.execute(owner)
  await sql`GRANT SELECT ON forgotten TO vedette_service`.execute(owner)
  await plant('forgotten')
  expect(await leaks()).toEqual([
    'service sees forgotten without a tenant',
    'service sees forgotten of another tenant',
    'owner sees forgotten without a tenant',
    'owner sees forgotten of another tenant',
  ])
  await sql`DROP TABLE forgotten`.execute(owner)
})

test('10,000 interleaved requests on pooled connections: none mixed up', async () => {
  const tenants = Array.from({ length: 50 }, (_, index) => `tenant-${index}` as TenantId)
  for (const tenant of tenants) {
    const alert = sampleAlert(`of-${tenant}`, { tenant })
    await store.of(tenant).correlation((ledger) => ledger.insertAlerts([{ alert, counted: {} }], 0))
  }
  let wrong = 0
  let next = 0
  // Eight times as many at once as there are connections.
  const ask = async () => {
    while (next < 10_000) {
      const tenant = tenants[(next * 7) % tenants.length] as TenantId
      next += 1
      const found = await store.of(tenant).alerts.list({})
      if (found.length !== 1 || found[0]?.id !== `of-${tenant}` || found[0].tenant !== tenant) wrong += 1
    }
  }
  await Promise.all(Array.from({ length: 64 }, ask))
  expect({ asked: next, wrong }).toEqual({ asked: 10_000, wrong: 0 })
})
