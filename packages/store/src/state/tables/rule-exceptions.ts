import type { AlertId, RuleException, RuleId, TenantId } from '@vedette/model'
import { type Selectable, sql } from 'kysely'
import type { Database } from '../database.ts'
import type { RuleExceptions } from '../rules.ts'
import { storable } from '../storable.ts'
import type { TenantScope } from '../tenant-transaction.ts'
import { toTimestamp } from '../timestamps.ts'

const MOST = 10_000
const LONGEST_FILTER = 65_536

export function ruleExceptions(tenant: TenantId, scope: TenantScope): RuleExceptions {
  return {
    list() {
      return scope('list exceptions', async (trx) => {
        const rows = await trx
          .selectFrom('rule_exceptions')
          .selectAll()
          .orderBy('number', 'desc')
          .limit(MOST)
          .execute()
        return rows.map(fromRow)
      })
    },

    get(id) {
      return scope('read an exception', async (trx) => {
        const row = await trx
          .selectFrom('rule_exceptions')
          .selectAll()
          .where('id', '=', id)
          .executeTakeFirst()
        return row && fromRow(row)
      })
    },

    async add(exception) {
      await scope('keep an exception', async (trx) => {
        const { rows } = await sql<{
          count: number
        }>`SELECT count(*)::bigint AS count FROM rule_exceptions`.execute(trx)
        if ((rows[0]?.count ?? 0) >= MOST) throw new RangeError(`there are ${MOST} exceptions already`)
        await trx
          .insertInto('rule_exceptions')
          .values({
            tenant,
            id: exception.id,
            rules: JSON.stringify(exception.rules),
            rule_title: storable(exception.ruleTitle, 1000),
            alert: exception.alert ?? null,
            fields: JSON.stringify(exception.fields),
            filter: storable(exception.filter, LONGEST_FILTER),
            owner: storable(exception.owner, 200),
            reason: storable(exception.reason, 2000),
            actor: storable(exception.actor, 200),
            added_at: toTimestamp(exception.addedAt),
            expires_at: exception.expiresAt === undefined ? null : toTimestamp(exception.expiresAt),
          })
          .execute()
      })
    },

    remove(id) {
      return scope('remove an exception', async (trx) => {
        const row = await trx
          .deleteFrom('rule_exceptions')
          .where('id', '=', id)
          .returningAll()
          .executeTakeFirst()
        return row && fromRow(row)
      })
    },

    async hit(hits) {
      if (hits.length === 0) return
      await scope('count hits of exceptions', (trx) =>
        sql`
          UPDATE rule_exceptions SET hits = hits + c.count,
            first_hit = LEAST(first_hit, c.first), last_hit = GREATEST(last_hit, c.last)
          FROM unnest(${hits.map(({ id }) => id)}::text[], ${hits.map(({ count }) => count)}::bigint[],
            ${hits.map(({ first }) => toTimestamp(first))}::timestamptz[],
            ${hits.map(({ last }) => toTimestamp(last))}::timestamptz[]) AS c(id, count, first, last)
          WHERE rule_exceptions.id = c.id`.execute(trx),
      )
    },
  }
}

function fromRow(row: Selectable<Database['rule_exceptions']>): RuleException {
  return {
    id: row.id,
    rules: row.rules as readonly RuleId[],
    ruleTitle: row.rule_title,
    ...(row.alert !== null && { alert: row.alert as AlertId }),
    fields: row.fields,
    filter: row.filter,
    owner: row.owner,
    reason: row.reason,
    actor: row.actor,
    addedAt: row.added_at,
    ...(row.expires_at !== null && { expiresAt: row.expires_at }),
    hits: {
      count: row.hits,
      ...(row.first_hit !== null && { first: row.first_hit }),
      ...(row.last_hit !== null && { last: row.last_hit }),
    },
  }
}
