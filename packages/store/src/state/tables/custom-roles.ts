import type { TenantId } from '@vedette/model'
import type { Selectable } from 'kysely'
import type { CustomRole, CustomRoles } from '../accounts.ts'
import type { Database } from '../database.ts'
import { storable } from '../storable.ts'
import type { TenantScope } from '../tenant-transaction.ts'
import { toTimestamp } from '../timestamps.ts'

const MAX_ROLES = 1000
const MAX_POLICIES = 64 * 1024

export function customRoles(tenant: TenantId, scope: TenantScope): CustomRoles {
  return {
    list() {
      return scope('list custom roles', async (trx) => {
        const rows = await trx
          .selectFrom('custom_roles')
          .selectAll()
          .orderBy('name')
          .limit(MAX_ROLES)
          .execute()
        return rows.map(fromRow)
      })
    },

    get(name) {
      return scope('read a custom role', async (trx) => {
        const row = await trx
          .selectFrom('custom_roles')
          .selectAll()
          .where('name', '=', storable(name, 64))
          .executeTakeFirst()
        return row && fromRow(row)
      })
    },

    async put({ name, description, policies, updatedAt, updatedBy }) {
      const values = {
        description: storable(description, 500),
        policies: storable(policies, MAX_POLICIES),
        updated_at: toTimestamp(updatedAt),
        updated_by: storable(updatedBy, 200),
      }
      await scope('keep a custom role', (trx) =>
        trx
          .insertInto('custom_roles')
          .values({ tenant, name, ...values })
          .onConflict((conflict) => conflict.columns(['tenant', 'name']).doUpdateSet(values))
          .execute(),
      )
    },

    remove(name) {
      return scope('remove a custom role', async (trx) => {
        const done = await trx.deleteFrom('custom_roles').where('name', '=', name).executeTakeFirst()
        return done.numDeletedRows > 0n
      })
    },
  }
}

function fromRow(row: Selectable<Database['custom_roles']>): CustomRole {
  return {
    name: row.name,
    description: row.description,
    policies: row.policies,
    updatedAt: row.updated_at,
    updatedBy: row.updated_by,
  }
}
