import type { AgentId, TenantId } from '@vedette/model'
import { sql } from 'kysely'
import type { Host, Hosts } from '../fleet.ts'
import type { TenantScope } from '../tenant-transaction.ts'
import { toTimestamp } from '../timestamps.ts'

const MAX_HOSTS = 10_000
const columns = ['id', 'report', 'first_seen', 'last_seen'] as const

export function hosts(tenant: TenantId, scope: TenantScope): Hosts {
  return {
    list() {
      return scope('list hosts', async (trx) => {
        const rows = await trx.selectFrom('hosts').select(columns).orderBy('id').limit(MAX_HOSTS).execute()
        return rows.map(fromRow).sort((a, b) => (a.report.hostname < b.report.hostname ? -1 : 1))
      })
    },

    get(id) {
      return scope('read a host', async (trx) => {
        const row = await trx.selectFrom('hosts').select(columns).where('id', '=', id).executeTakeFirst()
        return row && fromRow(row)
      })
    },

    async report(id, report, now) {
      const at = toTimestamp(now)
      await scope('keep a report of a host', (trx) =>
        trx
          .insertInto('hosts')
          .values({ tenant, id, report: JSON.stringify(report), first_seen: at, last_seen: at })
          .onConflict((conflict) =>
            conflict.columns(['tenant', 'id']).doUpdateSet({
              report: sql`excluded.report`,
              last_seen: sql`excluded.last_seen`,
            }),
          )
          .execute(),
      )
    },
  }
}

interface HostRow {
  readonly id: string
  readonly report: Host['report']
  readonly first_seen: number
  readonly last_seen: number
}

function fromRow(row: HostRow): Host {
  return { id: row.id as AgentId, report: row.report, firstSeen: row.first_seen, lastSeen: row.last_seen }
}
