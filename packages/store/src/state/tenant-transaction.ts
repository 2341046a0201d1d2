import type { TenantId } from '@vedette/model'
import { type Kysely, sql, type Transaction } from 'kysely'
import { isDiskFull, storeFailure } from '../failure.ts'
import type { Database } from './database.ts'

/** The database, and what is known of the disk that it lies on. */
export interface Reach {
  readonly db: Kysely<Database>
  /** True while the database cannot be reached because its disk is full. */
  readonly isDiskFull: () => boolean
}

/** Runs queries within one tenant, in one transaction. The only way to the tables. */
export type TenantScope = <T>(what: string, work: (trx: Transaction<Database>) => Promise<T>) => Promise<T>

/**
 * The scope of a tenant: every transaction tells the database whose it is, and row-level security shows that tenant's
 * rows alone. The setting ends with the transaction, so the next user of the connection starts without one.
 */
export function tenantScope(reach: Reach, tenant: TenantId): TenantScope {
  if (tenant === '') throw new RangeError('a tenant has a name')
  return transactionWith(reach, 'vedette.tenant', tenant)
}

/** A transaction in which the one row with that hash of a credential can be seen. */
export function credentialScope(reach: Reach, tokenHash: string): TenantScope {
  if (tokenHash === '') throw new RangeError('a credential has a hash')
  return transactionWith(reach, 'vedette.credential', tokenHash)
}

function transactionWith(reach: Reach, setting: string, value: string): TenantScope {
  return async (what, work) => {
    try {
      return await reach.db.transaction().execute(async (trx) => {
        await setLocal(trx, setting, value)
        return work(trx)
      })
    } catch (error) {
      if (!isOurs(error)) throw error
      const code = reach.isDiskFull() || isDiskFull(error) ? 'disk-full' : 'state-store-failed'
      throw storeFailure(code, what, error)
    }
  }
}

/** As SET LOCAL, with the value as a parameter. */
export async function setLocal(trx: Transaction<Database>, setting: string, value: string): Promise<void> {
  await sql`SELECT set_config(${setting}, ${value}, true)`.execute(trx)
}

/** What the database or the way to it threw; what the caller's work threw itself is handed on. */
function isOurs(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const { code, severity, syscall } = error as { code?: unknown; severity?: unknown; syscall?: unknown }
  return (
    typeof severity === 'string' ||
    typeof syscall === 'string' ||
    (typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code)) ||
    /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error/.test(
      error.message,
    )
  )
}
