import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'
import type { Keyring } from '../../keys/keyring.ts'
import { keyIdOf, SEALED } from '../../keys/sealed-text.ts'
import {
  asValue,
  clientSecret,
  ColumnSeal,
  constraintOf,
  feedSettings,
  secondFactorSecret,
  textIn,
} from '../sealed-columns.ts'

const columns = [secondFactorSecret, feedSettings, clientSecret]

/**
 * Seals the columns that hold secrets, and lets the database refuse what is not sealed. The way down opens them again.
 *
 * @param keys needed where there is something to seal or open
 */
export function keysMigration(keys: Keyring | undefined): Migration {
  /** Puts something else in the place of each value, as the owner, who is let past the policies meanwhile. */
  const replace = async (
    db: Kysely<unknown>,
    column: (typeof columns)[number],
    change: (seal: ColumnSeal, row: string, text: string) => string,
  ) => {
    const table = sql.table(column.table)
    const { rows } = await sql<{ tenant: string; row: string; text: string }>`
      SELECT tenant, ${sql.ref(column.row)} AS row, ${textIn(column)} AS text FROM ${table}
      WHERE ${sql.ref(column.column)} IS NOT NULL`.execute(db)
    for (const { tenant, row, text } of rows) {
      const changed = change(new ColumnSeal(keys, tenant), row, text)
      const value =
        keyIdOf(changed) === undefined && column.isJson ? sql`${changed}::json` : asValue(column, changed)
      await sql`UPDATE ${table} SET ${sql.ref(column.column)} = ${value}
        WHERE tenant = ${tenant} AND ${sql.ref(column.row)} = ${row}`.execute(db)
    }
  }
  const within = async (db: Kysely<unknown>, table: string, work: () => Promise<void>) => {
    await sql`ALTER TABLE ${sql.table(table)} NO FORCE ROW LEVEL SECURITY`.execute(db)
    await work()
    await sql`ALTER TABLE ${sql.table(table)} FORCE ROW LEVEL SECURITY`.execute(db)
  }
  return {
    async up(db: Kysely<unknown>) {
      for (const column of columns) {
        await within(db, column.table, () =>
          replace(db, column, (seal, row, text) => seal.seal(column, row, text)),
        )
        await sql`ALTER TABLE ${sql.table(column.table)} ADD CONSTRAINT ${sql.ref(constraintOf(column))}
          CHECK (${textIn(column)} LIKE ${sql.lit(`${SEALED}%`)})`.execute(db)
      }
    },

    async down(db: Kysely<unknown>) {
      for (const column of columns) {
        await sql`ALTER TABLE ${sql.table(column.table)} DROP CONSTRAINT ${sql.ref(constraintOf(column))}`.execute(
          db,
        )
        await within(db, column.table, () =>
          replace(db, column, (seal, row, text) => seal.open(column, row, text)),
        )
      }
    },
  }
}
