import type { AgentId, AlertId, ResponseId, TenantId } from '@vedette/model'
import { type Selectable, sql } from 'kysely'
import { boundsOf } from '../../events/filter.ts'
import type { Database } from '../database.ts'
import type { Responses, StoredResponse } from '../fleet.ts'
import { storable } from '../storable.ts'
import type { TenantScope } from '../tenant-transaction.ts'
import { toTimestamp } from '../timestamps.ts'

/** Most processes kept with a response. */
const MAX_AFFECTED = 10_000

export function responses(tenant: TenantId, scope: TenantScope): Responses {
  return {
    list(filter, page) {
      const { limit, offset } = boundsOf(page)
      return scope('list responses', async (trx) => {
        let query = trx.selectFrom('responses').selectAll()
        if (filter.host !== undefined) query = query.where('host', '=', filter.host)
        if (filter.alert !== undefined) query = query.where('alert', '=', filter.alert)
        const rows = await query.orderBy('time', 'desc').orderBy('id').limit(limit).offset(offset).execute()
        return rows.map(fromRow)
      })
    },

    get(id) {
      return scope('read a response', async (trx) => {
        const row = await trx.selectFrom('responses').selectAll().where('id', '=', id).executeTakeFirst()
        return row && fromRow(row)
      })
    },

    async put(response) {
      await scope('keep a response', (trx) =>
        trx
          .insertInto('responses')
          .values({
            tenant,
            id: response.id,
            host: response.agent,
            alert: response.alert ?? null,
            action: response.action,
            actor: storable(response.actor, 200),
            reason: storable(response.reason),
            ...outcomeColumns(response),
          })
          .onConflict((conflict) =>
            conflict.columns(['tenant', 'id']).doUpdateSet({
              outcome: sql`excluded.outcome`,
              summary: sql`excluded.summary`,
              affected: sql`excluded.affected`,
              undo: sql`excluded.undo`,
              lease_ends: sql`excluded.lease_ends`,
              actor: sql`excluded.actor`,
              reason: sql`excluded.reason`,
              time: sql`excluded.time`,
            }),
          )
          .execute(),
      )
    },

    settle(result) {
      return scope('keep the outcome of a response', async (trx) => {
        const row = await trx
          .updateTable('responses')
          .set(outcomeColumns(result))
          .where('id', '=', result.id)
          .where('host', '=', result.agent)
          .returningAll()
          .executeTakeFirst()
        return row && fromRow(row)
      })
    },
  }
}

type Outcome = Pick<StoredResponse, 'outcome' | 'summary' | 'affected' | 'undo' | 'leaseEnds' | 'time'>

function outcomeColumns({ outcome, summary, affected, undo, leaseEnds, time }: Outcome) {
  return {
    outcome,
    summary: storable(summary),
    affected: JSON.stringify(affected.slice(0, MAX_AFFECTED)),
    undo: undo ?? null,
    lease_ends: leaseEnds === undefined ? null : toTimestamp(leaseEnds),
    time: toTimestamp(time),
  }
}

function fromRow(row: Selectable<Database['responses']>): StoredResponse {
  return {
    id: row.id as ResponseId,
    agent: row.host as AgentId,
    action: row.action,
    outcome: row.outcome,
    summary: row.summary,
    affected: row.affected,
    actor: row.actor,
    reason: row.reason,
    time: row.time,
    ...(row.undo !== null && { undo: row.undo as 'thaw' }),
    ...(row.lease_ends !== null && { leaseEnds: row.lease_ends }),
    ...(row.alert !== null && { alert: row.alert as AlertId }),
  }
}
