import { CodedError } from '@vedette/base'
import type { TenantId } from '@vedette/model'
import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { Keyring } from '../keys/keyring.ts'
import { keyIdOf, openText, SEALED, sealText } from '../keys/sealed-text.ts'
import { aboutOf } from '../keys/sealing-key.ts'

/** A column with a secret. What stands in it is sealed, and bound to its table, column, tenant and row. */
export interface SealedColumn {
  readonly table: string
  readonly column: string
  /** Column that names the row within its tenant. */
  readonly row: string
  /** It is of type json and holds the sealed text as a string of JSON. */
  readonly isJson: boolean
}

export const secondFactorSecret: SealedColumn = {
  table: 'second_factors',
  column: 'secret',
  row: 'account',
  isJson: false,
}
/** With the address, which may have a token in it, and the value of the Authorization header. */
export const feedSettings: SealedColumn = { table: 'feeds', column: 'settings', row: 'name', isJson: true }
/** Empty for a provider that wants none. */
export const clientSecret: SealedColumn = {
  table: 'identity_providers',
  column: 'client_secret',
  row: 'id',
  isJson: false,
}

/** All of them. The database refuses a value that is not sealed; see the migration that made it so. */
export const sealedColumns: readonly SealedColumn[] = [secondFactorSecret, feedSettings, clientSecret]

/** Seals and opens what stands in the columns of one tenant. */
export class ColumnSeal {
  readonly #keys: Keyring | undefined
  readonly #tenant: string

  /** @param keys left out where the store was opened without: then nothing can be sealed or opened */
  constructor(keys: Keyring | undefined, tenant: TenantId | string) {
    this.#keys = keys
    this.#tenant = tenant
  }

  /** Id of the key that is sealed with now; empty where nothing was sealed yet. */
  get keyId(): string {
    return this.#required().idOf('state', this.#tenant) ?? ''
  }

  /** @throws {CodedError} `no-keys` */
  seal(column: SealedColumn, row: string, plain: string): string {
    return sealText(this.#required().key('state', this.#tenant), plain, this.#about(column, row))
  }

  /** @throws {CodedError} `no-keys`, `key-lost`, `sealed-altered` with the place */
  open(column: SealedColumn, row: string, sealed: string): string {
    const id = keyIdOf(sealed) ?? ''
    const key = this.#required().find(id, 'state', this.#tenant)
    if (key === undefined) throw keyLost(id)
    try {
      return openText(key, sealed, this.#about(column, row))
    } catch (error) {
      throw new CodedError(
        'sealed-altered',
        `${column.table}.${column.column} of ${row} was altered, or belongs elsewhere`,
        { cause: error },
      )
    }
  }

  #about({ table, column }: SealedColumn, row: string): Buffer {
    return aboutOf('vedette state', table, column, this.#tenant, row)
  }

  #required(): Keyring {
    if (this.#keys !== undefined) return this.#keys
    throw new CodedError(
      'no-keys',
      'The state store was opened without keys, so that secrets cannot be kept or read',
    )
  }
}

/** The text in such a column, which is its JSON where it is not sealed. */
export function textIn({ column, isJson }: SealedColumn): RawBuilder<string> {
  return isJson ? sql<string>`(${sql.ref(column)} #>> '{}')` : sql<string>`${sql.ref(column)}`
}

/** A text as such a column takes it. */
export function asValue({ isJson }: SealedColumn, text: string): RawBuilder<string> {
  return isJson ? sql<string>`to_json(${text}::text)` : sql<string>`${text}`
}

/** Name of the constraint by which a column takes nothing that is not sealed. */
export function constraintOf({ table, column }: SealedColumn): string {
  return `${table}_${column}_sealed`
}

/**
 * Looks whether every key is there that something is sealed with, before anything is done with the state.
 *
 * @param db connected as the owner of the tables
 * @throws {CodedError} `key-lost`
 */
export async function requireKeys(db: Kysely<unknown>, keys: Keyring): Promise<void> {
  const { rows: found } = await sql<{ name: string }>`SELECT conname AS name FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace AND contype = 'c'`.execute(db)
  const names = new Set(found.map(({ name }) => name))
  const columns = sealedColumns.filter((column) => names.has(constraintOf(column)))
  if (columns.length === 0) return
  const trx = await db.startTransaction().execute()
  try {
    await sql`SET LOCAL lock_timeout = '20s'`.execute(trx)
    for (const column of columns) {
      // For this transaction, which is undone.
      await sql`ALTER TABLE ${sql.table(column.table)} NO FORCE ROW LEVEL SECURITY`.execute(trx)
      const { rows } = await sql<{ id: string }>`
        SELECT DISTINCT substring(${textIn(column)} FROM ${sql.lit(SEALED.length + 1)} FOR 16) AS id
        FROM ${sql.table(column.table)} WHERE ${sql.ref(column.column)} IS NOT NULL`.execute(trx)
      const lost = rows.find(({ id }) => !keys.has(id))
      if (lost !== undefined) throw keyLost(lost.id)
    }
  } finally {
    await trx.rollback().execute()
  }
}

function keyLost(id: string): CodedError {
  return new CodedError(
    'key-lost',
    `The state has secrets that are sealed with key ${id}, which is not among the keys of this home: bring keys/keyring.json ` +
      'back from a backup; nothing was changed',
  )
}
