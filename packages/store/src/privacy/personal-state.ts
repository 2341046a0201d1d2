import type { TenantId } from '@vedette/model'
import { type RawBuilder, sql, type Transaction } from 'kysely'
import type { Database } from '../state/database.ts'
import { requireAdmin } from '../state/tables/accounts.ts'
import type { TenantScope } from '../state/tenant-transaction.ts'
import { type PersonNames, wordPattern } from './named.ts'

/** Rows by table; tables without any are left out. */
export type RowCounts = ReadonlyMap<string, number>

/** What a tenant's state holds of a person, and all of it. Tables are those that the database has, not a list of ours. */
export interface PersonalState {
  /** Rows that name the person anywhere. */
  naming(names: PersonNames): Promise<RowCounts>
  /** The rows themselves, credentials left out; at most `limit` of a table. */
  rowsNaming(
    names: PersonNames,
    limit: number,
  ): Promise<ReadonlyMap<string, readonly Readonly<Record<string, unknown>>[]>>
  /**
   * Deletes accounts of these names with all that is theirs, and puts the pseudonym in place of the names wherever else they
   * stand. All of it or nothing.
   *
   * @throws {CodedError} `last-admin`
   */
  erasePerson(
    names: PersonNames,
    pseudonym: string,
  ): Promise<{ readonly deleted: RowCounts; readonly replaced: RowCounts }>
  /** All rows. */
  rows(): Promise<RowCounts>
  /** Deletes all rows. */
  eraseAll(): Promise<RowCounts>
  /** Deletes what the organisation, whose scope this is, holds of one of its tenants: its name, and who is what in it. */
  eraseTenantName(tenant: TenantId): Promise<RowCounts>
}

/** As information_schema names them. */
const TEXT_TYPES = ['text', 'character varying', 'json', 'jsonb']
/** Proofs of who somebody is are nobody's to read. */
const SECRETS = /hash|secret|password|public_key|^searched$/

export function personalState(tenant: TenantId, scope: TenantScope): PersonalState {
  return {
    naming: (names) =>
      scope('look for a person', async (trx) => {
        const counts = new Map<string, number>()
        for (const [table, columns] of await textColumns(trx)) {
          const found = await sql<{
            rows: number
          }>`SELECT count(*) AS rows FROM ${sql.table(table)} WHERE ${anyNames(columns, names)}`.execute(trx)
          add(counts, table, found.rows[0]?.rows ?? 0)
        }
        return counts
      }),

    rowsNaming: (names, limit) =>
      scope('look for a person', async (trx) => {
        const rows = new Map<string, Readonly<Record<string, unknown>>[]>()
        for (const [table, columns] of await textColumns(trx)) {
          const found = await sql<Record<string, unknown>>`SELECT * FROM ${sql.table(table)}
            WHERE ${anyNames(columns, names)} LIMIT ${limit}`.execute(trx)
          const told = found.rows.map((row) =>
            Object.fromEntries(
              Object.entries(row).filter(([key, value]) => !SECRETS.test(key) && !Buffer.isBuffer(value)),
            ),
          )
          if (told.length > 0) rows.set(table, told)
        }
        return rows
      }),

    erasePerson: (names, pseudonym) =>
      scope('erase a person', async (trx) => {
        const deleted = new Map<string, number>()
        const replaced = new Map<string, number>()
        const all = await textColumns(trx)
        const before = await countRows(trx, all.keys())
        const lower = names.map((name) => name.toLowerCase())
        const accounts = await trx
          .deleteFrom('accounts')
          .where(sql<string>`lower(name)`, 'in', lower)
          .executeTakeFirst()
        if (accounts.numDeletedRows > 0n) await requireAdmin(trx, tenant, 'erase a person')
        const after = await countRows(trx, all.keys())
        for (const [table, rows] of before) add(deleted, table, rows - (after.get(table) ?? 0))
        for (const [table, columns] of all) {
          const set = columns.map(({ name, type }) => {
            const text = sql`regexp_replace(${sql.ref(name)}::text, ${wordPattern(names)}, ${`\\1${pseudonym}\\3`}, 'gi')`
            // Twice: where one name follows the other, what stands between them is part of the first match.
            const twice = sql`regexp_replace(${text}, ${wordPattern(names)}, ${`\\1${pseudonym}\\3`}, 'gi')`
            return sql`${sql.ref(name)} = (${twice})::${sql.raw(type)}`
          })
          const { numAffectedRows } = await sql`UPDATE ${sql.table(table)} SET ${sql.join(set)}
            WHERE ${anyNames(columns, names)}`.execute(trx)
          add(replaced, table, Number(numAffectedRows ?? 0n))
        }
        return { deleted, replaced }
      }),

    rows: () => scope('count rows', async (trx) => countRows(trx, await tablesOf(trx))),

    eraseAll: () =>
      scope('erase a tenant', async (trx) => {
        const tables = await tablesOf(trx)
        const counts = await countRows(trx, tables)
        await deleteAll(trx, tables)
        return counts
      }),

    eraseTenantName: (gone) =>
      scope('erase a tenant', async (trx) => {
        const counts = new Map<string, number>()
        const remove = async (table: string, where: RawBuilder<unknown>) => {
          const { numAffectedRows } = await sql`DELETE FROM ${sql.table(table)} WHERE ${where}`.execute(trx)
          add(counts, table, Number(numAffectedRows ?? 0n))
        }
        await remove('tenants', sql`id = ${gone}`)
        await remove('account_roles', sql`in_tenant = ${gone}`)
        await remove('sessions', sql`in_tenant = ${gone}`)
        return counts
      }),
  }
}

interface TextColumn {
  readonly name: string
  readonly type: string
}

/** Columns with text of every table that has rows of tenants, but not whose rows they are. */
async function textColumns(trx: Transaction<Database>): Promise<ReadonlyMap<string, readonly TextColumn[]>> {
  const columns = new Map<string, TextColumn[]>()
  const tables = new Set(await tablesOf(trx))
  const { rows } = await sql<{ table: string; name: string; type: string }>`
    SELECT table_name AS table, column_name AS name, data_type AS type FROM information_schema.columns
    WHERE table_schema = current_schema() AND column_name <> 'tenant' AND is_generated = 'NEVER'
      AND data_type IN (${sql.join(TEXT_TYPES)})
    ORDER BY table_name, ordinal_position`.execute(trx)
  for (const { table, name, type } of rows) {
    if (!tables.has(table)) continue
    const of = columns.get(table) ?? []
    columns.set(table, of)
    of.push({ name, type })
  }
  return columns
}

async function tablesOf(trx: Transaction<Database>): Promise<string[]> {
  const { rows } = await sql<{ table: string }>`
    SELECT c.table_name AS table FROM information_schema.columns c
    JOIN information_schema.tables t ON t.table_schema = c.table_schema AND t.table_name = c.table_name
    WHERE c.table_schema = current_schema() AND c.column_name = 'tenant' AND t.table_type = 'BASE TABLE'
    ORDER BY c.table_name`.execute(trx)
  return rows.map(({ table }) => table)
}

function anyNames(columns: readonly TextColumn[], names: PersonNames): RawBuilder<boolean> {
  const pattern = wordPattern(names)
  const tests = columns.map(({ name }) => sql`${sql.ref(name)}::text ~* ${pattern}`)
  return sql`(${sql.join(tests, sql` OR `)})`
}

async function countRows(trx: Transaction<Database>, tables: Iterable<string>): Promise<Map<string, number>> {
  const counts = new Map<string, number>()
  for (const table of tables) {
    const found = await sql<{ rows: number }>`SELECT count(*) AS rows FROM ${sql.table(table)}`.execute(trx)
    add(counts, table, found.rows[0]?.rows ?? 0)
  }
  return counts
}

/** Deletes what nothing points to first, round by round: the database says which that is. */
async function deleteAll(trx: Transaction<Database>, tables: readonly string[]): Promise<void> {
  let left = [...tables]
  while (left.length > 0) {
    const held: string[] = []
    let error: unknown
    for (const table of left) {
      await sql`SAVEPOINT table_of_tenant`.execute(trx)
      try {
        await sql`DELETE FROM ${sql.table(table)}`.execute(trx)
      } catch (failure) {
        await sql`ROLLBACK TO SAVEPOINT table_of_tenant`.execute(trx)
        error = failure
        held.push(table)
      }
    }
    if (held.length === left.length) throw error
    left = held
  }
}

function add(counts: Map<string, number>, table: string, rows: number): void {
  if (rows > 0) counts.set(table, (counts.get(table) ?? 0) + rows)
}
