import type { AgentId, AlertId, CaseIncident, RuleId, TenantId } from '@vedette/model'
import { type Selectable, sql, type Transaction } from 'kysely'
import type { CaseTransaction } from '../case-transaction.ts'
import type { Database, IncidentTable } from '../database.ts'
import { storable } from '../storable.ts'
import { moment, toTimestamp } from '../timestamps.ts'
import { alertColumns, alertFromRow, alertToRow } from './alert-row.ts'
import { incidentFromRow, insertEntries } from './incidents.ts'
import { riskColumns, riskFromRow } from './risk-ledger.ts'

/** Rows of one INSERT: PostgreSQL takes 65 535 parameters, and an alert has 27. */
const CHUNK = 500
/** Runs that are remembered whose detections were counted only. */
const MAX_SUPPRESSED_RUNS = 10_000
/** Most rows that one question brings back. */
const MAX_ROWS = 50_000

/** One correlation of a tenant at a time: two at once could each make the alert that the other is making. */
export async function lockCases(trx: Transaction<Database>, tenant: TenantId): Promise<void> {
  await sql`SELECT pg_advisory_xact_lock(hashtextextended(${`cases:${tenant}`}, 0))`.execute(trx)
}

export function caseTransaction(tenant: TenantId, trx: Transaction<Database>): CaseTransaction {
  return {
    async known(ids) {
      if (ids.length === 0) return []
      const rows = await trx.selectFrom('alerts').select('id').where('id', '=', anyOf(ids)).execute()
      return rows.map(({ id }) => id as AlertId)
    },

    async alertsLike(spans) {
      if (spans.length === 0) return []
      const rows = await trx
        .selectFrom('alerts')
        .innerJoin(
          sql<{ fingerprint: string; since: number; until: number }>`unnest(
            ${spans.map(({ fingerprint }) => fingerprint)}::text[],
            ${spans.map(({ since }) => toTimestamp(since))}::timestamptz[],
            ${spans.map(({ until }) => toTimestamp(until))}::timestamptz[]
          )`.as<'span'>(sql`span(fingerprint, since, until)`),
          (join) => join.onRef('span.fingerprint', '=', 'alerts.fingerprint'),
        )
        .select(alertColumns.map((column) => `alerts.${column}` as const))
        .select('alerts.counted')
        .distinctOn('alerts.id')
        .whereRef('alerts.time', '>=', 'span.since')
        .whereRef('alerts.time', '<=', 'span.until')
        .limit(MAX_ROWS)
        .execute()
      return rows.map((row) => ({ alert: alertFromRow(row), counted: row.counted }))
    },

    async riskOf(entities, since) {
      if (entities.length === 0) return []
      const rows = await trx
        .selectFrom('risk_entries')
        .select(riskColumns)
        .where('entity', '=', anyOf(entities))
        .where('time', '>=', moment(since))
        .orderBy('time', 'desc')
        .limit(MAX_ROWS)
        .execute()
      return rows.map(riskFromRow).reverse()
    },

    async incidentsOf(keys, since) {
      if (keys.length === 0) return []
      const rows = await trx
        .selectFrom('incident_keys')
        .innerJoin('incidents', 'incidents.id', 'incident_keys.incident')
        .selectAll('incidents')
        .select('incident_keys.key')
        .where('incident_keys.key', '=', anyOf(keys))
        .where('incidents.status', '<>', 'closed')
        .where('incidents.last_alert', '>=', moment(since))
        .orderBy('incidents.created_at')
        .orderBy('incidents.id')
        .execute()
      return rows.map(({ key, ...row }) => ({ key, case: caseFromRow(row) }))
    },

    async incidentsCreated(host, since) {
      const rows = await trx
        .selectFrom('incidents')
        .selectAll()
        .where('host', '=', host)
        .where('origin', '=', 'correlation')
        .where('created_at', '>=', moment(since))
        .orderBy('created_at', 'desc')
        .orderBy('id')
        .limit(1000)
        .execute()
      return rows.map(caseFromRow)
    },

    async openedBy(rules, after, until) {
      if (rules.length === 0) return []
      const rows = await trx
        .selectFrom('alerts')
        .select(['id', 'rule_id', 'host', 'opened_at'])
        .where('rule_id', '=', anyOf(rules))
        .where('opened_at', '>', moment(after))
        .where('opened_at', '<=', moment(until))
        .orderBy('opened_at')
        .limit(MAX_ROWS)
        .execute()
      return rows.map(({ id, rule_id: rule, host, opened_at: openedAt }) => ({
        id: id as AlertId,
        rule: rule as RuleId,
        host: host as AgentId,
        openedAt,
      }))
    },

    async suppressedRuns(rules, runs) {
      if (rules.length === 0 || runs.length === 0) return []
      const rows = await trx
        .selectFrom('suppressed_runs')
        .select(['rule_id', 'run', 'number'])
        .where('rule_id', '=', anyOf(rules))
        .where('run', '=', anyOf(runs))
        .execute()
      return rows.map(({ rule_id: rule, run, number }) => ({ rule: rule as RuleId, run, number }))
    },

    async addSuppressed(counts, runs, now) {
      await sql`UPDATE alerts SET suppressed = alerts.suppressed + more.count
        FROM unnest(
          ${counts.map(({ alert }) => alert)}::text[], ${counts.map(({ count }) => count)}::bigint[]
        ) AS more(id, count)
        WHERE alerts.id = more.id`.execute(trx)
      let isNew = false
      for (const chunk of chunksOf(runs)) {
        const written = await trx
          .insertInto('suppressed_runs')
          .values(
            chunk.map(({ rule, run, number }) => ({
              tenant,
              rule_id: storable(rule, 200),
              run: storable(run, 200),
              number,
              seen_at: toTimestamp(now),
            })),
          )
          .onConflict((conflict) =>
            conflict
              .columns(['tenant', 'rule_id', 'run'])
              .doUpdateSet({ number: sql`excluded.number`, seen_at: sql`excluded.seen_at` }),
          )
          // Of a row that was there before, the transaction that replaced it stands in xmax.
          .returning(sql<boolean>`xmax = 0`.as('is_new'))
          .execute()
        isNew ||= written.some(({ is_new }) => is_new)
      }
      if (!isNew) return
      // By their number and not by their age: a clock that is wrong forgets none of them.
      await sql`DELETE FROM suppressed_runs WHERE (rule_id, run) IN (
        SELECT rule_id, run FROM suppressed_runs ORDER BY seen_at DESC OFFSET ${MAX_SUPPRESSED_RUNS})`.execute(
        trx,
      )
    },

    async insertAlerts(alerts, openedAt) {
      for (const chunk of chunksOf(alerts)) {
        await trx
          .insertInto('alerts')
          .values(chunk.map(({ alert, counted }) => alertToRow(tenant, alert, counted, openedAt)))
          .onConflict((conflict) => conflict.columns(['tenant', 'id']).doNothing())
          .execute()
      }
    },

    async updateRepeats(repeats) {
      if (repeats.length === 0) return
      await sql`UPDATE alerts SET time = new.time, last_seen = new.last_seen, count = new.count, counted = new.counted
        FROM unnest(
          ${repeats.map(({ id }) => id)}::text[],
          ${repeats.map(({ time }) => toTimestamp(time))}::timestamptz[],
          ${repeats.map(({ lastSeen }) => toTimestamp(lastSeen))}::timestamptz[],
          ${repeats.map(({ count }) => count)}::bigint[],
          ${repeats.map(({ counted }) => JSON.stringify(counted))}::json[]
        ) AS new(id, time, last_seen, count, counted)
        WHERE alerts.id = new.id`.execute(trx)
    },

    async addRisk(entries) {
      for (const chunk of chunksOf(entries)) {
        await trx
          .insertInto('risk_entries')
          .values(
            chunk.map(({ entity, time, points, reason, alert, rule }) => ({
              tenant,
              entity: storable(entity, 500),
              time: toTimestamp(time),
              points: Math.min(100, Math.max(0, Math.round(points))),
              reason: storable(reason),
              alert,
              rule: storable(rule, 200),
            })),
          )
          .onConflict((conflict) => conflict.columns(['tenant', 'entity', 'alert']).doNothing())
          .execute()
      }
    },

    async putIncidents(cases) {
      for (const chunk of chunksOf(cases)) {
        await trx
          .insertInto('incidents')
          .values(
            chunk.map(({ incident, programs, lastAlert }) => ({
              tenant,
              id: incident.id,
              title: storable(incident.title, 500),
              description: storable(incident.description, 20_000),
              severity: incident.severity,
              status: incident.status,
              assignee: incident.assignee ?? null,
              resolution: incident.resolution ?? null,
              created_at: toTimestamp(incident.createdAt),
              updated_at: toTimestamp(incident.updatedAt),
              alert_count: incident.alertCount,
              host: incident.host ?? null,
              origin: 'correlation' as const,
              programs: JSON.stringify(programs),
              last_alert: toTimestamp(lastAlert),
            })),
          )
          .onConflict((conflict) =>
            conflict.columns(['tenant', 'id']).doUpdateSet({
              title: sql`excluded.title`,
              severity: sql`excluded.severity`,
              updated_at: sql`excluded.updated_at`,
              alert_count: sql`excluded.alert_count`,
              programs: sql`excluded.programs`,
              last_alert: sql`excluded.last_alert`,
            }),
          )
          .execute()
      }
    },

    async putKeys(keys) {
      // A key twice in one statement would be refused; the later one counts.
      const unique = [...new Map(keys.map((entry) => [entry.key, entry])).values()]
      for (const chunk of chunksOf(unique)) {
        await trx
          .insertInto('incident_keys')
          .values(chunk.map(({ key, incident }) => ({ tenant, key: storable(key, 500), incident })))
          .onConflict((conflict) =>
            conflict.columns(['tenant', 'key']).doUpdateSet({ incident: sql`excluded.incident` }),
          )
          .execute()
      }
    },

    async addEntries(entries) {
      for (const chunk of chunksOf(entries)) await insertEntries(trx, tenant, chunk)
    },
  }
}

/** `= ANY(array)`: one parameter, however many values. */
function anyOf(values: readonly string[]) {
  return sql<string>`ANY(${values.map((value) => storable(value, 500))}::text[])`
}

function* chunksOf<T>(items: readonly T[]): Generator<readonly T[]> {
  for (let from = 0; from < items.length; from += CHUNK) yield items.slice(from, from + CHUNK)
}

function caseFromRow(row: Selectable<IncidentTable>): CaseIncident {
  return {
    incident: incidentFromRow(row),
    programs: row.programs,
    lastAlert: row.last_alert ?? row.updated_at,
  }
}
