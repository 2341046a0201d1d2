import type { TenantId } from '@vedette/model'
import { type Selectable, sql } from 'kysely'
import type { Passkey, Passkeys } from '../accounts.ts'
import type { Database } from '../database.ts'
import { storable } from '../storable.ts'
import type { TenantScope } from '../tenant-transaction.ts'
import { toTimestamp } from '../timestamps.ts'
import { unlessTaken } from './name-taken.ts'

export function passkeys(tenant: TenantId, scope: TenantScope): Passkeys {
  return {
    list(account) {
      return scope('list passkeys', async (trx) => {
        const rows = await trx
          .selectFrom('passkeys')
          .selectAll()
          .where('account', '=', account)
          .orderBy('created_at')
          .execute()
        return rows.map(passkeyFromRow)
      })
    },

    async create({ id, account, name, publicKey, counter, rpId, transports, backedUp }, tokenHash, now) {
      await scope('keep a passkey', (trx) =>
        unlessTaken('passkeys_token_hash_key', 'keep a passkey', name, () =>
          trx
            .insertInto('passkeys')
            .values({
              tenant,
              token_hash: tokenHash,
              id,
              account,
              name: storable(name, 200),
              public_key: publicKey,
              counter,
              rp_id: rpId,
              transports: JSON.stringify(transports),
              backed_up: backedUp,
              created_at: toTimestamp(now),
            })
            .execute(),
        ),
      )
    },

    use(id, counter, now) {
      return scope('use a passkey', async (trx) => {
        const done = await trx
          .updateTable('passkeys')
          .set({ counter, last_used: toTimestamp(now) })
          .where('id', '=', id)
          // WebAuthn, 7.2, step 22: one that does not rise is a copy, or a machine that counts nothing.
          .where(sql<boolean>`(counter < ${counter} OR (counter = 0 AND ${counter} = 0))`)
          .executeTakeFirst()
        return done.numUpdatedRows > 0n
      })
    },

    remove(account, id) {
      return scope('remove a passkey', async (trx) => {
        const done = await trx
          .deleteFrom('passkeys')
          .where('account', '=', account)
          .where('id', '=', id)
          .executeTakeFirst()
        return done.numDeletedRows > 0n
      })
    },

    removeAll(account) {
      return scope('remove passkeys', async (trx) => {
        const done = await trx.deleteFrom('passkeys').where('account', '=', account).executeTakeFirst()
        return Number(done.numDeletedRows)
      })
    },
  }
}

export function passkeyFromRow(row: Selectable<Database['passkeys']>): Passkey {
  return {
    tenant: row.tenant as TenantId,
    id: row.id,
    account: row.account,
    name: row.name,
    publicKey: row.public_key,
    counter: row.counter,
    rpId: row.rp_id,
    transports: row.transports,
    backedUp: row.backed_up,
    createdAt: row.created_at,
    ...(row.last_used !== null && { lastUsed: row.last_used }),
  }
}
