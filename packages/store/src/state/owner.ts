import type { Logger } from '@vedette/base'
import { sql } from 'kysely'
import { openPool } from './pool.ts'
import { SERVICE_ROLE } from './migrations/tenant-policy.ts'

/** Owns the tables of a PostgreSQL of our own. */
export const OWNER_ROLE = 'vedette_owner'
/** Database of a PostgreSQL of our own. */
export const DATABASE = 'vedette'

/** Where a PostgreSQL of our own listens. */
export interface OwnServer {
  readonly host: string
  readonly port: number
}

/** Makes the roles and the database of our own PostgreSQL, as its superuser. */
export async function createDatabase({ host, port }: OwnServer, log: Logger): Promise<void> {
  const db = openPool({ config: { host, port, user: 'postgres', database: 'postgres', max: 1 }, log })
  try {
    for (const role of [OWNER_ROLE, SERVICE_ROLE]) {
      const known = await sql`SELECT 1 FROM pg_roles WHERE rolname = ${role}`.execute(db)
      if (known.rows.length === 0) await sql`CREATE ROLE ${sql.ref(role)} LOGIN`.execute(db)
    }
    const known = await sql`SELECT 1 FROM pg_database WHERE datname = ${DATABASE}`.execute(db)
    if (known.rows.length === 0) {
      await sql`CREATE DATABASE ${sql.ref(DATABASE)} OWNER ${sql.ref(OWNER_ROLE)}`.execute(db)
    }
  } finally {
    await db.destroy()
  }
}
