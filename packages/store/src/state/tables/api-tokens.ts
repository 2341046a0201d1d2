import type { TenantId } from '@vedette/model'
import { type Insertable, type Selectable, sql } from 'kysely'
import type { ApiToken, ApiTokens, NewApiToken } from '../accounts.ts'
import type { Database } from '../database.ts'
import { storable } from '../storable.ts'
import type { TenantScope } from '../tenant-transaction.ts'
import { toTimestamp } from '../timestamps.ts'
import { unlessTaken } from './name-taken.ts'

const MAX_TOKENS = 10_000
/** A token that is in use all the time is noted once in so long. */
const NOTED_EVERY = sql`interval '1 minute'`

export function apiTokens(tenant: TenantId, scope: TenantScope): ApiTokens {
  const rowOf = (tokenHash: string, token: NewApiToken, now: number): Insertable<Database['api_tokens']> => ({
    tenant,
    token_hash: tokenHash,
    id: token.id,
    name: storable(token.name, 200),
    role: token.role,
    created_at: toTimestamp(now),
    organisation: token.organisation ?? tenant,
    operations: token.operations === undefined ? null : JSON.stringify(token.operations),
    made_by: storable(token.madeBy ?? '', 200),
    expires_at: token.expiresAt === undefined ? null : toTimestamp(token.expiresAt),
    account: token.account ?? null,
  })

  return {
    list() {
      return scope('list tokens', async (trx) => {
        const rows = await trx
          .selectFrom('api_tokens')
          .selectAll()
          .orderBy('name')
          .limit(MAX_TOKENS)
          .execute()
        return rows.map(apiTokenFromRow)
      })
    },

    async put(tokenHash, token, now) {
      await scope('keep a token', (trx) =>
        trx
          .insertInto('api_tokens')
          .values(rowOf(tokenHash, token, now))
          .onConflict((conflict) =>
            conflict.columns(['tenant', 'name']).doUpdateSet({
              token_hash: sql`excluded.token_hash`,
              id: sql`excluded.id`,
              role: sql`excluded.role`,
              created_at: sql`excluded.created_at`,
              organisation: sql`excluded.organisation`,
              operations: sql`excluded.operations`,
              made_by: sql`excluded.made_by`,
              expires_at: sql`excluded.expires_at`,
              account: sql`excluded.account`,
            }),
          )
          .execute(),
      )
    },

    create(tokenHash, token, now) {
      return scope('make a token', (trx) =>
        unlessTaken('api_tokens_tenant_name_key', 'make a token', token.name, async () =>
          apiTokenFromRow(
            await trx
              .insertInto('api_tokens')
              .values(rowOf(tokenHash, token, now))
              .returningAll()
              .executeTakeFirstOrThrow(),
          ),
        ),
      )
    },

    revoke(id) {
      return scope('revoke a token', async (trx) => {
        const gone = await trx
          .deleteFrom('api_tokens')
          .where('id', '=', id)
          .returning('token_hash')
          .executeTakeFirst()
        return gone?.token_hash
      })
    },

    async used(tokenHash, now) {
      await scope('note the use of a token', (trx) =>
        sql`UPDATE api_tokens SET last_used_at = ${toTimestamp(now)}::timestamptz WHERE token_hash = ${tokenHash}
          AND (last_used_at IS NULL OR last_used_at < ${toTimestamp(now)}::timestamptz - ${NOTED_EVERY})`.execute(
          trx,
        ),
      )
    },
  }
}

export function apiTokenFromRow(row: Selectable<Database['api_tokens']>): ApiToken {
  return {
    id: row.id,
    tenant: row.tenant as TenantId,
    organisation: row.organisation as TenantId,
    name: row.name,
    role: row.role,
    ...(row.operations !== null && { operations: row.operations }),
    madeBy: row.made_by,
    ...(row.account !== null && { account: row.account }),
    createdAt: row.created_at,
    ...(row.expires_at !== null && { expiresAt: row.expires_at }),
    ...(row.last_used_at !== null && { lastUsedAt: row.last_used_at }),
  }
}
