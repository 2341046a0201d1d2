import { CodedError } from '@vedette/base'
import type { TenantId } from '@vedette/model'
import { type Selectable, sql, type Transaction } from 'kysely'
import type {
  Account,
  Accounts,
  AgentCredentials,
  ApiToken,
  ApiTokens,
  NewAccount,
  Sessions,
  SetupTokens,
} from '../accounts.ts'
import type { Database } from '../database.ts'
import { storable } from '../storable.ts'
import type { TenantScope } from '../tenant-transaction.ts'
import { moment, toTimestamp } from '../timestamps.ts'

const MAX_ACCOUNTS = 10_000

export function accounts(tenant: TenantId, scope: TenantScope): Accounts {
  return {
    list() {
      return scope('list accounts', async (trx) => {
        const rows = await trx
          .selectFrom('accounts')
          .selectAll()
          .orderBy('name')
          .limit(MAX_ACCOUNTS)
          .execute()
        return rows.map(accountFromRow)
      })
    },

    byName(name) {
      return scope('read an account', async (trx) => {
        const row = await trx
          .selectFrom('accounts')
          .selectAll()
          .where(sql`lower(name)`, '=', sql`lower(${storable(name, 200)})`)
          .executeTakeFirst()
        return row && accountFromRow(row)
      })
    },

    get(id) {
      return scope('read an account', async (trx) => {
        const row = await trx.selectFrom('accounts').selectAll().where('id', '=', id).executeTakeFirst()
        return row && accountFromRow(row)
      })
    },

    create(account, now) {
      return scope('create an account', (trx) => insertAccount(trx, tenant, account, now))
    },

    async setPassword(id, passwordHash) {
      await scope('change a password', (trx) =>
        trx.updateTable('accounts').set({ password_hash: passwordHash }).where('id', '=', id).execute(),
      )
    },

    async setRole(id, role) {
      await scope('change a role', (trx) =>
        trx.updateTable('accounts').set({ role }).where('id', '=', id).execute(),
      )
    },
  }
}

export function sessions(tenant: TenantId, scope: TenantScope): Sessions {
  return {
    async create(tokenHash, account, now, expiresAt) {
      await scope('create a session', (trx) =>
        trx
          .insertInto('sessions')
          .values({
            tenant,
            token_hash: tokenHash,
            account,
            created_at: toTimestamp(now),
            expires_at: toTimestamp(expiresAt),
          })
          .execute(),
      )
    },

    extend(tokenHash, expiresAt) {
      return scope('extend a session', async (trx) => {
        const done = await trx
          .updateTable('sessions')
          .set({ expires_at: toTimestamp(expiresAt) })
          .where('token_hash', '=', tokenHash)
          .executeTakeFirst()
        return done.numUpdatedRows > 0n
      })
    },

    revoke(tokenHash) {
      return scope('end a session', async (trx) => {
        const done = await trx.deleteFrom('sessions').where('token_hash', '=', tokenHash).executeTakeFirst()
        return done.numDeletedRows > 0n
      })
    },

    revokeAll(account) {
      return scope('end sessions', async (trx) => {
        const done = await trx.deleteFrom('sessions').where('account', '=', account).executeTakeFirst()
        return Number(done.numDeletedRows)
      })
    },

    sweep(now) {
      return scope('delete expired sessions', async (trx) => {
        const done = await trx
          .deleteFrom('sessions')
          .where('expires_at', '<=', moment(now))
          .executeTakeFirst()
        return Number(done.numDeletedRows)
      })
    },
  }
}

export function setupTokens(tenant: TenantId, scope: TenantScope): SetupTokens {
  return {
    state() {
      return scope('read the state of setup', async (trx) => {
        const row = await trx.selectFrom('setup_tokens').select('used_at').executeTakeFirst()
        if (row === undefined) return 'none'
        return row.used_at === null ? 'open' : 'used'
      })
    },

    put(tokenHash, now) {
      return scope('keep a setup token', async (trx) => {
        const done = await trx
          .insertInto('setup_tokens')
          .values({ tenant, token_hash: tokenHash, created_at: toTimestamp(now) })
          .onConflict((conflict) =>
            conflict
              .column('tenant')
              .doUpdateSet({ token_hash: sql`excluded.token_hash`, created_at: sql`excluded.created_at` })
              .where('setup_tokens.used_at', 'is', null),
          )
          .executeTakeFirst()
        return (done.numInsertedOrUpdatedRows ?? 0n) > 0n
      })
    },

    use(tokenHash, account, now) {
      return scope('use a setup token', async (trx) => {
        const done = await trx
          .updateTable('setup_tokens')
          .set({ used_at: toTimestamp(now) })
          .where('token_hash', '=', tokenHash)
          .where('used_at', 'is', null)
          .executeTakeFirst()
        return done.numUpdatedRows === 0n ? undefined : insertAccount(trx, tenant, account, now)
      })
    },
  }
}

export function agentCredentials(tenant: TenantId, scope: TenantScope): AgentCredentials {
  return {
    async put(tokenHash, agent, now) {
      await scope("keep an agent's credential", (trx) =>
        trx
          .insertInto('agent_credentials')
          .values({ tenant, token_hash: tokenHash, agent, created_at: toTimestamp(now) })
          .onConflict((conflict) =>
            conflict
              .columns(['tenant', 'agent'])
              .doUpdateSet({ token_hash: sql`excluded.token_hash`, created_at: sql`excluded.created_at` }),
          )
          .execute(),
      )
    },

    revoke(agent) {
      return scope("revoke an agent's credential", async (trx) => {
        const done = await trx.deleteFrom('agent_credentials').where('agent', '=', agent).executeTakeFirst()
        return done.numDeletedRows > 0n
      })
    },
  }
}

export function apiTokens(tenant: TenantId, scope: TenantScope): ApiTokens {
  return {
    list() {
      return scope('list tokens', async (trx) => {
        const rows = await trx.selectFrom('api_tokens').selectAll().orderBy('name').execute()
        return rows.map(apiTokenFromRow)
      })
    },

    async put(tokenHash, { id, name, role }, now) {
      await scope('keep a token', (trx) =>
        trx
          .insertInto('api_tokens')
          .values({
            tenant,
            token_hash: tokenHash,
            id,
            name: storable(name, 200),
            role,
            created_at: toTimestamp(now),
          })
          .onConflict((conflict) =>
            conflict.columns(['tenant', 'name']).doUpdateSet({
              token_hash: sql`excluded.token_hash`,
              id: sql`excluded.id`,
              role: sql`excluded.role`,
              created_at: sql`excluded.created_at`,
            }),
          )
          .execute(),
      )
    },

    revoke(id) {
      return scope('revoke a token', async (trx) => {
        const done = await trx.deleteFrom('api_tokens').where('id', '=', id).executeTakeFirst()
        return done.numDeletedRows > 0n
      })
    },
  }
}

export function accountFromRow(row: Selectable<Database['accounts']>): Account {
  return {
    id: row.id,
    tenant: row.tenant as TenantId,
    name: row.name,
    passwordHash: row.password_hash,
    role: row.role,
    createdAt: row.created_at,
  }
}

export function apiTokenFromRow(row: Selectable<Database['api_tokens']>): ApiToken {
  return {
    id: row.id,
    tenant: row.tenant as TenantId,
    name: row.name,
    role: row.role,
    createdAt: row.created_at,
  }
}

async function insertAccount(
  trx: Transaction<Database>,
  tenant: TenantId,
  { id, name, passwordHash, role }: NewAccount,
  now: number,
): Promise<Account> {
  try {
    const row = await trx
      .insertInto('accounts')
      .values({
        tenant,
        id,
        name: storable(name, 200),
        password_hash: passwordHash,
        role,
        created_at: toTimestamp(now),
      })
      .returningAll()
      .executeTakeFirstOrThrow()
    return accountFromRow(row)
  } catch (error) {
    if ((error as { constraint?: unknown }).constraint === 'accounts_by_name') {
      throw new CodedError(
        'name-taken',
        `Cannot create an account: the name ${JSON.stringify(name)} is taken`,
        {
          cause: error,
        },
      )
    }
    throw error
  }
}
