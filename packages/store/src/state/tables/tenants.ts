import type { TenantId } from '@vedette/model'
import type { Selectable } from 'kysely'
import type { Tenant, Tenants } from '../accounts.ts'
import type { Database } from '../database.ts'
import { storable } from '../storable.ts'
import type { TenantScope } from '../tenant-transaction.ts'
import { toTimestamp } from '../timestamps.ts'
import { unlessTaken } from './name-taken.ts'

const MAX_TENANTS = 10_000

export function tenants(tenant: TenantId, scope: TenantScope): Tenants {
  return {
    list() {
      return scope('list tenants', async (trx) => {
        const rows = await trx.selectFrom('tenants').selectAll().orderBy('name').limit(MAX_TENANTS).execute()
        return rows.map(fromRow)
      })
    },

    create({ id, name }, now) {
      return scope('add a tenant', (trx) =>
        unlessTaken('tenants_by_name', 'add a tenant', name, async () =>
          fromRow(
            await trx
              .insertInto('tenants')
              .values({ tenant, id, name: storable(name, 200), created_at: toTimestamp(now) })
              .returningAll()
              .executeTakeFirstOrThrow(),
          ),
        ),
      )
    },

    rename(id, name) {
      return scope('rename a tenant', (trx) =>
        unlessTaken('tenants_by_name', 'rename a tenant', name, async () => {
          const done = await trx
            .updateTable('tenants')
            .set({ name: storable(name, 200) })
            .where('id', '=', id)
            .executeTakeFirst()
          return done.numUpdatedRows > 0n
        }),
      )
    },
  }
}

function fromRow(row: Selectable<Database['tenants']>): Tenant {
  return { id: row.id as TenantId, name: row.name, createdAt: row.created_at }
}
