import type { TenantId } from '@vedette/model'
import { sql } from 'kysely'
import type { SecondFactors } from '../accounts.ts'
import { type ColumnSeal, secondFactorSecret } from '../sealed-columns.ts'
import type { TenantScope } from '../tenant-transaction.ts'
import { toTimestamp } from '../timestamps.ts'

export function secondFactors(tenant: TenantId, scope: TenantScope, seal: ColumnSeal): SecondFactors {
  return {
    get(account) {
      return scope('read a second factor', async (trx) => {
        const row = await trx
          .selectFrom('second_factors')
          .selectAll()
          .where('account', '=', account)
          .executeTakeFirst()
        if (row === undefined) return undefined
        const { count } = await trx
          .selectFrom('recovery_codes')
          .select(sql<number>`count(*)`.as('count'))
          .where('account', '=', account)
          .executeTakeFirstOrThrow()
        const { confirmed_at: confirmedAt, last_step: lastStep } = row
        const secret = seal.open(secondFactorSecret, account, row.secret)
        return { secret, confirmed: confirmedAt !== null, lastStep, recoveryCodes: count }
      })
    },

    begin(account, secret, now) {
      return scope('begin a second factor', async (trx) => {
        const done = await trx
          .insertInto('second_factors')
          .values({
            tenant,
            account,
            secret: seal.seal(secondFactorSecret, account, secret),
            created_at: toTimestamp(now),
          })
          .onConflict((conflict) =>
            conflict
              .columns(['tenant', 'account'])
              .doUpdateSet({ secret: sql`excluded.secret`, created_at: sql`excluded.created_at` })
              .where('second_factors.confirmed_at', 'is', null),
          )
          .executeTakeFirst()
        return (done.numInsertedOrUpdatedRows ?? 0n) > 0n
      })
    },

    confirm(account, step, codeHashes, now) {
      return scope('confirm a second factor', async (trx) => {
        const done = await trx
          .updateTable('second_factors')
          .set({ confirmed_at: toTimestamp(now), last_step: step })
          .where('account', '=', account)
          .where('confirmed_at', 'is', null)
          .executeTakeFirst()
        if (done.numUpdatedRows === 0n) return false
        const rows = codeHashes.map((hash) => ({ tenant, account, code_hash: hash }))
        await trx.insertInto('recovery_codes').values(rows).execute()
        return true
      })
    },

    use(account, step) {
      return scope('use a second factor', async (trx) => {
        const done = await trx
          .updateTable('second_factors')
          .set({ last_step: step })
          .where('account', '=', account)
          .where('last_step', '<', step)
          .executeTakeFirst()
        return done.numUpdatedRows > 0n
      })
    },

    useRecovery(account, codeHash) {
      return scope('use a recovery code', async (trx) => {
        const done = await trx
          .deleteFrom('recovery_codes')
          .where('account', '=', account)
          .where('code_hash', '=', codeHash)
          .executeTakeFirst()
        return done.numDeletedRows > 0n
      })
    },

    remove(account) {
      return scope('remove a second factor', async (trx) => {
        const done = await trx.deleteFrom('second_factors').where('account', '=', account).executeTakeFirst()
        return done.numDeletedRows > 0n
      })
    },
  }
}
