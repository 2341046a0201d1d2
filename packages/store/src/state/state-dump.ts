import { CodedError } from '@vedette/base'
import { type Kysely, sql, type Transaction } from 'kysely'
import type { Database } from './database.ts'
import { appliedMigrations, migrationNames, stateNewer } from './migrate.ts'

const ROWS_AT_A_TIME = 200

/** First line of a dump. */
interface Head {
  readonly dump: 1
  /** Newest migration; '' for none. */
  readonly version: string
}

/** Before the rows of a table, which are arrays of text in the order of its columns. */
interface TableHead {
  readonly table: string
  readonly columns: readonly string[]
}

interface Column {
  readonly table: string
  readonly column: string
  readonly type: string
}

/**
 * The whole state as lines of JSON, all from one moment, also while the service works: a head, then each table with its
 * rows. Values are PostgreSQL's own text of them, so every type comes back as it was.
 *
 * @param db as a superuser, or as the owner, who then holds the tables for as long as it takes
 */
export async function* dumpState(db: Kysely<Database>): AsyncGenerator<string> {
  const trx = await db.startTransaction().setIsolationLevel('repeatable read').execute()
  try {
    await liftPolicies(trx)
    const version = (await appliedMigrations(trx as unknown as Kysely<unknown>)).at(-1) ?? ''
    yield JSON.stringify({ dump: 1, version } satisfies Head)
    for (const [table, columns] of await columnsOf(trx)) {
      const names = columns.map(({ column }) => column)
      yield JSON.stringify({ table, columns: names } satisfies TableHead)
      const texts = sql.join(names.map((name) => sql`${sql.ref(name)}::text`))
      await sql`DECLARE rows CURSOR FOR SELECT ARRAY[${texts}] AS row FROM ${sql.table(table)}`.execute(trx)
      for (;;) {
        const fetched = await sql<{
          row: (string | null)[]
        }>`FETCH ${sql.lit(ROWS_AT_A_TIME)} FROM rows`.execute(trx)
        if (fetched.rows.length === 0) break
        for (const { row } of fetched.rows) yield JSON.stringify(row)
      }
      await sql`CLOSE rows`.execute(trx)
    }
  } finally {
    // Nothing was to be changed, and the policies come back.
    await trx.rollback().execute()
  }
}

/** Schema version of a dump, by its first line. */
export function versionOfDump(line: string): string {
  const head = parse(line) as Partial<Head> | null
  if (head?.dump !== 1 || typeof head.version !== 'string') throw broken('its head is missing')
  if (head.version !== '' && !migrationNames.includes(head.version)) throw stateNewer(head.version)
  return head.version
}

/**
 * Fills a database whose schema has the version of the dump and whose tables are empty. All of it or nothing.
 *
 * @param lines those after the head
 * @returns rows by table
 */
export async function loadState(
  db: Kysely<Database>,
  lines: AsyncIterable<string>,
): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>()
  await db.transaction().execute(async (trx) => {
    const forced = await forcedTables(trx)
    await liftPolicies(trx)
    const known = await columnsOf(trx)
    let columns: readonly Column[] = []
    let table = ''
    let rows: (string | null)[][] = []
    const write = async () => {
      if (rows.length > 0) await insert(trx, table, columns, rows)
      counts.set(table, (counts.get(table) ?? 0) + rows.length)
      rows = []
    }
    for await (const line of lines) {
      const value = parse(line) as TableHead | (string | null)[]
      if (Array.isArray(value)) {
        if (value.length !== columns.length) throw broken(`a row of ${table} has ${value.length} columns`)
        if (rows.push(value) >= ROWS_AT_A_TIME) await write()
        continue
      }
      if (table !== '') await write()
      const all = known.get(value.table)
      const named = value.columns.flatMap((name) => all?.filter(({ column }) => column === name) ?? [])
      if (named.length !== value.columns.length) throw broken(`there is no table ${value.table} like that`)
      ;({ table } = value)
      columns = named
    }
    if (table !== '') await write()
    await catchUpSequences(trx)
    for (const name of forced) await sql`ALTER TABLE ${sql.table(name)} FORCE ROW LEVEL SECURITY`.execute(trx)
  })
  return counts
}

async function insert(
  trx: Transaction<Database>,
  table: string,
  columns: readonly Column[],
  rows: readonly (readonly (string | null)[])[],
): Promise<void> {
  const names = columns.map(({ column }) => sql.ref(column))
  const values = columns.map((_, index) => sql`${rows.map((row) => row[index] ?? null)}::text[]`)
  const typed = columns.map(({ column, type }) => sql`u.${sql.ref(column)}::${sql.raw(type)}`)
  await sql`INSERT INTO ${sql.table(table)} (${sql.join(names)}) OVERRIDING SYSTEM VALUE
    SELECT ${sql.join(typed)} FROM unnest(${sql.join(values)}) AS u(${sql.join(names)})`.execute(trx)
}

/** What numbers itself goes on after the highest number that is there. */
async function catchUpSequences(trx: Transaction<Database>): Promise<void> {
  const { rows } = await sql<{ table: string; column: string }>`
    SELECT c.relname AS table, a.attname AS column FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    WHERE a.attidentity <> '' AND c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'`.execute(trx)
  for (const { table, column } of rows) {
    await sql`SELECT setval(pg_get_serial_sequence(${table}, ${column}),
      greatest(1, (SELECT max(${sql.ref(column)}) FROM ${sql.table(table)})))`.execute(trx)
  }
}

/**
 * Tables and their columns, those that others refer to first. Types are as PostgreSQL writes them, from its own catalogue.
 */
export async function columnsOf(db: Kysely<Database>): Promise<ReadonlyMap<string, readonly Column[]>> {
  const { rows } = await sql<Column>`
    SELECT c.relname AS table, a.attname AS column, format_type(a.atttypid, a.atttypmod) AS type
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped
      AND a.attgenerated = ''
    ORDER BY c.relname, a.attnum`.execute(db)
  const { rows: keys } = await sql<{ table: string; needs: string }>`
    SELECT conrelid::regclass::text AS table, confrelid::regclass::text AS needs FROM pg_constraint
    WHERE contype = 'f' AND conrelid <> confrelid`.execute(db)
  const tables = Map.groupBy(rows, ({ table }) => table)
  const ordered = new Map<string, readonly Column[]>()
  const place = (table: string) => {
    if (ordered.has(table)) return
    for (const key of keys) if (key.table === table) place(key.needs)
    ordered.set(table, tables.get(table) ?? [])
  }
  for (const table of tables.keys()) place(table)
  return ordered
}

/**
 * Lets the owner see and write the rows of all tenants, until the transaction is undone or puts the policies back. Who is above them needs nothing.
 */
export async function liftPolicies(trx: Kysely<Database>): Promise<void> {
  const { rows } = await sql<{
    above: boolean
  }>`SELECT rolsuper OR rolbypassrls AS above FROM pg_roles WHERE rolname = current_user`.execute(trx)
  if (rows[0]?.above === true) return
  await sql`SET LOCAL lock_timeout = '20s'`.execute(trx)
  for (const table of await forcedTables(trx)) {
    await sql`ALTER TABLE ${sql.table(table)} NO FORCE ROW LEVEL SECURITY`.execute(trx)
  }
}

async function forcedTables(db: Kysely<Database>): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    SELECT relname AS name FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relforcerowsecurity`.execute(db)
  return rows.map(({ name }) => name)
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch (error) {
    throw broken('a line is no JSON', error)
  }
}

function broken(why: string, cause?: unknown): CodedError {
  return new CodedError('dump-broken', `Cannot read the dump of the state: ${why}`, { cause })
}
