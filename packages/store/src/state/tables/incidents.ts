import type { Incident, IncidentEntry, IncidentId, TenantId } from '@vedette/model'
import type { Selectable, SelectQueryBuilder, Transaction } from 'kysely'
import { boundsOf } from '../../events/filter.ts'
import type { IncidentFilter, Incidents } from '../cases.ts'
import type { Database, IncidentTable } from '../database.ts'
import { storable } from '../storable.ts'
import type { TenantScope } from '../tenant-transaction.ts'
import { toTimestamp } from '../timestamps.ts'
import { alertColumns, alertFromRow } from './alert-row.ts'

const MAX_ALERTS = 1000
const MAX_ENTRIES = 10_000

export function incidents(tenant: TenantId, scope: TenantScope): Incidents {
  /** Changes an incident and writes the line of its history, or neither. */
  function change(
    what: string,
    id: IncidentId,
    entry: IncidentEntry,
    update: (incident: Incident) => Partial<Pick<IncidentRow, 'status' | 'assignee' | 'resolution'>>,
  ): Promise<Incident | undefined> {
    return scope(what, async (trx) => {
      const before = await trx
        .selectFrom('incidents')
        .selectAll()
        .where('id', '=', id)
        .forUpdate()
        .executeTakeFirst()
      if (before === undefined) return undefined
      const changes = update(incidentFromRow(before))
      const at = toTimestamp(entry.time)
      const row = await trx
        .updateTable('incidents')
        .set({ ...changes, updated_at: at, ...(changes.status === 'closed' && { closed_at: at }) })
        .where('id', '=', id)
        .returningAll()
        .executeTakeFirstOrThrow()
      await insertEntries(trx, tenant, [{ incident: id, entry }])
      return incidentFromRow(row)
    })
  }

  return {
    list(filter, page) {
      const { limit, offset } = boundsOf(page)
      return scope('list incidents', async (trx) => {
        const rows = await filtered(trx.selectFrom('incidents'), filter)
          .selectAll()
          .orderBy('updated_at', 'desc')
          .orderBy('id')
          .limit(limit)
          .offset(offset)
          .execute()
        return rows.map(incidentFromRow)
      })
    },

    get(id) {
      return scope('read an incident', async (trx) => {
        const row = await trx.selectFrom('incidents').selectAll().where('id', '=', id).executeTakeFirst()
        return row && incidentFromRow(row)
      })
    },

    count(filter) {
      return scope('count incidents', async (trx) => {
        const row = await filtered(trx.selectFrom('incidents'), filter)
          .select((eb) => eb.fn.countAll<number>().as('count'))
          .executeTakeFirstOrThrow()
        return row.count
      })
    },

    countOpen() {
      return scope('count incidents', async (trx) => {
        const row = await trx
          .selectFrom('incidents')
          .select((eb) => eb.fn.countAll<number>().as('count'))
          .where('status', '<>', 'closed')
          .executeTakeFirstOrThrow()
        return row.count
      })
    },

    create({ id, title, description, severity }, actor, now) {
      return scope('create an incident', async (trx) => {
        const at = toTimestamp(now)
        const row = await trx
          .insertInto('incidents')
          .values({
            tenant,
            id,
            title: storable(title, 500),
            description: storable(description, 20_000),
            severity,
            status: 'open',
            assignee: null,
            resolution: null,
            created_at: at,
            updated_at: at,
            alert_count: 0,
            host: null,
            origin: 'person',
            programs: '[]',
          })
          .returningAll()
          .executeTakeFirstOrThrow()
        const entry = { time: now, actor, action: 'created', text: title } as const
        await insertEntries(trx, tenant, [{ incident: id, entry }])
        return incidentFromRow(row)
      })
    },

    assign(id, assignee, actor, now) {
      const entry = { time: now, actor, action: 'assigned', text: `assigned to ${assignee}` } as const
      return change('assign an incident', id, entry, ({ status }) => ({
        assignee: storable(assignee, 200),
        status: status === 'open' ? 'investigating' : status,
      }))
    },

    close(id, resolution, actor, now) {
      const entry = { time: now, actor, action: 'closed', text: resolution } as const
      return change('close an incident', id, entry, () => ({
        status: 'closed',
        resolution: storable(resolution, 20_000),
      }))
    },

    note(id, entry) {
      return change('write in an incident', id, entry, () => ({}))
    },

    timeline(id) {
      return scope('read the history of an incident', async (trx) => {
        return trx
          .selectFrom('incident_entries')
          .select(['time', 'actor', 'action', 'text'])
          .where('incident', '=', id)
          .orderBy('time')
          .orderBy('number')
          .limit(MAX_ENTRIES)
          .execute()
      })
    },

    alerts(id) {
      return scope('list alerts of an incident', async (trx) => {
        const rows = await trx
          .selectFrom('alerts')
          .select(alertColumns)
          .where('incident', '=', id)
          .orderBy('time')
          .orderBy('id')
          .limit(MAX_ALERTS)
          .execute()
        return rows.map(alertFromRow)
      })
    },
  }
}

export type IncidentRow = Selectable<IncidentTable>

export function incidentFromRow(row: IncidentRow): Incident {
  return {
    id: row.id as IncidentId,
    tenant: row.tenant as TenantId,
    title: row.title,
    description: row.description,
    severity: row.severity,
    status: row.status,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    alertCount: row.alert_count,
    ...(row.assignee !== null && { assignee: row.assignee }),
    ...(row.resolution !== null && { resolution: row.resolution }),
    ...(row.closed_at !== null && { closedAt: row.closed_at }),
    ...(row.host !== null && { host: row.host }),
  }
}

export async function insertEntries(
  trx: Transaction<Database>,
  tenant: TenantId,
  entries: readonly { readonly incident: IncidentId; readonly entry: IncidentEntry }[],
): Promise<void> {
  if (entries.length === 0) return
  await trx
    .insertInto('incident_entries')
    .values(
      entries.map(({ incident, entry }) => ({
        tenant,
        incident,
        time: toTimestamp(entry.time),
        actor: storable(entry.actor, 200),
        action: entry.action,
        text: storable(entry.text, 20_000),
      })),
    )
    .execute()
}

type IncidentQuery = SelectQueryBuilder<Database, 'incidents', object>

function filtered(query: IncidentQuery, filter: IncidentFilter): IncidentQuery {
  let narrowed = query
  if (filter.status !== undefined) narrowed = narrowed.where('status', '=', filter.status)
  if (filter.severity !== undefined) narrowed = narrowed.where('severity', '=', filter.severity)
  return narrowed
}
