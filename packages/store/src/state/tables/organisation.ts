import type { TenantId } from '@vedette/model'
import type { Selectable } from 'kysely'
import type { Organisation, OwnOrganisation } from '../accounts.ts'
import type { Database } from '../database.ts'
import { storable } from '../storable.ts'
import type { TenantScope } from '../tenant-transaction.ts'
import { toTimestamp } from '../timestamps.ts'
import { insertAccount } from './accounts.ts'
import { unlessTaken } from './name-taken.ts'

export function ownOrganisation(tenant: TenantId, scope: TenantScope): OwnOrganisation {
  return {
    get() {
      return scope('read an organisation', async (trx) => {
        const row = await trx.selectFrom('organisations').selectAll().executeTakeFirst()
        return row && organisationFromRow(row)
      })
    },

    found(name, admin, now) {
      return scope('found an organisation', (trx) =>
        unlessTaken('organisations_by_name', 'found an organisation', name, async () => {
          await trx
            .insertInto('organisations')
            .values({ tenant, name: storable(name, 200), created_at: toTimestamp(now) })
            .execute()
          return insertAccount(trx, tenant, admin, now)
        }),
      )
    },
  }
}

export function organisationFromRow(row: Selectable<Database['organisations']>): Organisation {
  return { id: row.tenant as TenantId, name: row.name, createdAt: row.created_at }
}
