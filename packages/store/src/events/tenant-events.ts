import type { AgentId, Event, EventKind, TenantId } from '@vedette/model'
import { storeFailure } from '../failure.ts'
import type { Connection, Parameters } from './connection.ts'
import type { EventRate, StoredBatch, TenantEvents } from './event-store.ts'
import { boundsOf, conditionOf, whole } from './filter.ts'
import { microseconds } from './row.ts'

const MINUTE_MS = 60_000
const MAX_SLOTS = 10_000
const MAX_UIDS = 1000

/** Longest that one query may take, seconds. */
const LIMITS = 'SETTINGS max_execution_time = 10, max_threads = 2'

/** The queries of one tenant. Every one of them has the tenant among its conditions. */
export function tenantEvents(connection: Connection, tenant: TenantId): TenantEvents {
  const table = `${connection.database}.events`

  async function select<Row>(query: string, parameters: Parameters): Promise<Row[]> {
    try {
      return await connection.select<Row>(`${query} ${LIMITS}`, parameters)
    } catch (error) {
      throw storeFailure('event-store-failed', 'query events', error)
    }
  }

  async function events(query: string, parameters: Parameters): Promise<Event[]> {
    const rows = await select<{ event: string }>(query, parameters)
    return rows.map(({ event }) => JSON.parse(event) as Event)
  }

  /** Counts of slots of `slotUs` from `startUs` on. */
  async function rates(
    where: string,
    parameters: Parameters,
    startUs: number,
    slotUs: number,
    slots: number,
  ): Promise<EventRate[]> {
    const rows = await select<{ slot: number | string; events: number | string }>(
      `SELECT intDiv(toUnixTimestamp64Micro(time) - {start:Int64}, {slot:Int64}) AS slot, count() AS events
      FROM ${table} WHERE ${where} AND time >= fromUnixTimestamp64Micro({start:Int64})
      AND time < fromUnixTimestamp64Micro({end:Int64}) GROUP BY slot`,
      { ...parameters, start: startUs, slot: slotUs, end: startUs + slotUs * slots },
    )
    const counts = new Map(rows.map((row) => [Number(row.slot), Number(row.events)]))
    return Array.from({ length: slots }, (_, index) => ({
      time: (startUs + index * slotUs) / 1000,
      events: counts.get(index) ?? 0,
    }))
  }

  return {
    async list(filter, page) {
      const { where, parameters } = conditionOf(tenant, filter)
      // The wide column is read only for the rows of the page.
      return events(
        `SELECT event FROM ${table} WHERE ${where} ORDER BY time DESC, id DESC
        LIMIT {limit:UInt32} OFFSET {offset:UInt32}`,
        { ...parameters, ...boundsOf(page) },
      )
    },

    async get(id) {
      const [event] = await events(
        `SELECT event FROM ${table} WHERE tenant = {tenant:String} AND id = {id:String} LIMIT 1`,
        { tenant, id: id.toWellFormed() },
      )
      return event
    },

    async count(filter) {
      const { where, parameters } = conditionOf(tenant, filter)
      const [row] = await select<{ events: number | string }>(
        `SELECT count() AS events FROM ${table} WHERE ${where}`,
        parameters,
      )
      return Number(row?.events ?? 0)
    },

    async ofRun(agent, run, from, limit) {
      const rows = await select<Record<keyof StoredBatch, number | string>>(
        `SELECT sequence, count() AS rows, uniqExact(id) AS events, min(number) AS first, max(number) AS last
        FROM (SELECT sequence, id, toUInt64OrZero(substring(id, length(id) - position(reverse(id), '-') + 2)) AS number
          FROM ${table} WHERE tenant = {tenant:String} AND agent = {agent:String} AND run = {run:String}
          AND sequence >= {from:UInt64})
        GROUP BY sequence ORDER BY sequence LIMIT {limit:UInt32}`,
        { tenant, agent, run, from, limit: whole('limit', limit, 1, 100_000) },
      )
      return rows.map((row) => ({
        sequence: Number(row.sequence),
        rows: Number(row.rows),
        events: Number(row.events),
        first: Number(row.first),
        last: Number(row.last),
      }))
    },

    async countByActivity(filter) {
      const { where, parameters } = conditionOf(tenant, filter)
      const rows = await select<{ kind: EventKind; activity: string; events: number | string }>(
        `SELECT kind, activity, count() AS events FROM ${table} WHERE ${where}
        GROUP BY kind, activity ORDER BY events DESC, kind, activity LIMIT 1000`,
        parameters,
      )
      return rows.map(({ kind, activity, events }) => ({ kind, activity, events: Number(events) }))
    },

    async countByHost(since, until) {
      const { where, parameters } = conditionOf(tenant, { since, until })
      const rows = await select<{ agent: AgentId; events: number | string }>(
        `SELECT agent, count() AS events FROM ${table} WHERE ${where} GROUP BY agent LIMIT 100000`,
        parameters,
      )
      return new Map(rows.map(({ agent, events }) => [agent, Number(events)]))
    },

    async perMinute(since, until) {
      const first = Math.floor(since / MINUTE_MS)
      const slots = whole('minutes', Math.ceil(until / MINUTE_MS) - first, 0, MAX_SLOTS)
      return rates('tenant = {tenant:String}', { tenant }, first * MINUTE_MS * 1000, MINUTE_MS * 1000, slots)
    },

    async around(host, time, spanMs, slots) {
      whole('slots', slots, 1, 1000)
      const slotUs = Math.max(1, Math.round((spanMs * 1000) / slots))
      return rates(
        'tenant = {tenant:String} AND agent = {host:String}',
        { tenant, host },
        Math.max(0, microseconds(time) - Math.round((slotUs * slots) / 2)),
        slotUs,
        slots,
      )
    },

    async ofProcesses(uids, since, until, limit = 5000) {
      if (uids.length === 0) return []
      whole('number of uids', uids.length, 1, MAX_UIDS)
      const { where, parameters } = conditionOf(tenant, { since, until })
      return events(
        `SELECT event FROM ${table} WHERE ${where} AND (process_uid IN {uids:Array(String)}
        OR (kind = 'process' AND activity = 'launch' AND parent_uid IN {uids:Array(String)}))
        ORDER BY time, id LIMIT {limit:UInt32}`,
        { ...parameters, uids, limit: whole('limit', limit, 1, 20_000) },
      )
    },
  }
}
