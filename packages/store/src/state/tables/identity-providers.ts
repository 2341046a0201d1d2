import type { TenantId } from '@vedette/model'
import type { Selectable } from 'kysely'
import type { IdentityProvider, IdentityProviders } from '../accounts.ts'
import type { Database } from '../database.ts'
import { storable } from '../storable.ts'
import { clientSecret, type ColumnSeal } from '../sealed-columns.ts'
import type { TenantScope } from '../tenant-transaction.ts'
import { toTimestamp } from '../timestamps.ts'
import { accountById, insertAccount, requireAdmin } from './accounts.ts'
import { unlessTaken } from './name-taken.ts'

const MAX_PROVIDERS = 100
/** No password has this hash. */
const NO_PASSWORD = 'elsewhere'

export function identityProviders(tenant: TenantId, scope: TenantScope, seal: ColumnSeal): IdentityProviders {
  const fromRow = (row: Selectable<Database['identity_providers']>): IdentityProvider => ({
    id: row.id,
    name: row.name,
    issuer: row.issuer,
    clientId: row.client_id,
    ...(row.client_secret !== null && {
      clientSecret: seal.open(clientSecret, row.id, row.client_secret),
    }),
    roleClaim: row.role_claim,
    roleMap: row.role_map,
    createdAt: row.created_at,
  })

  return {
    list() {
      return scope('list identity providers', async (trx) => {
        const rows = await trx
          .selectFrom('identity_providers')
          .selectAll()
          .orderBy('name')
          .limit(MAX_PROVIDERS)
          .execute()
        return rows.map(fromRow)
      })
    },

    async put(provider, now) {
      const values = {
        name: storable(provider.name, 200),
        issuer: provider.issuer,
        client_id: storable(provider.clientId, 300),
        client_secret:
          provider.clientSecret === undefined
            ? null
            : seal.seal(clientSecret, provider.id, provider.clientSecret),
        role_claim: storable(provider.roleClaim, 100),
        role_map: JSON.stringify(provider.roleMap),
      }
      await scope('keep an identity provider', (trx) =>
        unlessTaken('identity_providers_by_name', 'keep an identity provider', provider.name, () =>
          trx
            .insertInto('identity_providers')
            .values({ tenant, id: provider.id, created_at: toTimestamp(now), ...values })
            .onConflict((conflict) => conflict.columns(['tenant', 'id']).doUpdateSet(values))
            .execute(),
        ),
      )
    },

    remove(id) {
      return scope('remove an identity provider', async (trx) => {
        const done = await trx.deleteFrom('identity_providers').where('id', '=', id).executeTakeFirst()
        return done.numDeletedRows > 0n
      })
    },

    linked(issuer, subject) {
      return scope('find who an identity is', async (trx) => {
        const row = await trx
          .selectFrom('identity_links')
          .select('account')
          .where('issuer', '=', issuer)
          .where('subject', '=', subject)
          .executeTakeFirst()
        return row && accountById(trx, row.account)
      })
    },

    settle({ issuer, subject, id, name }, roles, now) {
      return scope('settle who an identity is', async (trx) => {
        const known = await trx
          .selectFrom('identity_links')
          .select('account')
          .where('issuer', '=', issuer)
          .where('subject', '=', subject)
          .forUpdate()
          .executeTakeFirst()
        const account = known?.account ?? id
        if (known === undefined) {
          const [first] = roles
          if (first === undefined) throw new RangeError('somebody new needs a role')
          await insertAccount(
            trx,
            tenant,
            { id, name, passwordHash: NO_PASSWORD, role: first.role, inTenant: first.tenant },
            now,
          )
          await trx
            .insertInto('identity_links')
            .values({ tenant, issuer, subject, account, created_at: toTimestamp(now) })
            .execute()
        }
        await trx.deleteFrom('account_roles').where('account', '=', account).execute()
        const rows = roles.map(({ tenant: inTenant, role }) => ({
          tenant,
          account,
          in_tenant: inTenant,
          role,
        }))
        if (rows.length > 0) await trx.insertInto('account_roles').values(rows).execute()
        await requireAdmin(trx, tenant, 'change a role')
        const settled = await accountById(trx, account)
        if (settled === undefined) throw new TypeError('an account that was settled is not there')
        return settled
      })
    },
  }
}
