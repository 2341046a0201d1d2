import type { TenantId } from '@vedette/model'
import { sql } from 'kysely'
import type { Sessions } from '../accounts.ts'
import { storable } from '../storable.ts'
import type { TenantScope } from '../tenant-transaction.ts'
import { moment, toTimestamp } from '../timestamps.ts'

const MAX_LISTED = 10_000
const ID_DIGITS = 16

export function sessions(tenant: TenantId, scope: TenantScope): Sessions {
  return {
    async create(tokenHash, account, now, expiresAt, { inTenant = tenant, address = '', program = '' } = {}) {
      await scope('create a session', (trx) =>
        trx
          .insertInto('sessions')
          .values({
            tenant,
            token_hash: tokenHash,
            account,
            created_at: toTimestamp(now),
            expires_at: toTimestamp(expiresAt),
            in_tenant: inTenant,
            address: storable(address, 100),
            program: storable(program, 300),
          })
          .execute(),
      )
    },

    list(account, now) {
      return scope('list sessions', async (trx) => {
        let query = trx.selectFrom('sessions').selectAll().where('expires_at', '>', moment(now))
        if (account !== undefined) query = query.where('account', '=', account)
        const rows = await query.orderBy('created_at', 'desc').limit(MAX_LISTED).execute()
        return rows.map((row) => ({
          id: row.token_hash.slice(0, ID_DIGITS),
          tokenHash: row.token_hash,
          account: row.account,
          inTenant: row.in_tenant as TenantId,
          createdAt: row.created_at,
          expiresAt: row.expires_at,
          address: row.address,
          program: row.program,
        }))
      })
    },

    turn(tokenHash, inTenant) {
      return scope('turn a session', async (trx) => {
        const done = await trx
          .updateTable('sessions')
          .set({ in_tenant: inTenant })
          .where('token_hash', '=', tokenHash)
          .executeTakeFirst()
        return done.numUpdatedRows > 0n
      })
    },

    extend(tokenHash, expiresAt) {
      return scope('extend a session', async (trx) => {
        const done = await trx
          .updateTable('sessions')
          .set({ expires_at: toTimestamp(expiresAt) })
          .where('token_hash', '=', tokenHash)
          .executeTakeFirst()
        return done.numUpdatedRows > 0n
      })
    },

    revoke(tokenHash) {
      return scope('end a session', async (trx) => {
        const done = await trx.deleteFrom('sessions').where('token_hash', '=', tokenHash).executeTakeFirst()
        return done.numDeletedRows > 0n
      })
    },

    revokeAll(account, but) {
      return scope('end sessions', async (trx) => {
        const gone = await trx
          .deleteFrom('sessions')
          .where('account', '=', account)
          .where(but === undefined ? sql<boolean>`true` : sql<boolean>`token_hash <> ${but}`)
          .returning('token_hash')
          .execute()
        return gone.map(({ token_hash: hash }) => hash)
      })
    },

    sweep(now) {
      return scope('delete expired sessions', async (trx) => {
        const done = await trx
          .deleteFrom('sessions')
          .where('expires_at', '<=', moment(now))
          .executeTakeFirst()
        return Number(done.numDeletedRows)
      })
    },
  }
}
