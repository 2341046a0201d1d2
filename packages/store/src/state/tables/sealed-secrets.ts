import { CodedError } from '@vedette/base'
import { sql } from 'kysely'
import { SEALED } from '../../keys/sealed-text.ts'
import { asValue, type ColumnSeal, type SealedColumn, sealedColumns, textIn } from '../sealed-columns.ts'
import type { Resealed, SealedSecrets } from '../sealed-secrets.ts'
import type { TenantScope } from '../tenant-transaction.ts'

export function sealedSecrets(seal: ColumnSeal, scope: TenantScope): SealedSecrets {
  const behind = (column: SealedColumn) =>
    sql<boolean>`${textIn(column)} NOT LIKE ${`${SEALED}${seal.keyId}:%`}`

  /** The next rows after one, sealed anew. Nothing where there are none. */
  const next = (column: SealedColumn, after: string, limit: number) =>
    scope('seal secrets anew', async (trx): Promise<(Resealed & { readonly last: string }) | undefined> => {
      const table = sql.table(column.table)
      const { rows } = await sql<{ row: string; text: string }>`
        SELECT ${sql.ref(column.row)} AS row, ${textIn(column)} AS text FROM ${table}
        WHERE ${behind(column)} AND ${sql.ref(column.row)} > ${after}
        ORDER BY ${sql.ref(column.row)} LIMIT ${limit}`.execute(trx)
      const last = rows.at(-1)?.row
      if (last === undefined) return undefined
      let resealed = 0
      const broken: string[] = []
      for (const { row, text } of rows) {
        let fresh: string
        try {
          fresh = seal.seal(column, row, seal.open(column, row, text))
        } catch (error) {
          if (!(error instanceof CodedError)) throw error
          broken.push(`${column.table}.${column.column} of ${row}`)
          continue
        }
        // Only in place of what was read: somebody else may have written another secret.
        const done = await sql`UPDATE ${table} SET ${sql.ref(column.column)} = ${asValue(column, fresh)}
          WHERE ${sql.ref(column.row)} = ${row} AND ${textIn(column)} = ${text}`.execute(trx)
        resealed += Number(done.numAffectedRows ?? 0n)
      }
      return { resealed, broken, last }
    })

  return {
    async pending() {
      const counts = await Promise.all(
        sealedColumns.map((column) =>
          scope('count sealed secrets', async (trx) => {
            const { rows } = await sql<{ n: number }>`
              SELECT count(*) AS n FROM ${sql.table(column.table)} WHERE ${behind(column)}`.execute(trx)
            return rows[0]?.n ?? 0
          }),
        ),
      )
      return counts.reduce((sum, count) => sum + count, 0)
    },

    async *reseal(batchRows) {
      for (const column of sealedColumns) {
        let after = ''
        for (;;) {
          const batch = await next(column, after, batchRows)
          if (batch === undefined) break
          const { last, ...told } = batch
          yield told
          after = last
        }
      }
    },
  }
}
