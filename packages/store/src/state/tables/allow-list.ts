import type { AllowEntry, TenantId } from '@vedette/model'
import { type Selectable, sql } from 'kysely'
import type { Database } from '../database.ts'
import type { AllowList } from '../indicators.ts'
import { storable } from '../storable.ts'
import type { TenantScope } from '../tenant-transaction.ts'
import { toTimestamp } from '../timestamps.ts'

const MAX_ENTRIES = 10_000

export function allowList(tenant: TenantId, scope: TenantScope): AllowList {
  return {
    list() {
      return scope('list allow entries', async (trx) => {
        const rows = await trx
          .selectFrom('allow_entries')
          .selectAll()
          .orderBy('number', 'desc')
          .limit(MAX_ENTRIES)
          .execute()
        return rows.map(fromRow)
      })
    },

    put({ type, value, owner, reason, expiresAt }, now) {
      return scope('keep an allow entry', async (trx) => {
        const row = await trx
          .insertInto('allow_entries')
          .values({
            tenant,
            type,
            value,
            owner: storable(owner, 200),
            reason: storable(reason, 2000),
            added_at: toTimestamp(now),
            expires_at: expiresAt === undefined ? null : toTimestamp(expiresAt),
          })
          .onConflict((conflict) =>
            conflict.columns(['tenant', 'type', 'value']).doUpdateSet({
              owner: sql`excluded.owner`,
              reason: sql`excluded.reason`,
              added_at: sql`excluded.added_at`,
              expires_at: sql`excluded.expires_at`,
            }),
          )
          .returningAll()
          .executeTakeFirstOrThrow()
        return fromRow(row)
      })
    },

    remove(number) {
      return scope('remove an allow entry', async (trx) => {
        const row = await trx
          .deleteFrom('allow_entries')
          .where('number', '=', number)
          .returningAll()
          .executeTakeFirst()
        return row && fromRow(row)
      })
    },

    async hit(seen) {
      if (seen.length === 0) return
      await scope('count hits of allow entries', (trx) =>
        sql`
          UPDATE allow_entries SET hits = hits + c.count,
            first_hit = LEAST(first_hit, c.first), last_hit = GREATEST(last_hit, c.last)
          FROM unnest(${seen.map(({ number }) => number)}::bigint[], ${seen.map(({ count }) => count)}::bigint[],
            ${seen.map(({ first }) => toTimestamp(first))}::timestamptz[],
            ${seen.map(({ last }) => toTimestamp(last))}::timestamptz[]) AS c(number, count, first, last)
          WHERE allow_entries.number = c.number`.execute(trx),
      )
    },
  }
}

function fromRow(row: Selectable<Database['allow_entries']>): AllowEntry {
  return {
    number: row.number,
    type: row.type,
    value: row.value,
    owner: row.owner,
    reason: row.reason,
    addedAt: row.added_at,
    ...(row.expires_at !== null && { expiresAt: row.expires_at }),
    hits: {
      count: row.hits,
      ...(row.first_hit !== null && { first: row.first_hit }),
      ...(row.last_hit !== null && { last: row.last_hit }),
    },
  }
}
