import {
  type AgentId,
  type AlertStatus,
  alertStatuses,
  type RuleId,
  severities,
  type Severity,
} from '@vedette/model'
import { type SelectQueryBuilder, sql } from 'kysely'
import { boundsOf, whole } from '../../events/filter.ts'
import type { AlertFilter, Alerts } from '../cases.ts'
import type { Database } from '../database.ts'
import { containing, storable } from '../storable.ts'
import type { TenantScope } from '../tenant-transaction.ts'
import { moment } from '../timestamps.ts'
import { alertColumns, alertFromRow } from './alert-row.ts'

const MINUTE_MS = 60_000
const MAX_SLOTS = 10_000

export function alerts(scope: TenantScope): Alerts {
  return {
    list(filter, page) {
      const { limit, offset } = boundsOf(page)
      return scope('list alerts', async (trx) => {
        const rows = await filtered(trx.selectFrom('alerts'), filter)
          .select(alertColumns)
          .orderBy('time', 'desc')
          .orderBy('id', 'desc')
          .limit(limit)
          .offset(offset)
          .execute()
        return rows.map(alertFromRow)
      })
    },

    get(id) {
      return scope('read an alert', async (trx) => {
        const row = await trx
          .selectFrom('alerts')
          .select(alertColumns)
          .where('id', '=', id)
          .executeTakeFirst()
        return row && alertFromRow(row)
      })
    },

    count(filter) {
      return scope('count alerts', async (trx) => {
        const row = await filtered(trx.selectFrom('alerts'), filter)
          .select((eb) => eb.fn.countAll<number>().as('count'))
          .executeTakeFirstOrThrow()
        return row.count
      })
    },

    openBySeverity() {
      return scope('count alerts', async (trx) => {
        const rows = await trx
          .selectFrom('alerts')
          .select((eb) => ['severity', eb.fn.countAll<number>().as('count')])
          .where('status', '<>', 'resolved')
          .groupBy('severity')
          .execute()
        return every(severities, new Map(rows.map(({ severity, count }) => [severity, count])))
      })
    },

    countByStatus() {
      return scope('count alerts', async (trx) => {
        const rows = await trx
          .selectFrom('alerts')
          .select((eb) => ['status', eb.fn.countAll<number>().as('count')])
          .groupBy('status')
          .execute()
        return every(alertStatuses, new Map(rows.map(({ status, count }) => [status, count])))
      })
    },

    openByHost() {
      return scope('count alerts', async (trx) => {
        const rows = await trx
          .selectFrom('alerts')
          .select((eb) => ['host', eb.fn.countAll<number>().as('count')])
          .where('status', '<>', 'resolved')
          .groupBy('host')
          .execute()
        return new Map(rows.map(({ host, count }) => [host as AgentId, count]))
      })
    },

    suppressedByRule() {
      return scope('count alerts', async (trx) => {
        const rows = await trx
          .selectFrom('alerts')
          .select((eb) => ['rule_id', eb.cast<number>(eb.fn.sum('suppressed'), 'bigint').as('suppressed')])
          .where('suppressed', '>', 0)
          .groupBy('rule_id')
          .execute()
        return new Map(rows.map(({ rule_id: rule, suppressed }) => [rule as RuleId, suppressed]))
      })
    },

    perMinute(since, until) {
      const first = Math.floor(since / MINUTE_MS)
      const slots = whole('minutes', Math.ceil(until / MINUTE_MS) - first, 0, MAX_SLOTS)
      return scope('count alerts', async (trx) => {
        const minute = sql<number>`floor(extract(epoch FROM time) / 60)::bigint`
        const rows = await trx
          .selectFrom('alerts')
          .select((eb) => [minute.as('minute'), eb.fn.countAll<number>().as('count')])
          .where('time', '>=', moment(first * MINUTE_MS))
          .where('time', '<', moment((first + slots) * MINUTE_MS))
          .groupBy(minute)
          .execute()
        const counts = new Map(rows.map((row) => [row.minute, row.count]))
        return Array.from({ length: slots }, (_, index) => ({
          time: (first + index) * MINUTE_MS,
          alerts: counts.get(first + index) ?? 0,
        }))
      })
    },

    similar(id, limit = 20) {
      whole('limit', limit, 1, 1000)
      return scope('find similar alerts', async (trx) => {
        const like = await trx
          .selectFrom('alerts')
          .select(['rule_id', 'entity'])
          .where('id', '=', id)
          .executeTakeFirst()
        if (like === undefined) return []
        const rows = await trx
          .selectFrom('alerts')
          .select(alertColumns)
          .where('id', '<>', id)
          .where((eb) => eb.or([eb('rule_id', '=', like.rule_id), eb('entity', '=', like.entity)]))
          .orderBy((eb) => eb.and([eb('rule_id', '=', like.rule_id), eb('entity', '=', like.entity)]), 'desc')
          .orderBy('time', 'desc')
          .orderBy('id')
          .limit(limit)
          .execute()
        return rows.map(alertFromRow)
      })
    },

    acknowledge(id, actor) {
      return scope('acknowledge an alert', async (trx) => {
        await trx
          .updateTable('alerts')
          .set({ status: 'acknowledged', assignee: actor })
          .where('id', '=', id)
          .where('status', '=', 'open')
          .execute()
        const row = await trx
          .selectFrom('alerts')
          .select(alertColumns)
          .where('id', '=', id)
          .executeTakeFirst()
        return row && alertFromRow(row)
      })
    },

    resolve(id, verdict, actor) {
      return scope('resolve an alert', async (trx) => {
        const row = await trx
          .updateTable('alerts')
          .set((eb) => ({
            status: 'resolved',
            verdict: verdict ?? null,
            assignee: eb.fn.coalesce('assignee', eb.val(actor)),
          }))
          .where('id', '=', id)
          .returning(alertColumns)
          .executeTakeFirst()
        return row && alertFromRow(row)
      })
    },
  }
}

type AlertQuery = SelectQueryBuilder<Database, 'alerts', object>

function filtered(query: AlertQuery, filter: AlertFilter): AlertQuery {
  let narrowed = query
  if (filter.status !== undefined) narrowed = narrowed.where('status', '=', filter.status)
  if (filter.severity !== undefined) narrowed = narrowed.where('severity', '=', filter.severity)
  if (filter.host !== undefined) narrowed = narrowed.where('host', '=', filter.host)
  if (filter.incident !== undefined) narrowed = narrowed.where('incident', '=', filter.incident)
  if (filter.rule !== undefined) narrowed = narrowed.where('rule_id', '=', filter.rule)
  if (filter.process !== undefined) {
    narrowed = narrowed.where(sql<boolean>`process ->> 'uid' = ${storable(filter.process)}`)
  }
  if (filter.since !== undefined) narrowed = narrowed.where('time', '>=', moment(filter.since))
  if (filter.until !== undefined) narrowed = narrowed.where('time', '<', moment(filter.until))
  if (filter.search !== undefined && filter.search !== '') {
    narrowed = narrowed.where('searched', 'ilike', containing(filter.search))
  }
  return narrowed
}

function every<K extends AlertStatus | Severity>(
  keys: readonly K[],
  counts: ReadonlyMap<K, number>,
): Readonly<Record<K, number>> {
  return Object.fromEntries(keys.map((key) => [key, counts.get(key) ?? 0])) as Record<K, number>
}
