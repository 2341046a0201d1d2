import type { AlertId, RiskEntry, RuleId } from '@vedette/model'
import { whole } from '../../events/filter.ts'
import type { RiskLedger } from '../cases.ts'
import type { TenantScope } from '../tenant-transaction.ts'
import { moment } from '../timestamps.ts'

const MAX_ENTRIES = 1000

/** Columns of a risk entry. */
export const riskColumns = ['entity', 'time', 'points', 'reason', 'alert', 'rule'] as const

export function riskLedger(scope: TenantScope): RiskLedger {
  return {
    of(entity, limit = 100) {
      whole('limit', limit, 1, MAX_ENTRIES)
      return scope('read a risk ledger', async (trx) => {
        const rows = await trx
          .selectFrom('risk_entries')
          .select(riskColumns)
          .where('entity', '=', entity)
          .orderBy('time', 'desc')
          .orderBy('alert')
          .limit(limit)
          .execute()
        return rows.map(riskFromRow)
      })
    },

    ofAlert(id) {
      return scope('read a risk ledger', async (trx) => {
        const own = await trx
          .selectFrom('risk_entries')
          .select(['entity', 'time'])
          .where('alert', '=', id)
          // `process:` sorts after `host:`, so where there is a process tree it is taken.
          .orderBy('entity', 'desc')
          .executeTakeFirst()
        if (own === undefined) return []
        const rows = await trx
          .selectFrom('risk_entries')
          .select(riskColumns)
          .where('entity', '=', own.entity)
          .where('time', '<=', moment(own.time))
          .orderBy('time', 'desc')
          .orderBy('alert')
          .limit(MAX_ENTRIES)
          .execute()
        return rows.map(riskFromRow)
      })
    },
  }
}

interface RiskRow extends Omit<RiskEntry, 'alert' | 'rule'> {
  readonly alert: string
  readonly rule: string
}

export function riskFromRow(row: RiskRow): RiskEntry {
  return { ...row, alert: row.alert as AlertId, rule: row.rule as RuleId }
}
