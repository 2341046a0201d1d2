import { CodedError } from '@vedette/base'
import type { TenantId } from '@vedette/model'
import { type Selectable, sql, type Transaction } from 'kysely'
import type {
  Account,
  AccountRole,
  Accounts,
  AgentCredentials,
  NewAccount,
  RoleName,
  SetupTokens,
} from '../accounts.ts'
import type { Database } from '../database.ts'
import { storable } from '../storable.ts'
import type { TenantScope } from '../tenant-transaction.ts'
import { toTimestamp } from '../timestamps.ts'
import { unlessTaken } from './name-taken.ts'

const MAX_ACCOUNTS = 10_000

export function accounts(tenant: TenantId, scope: TenantScope): Accounts {
  return {
    list() {
      return scope('list accounts', async (trx) => {
        const rows = await selectAccounts(trx).orderBy('name').limit(MAX_ACCOUNTS).execute()
        return rows.map(accountFromRow)
      })
    },

    byName(name) {
      return scope('read an account', async (trx) => {
        const row = await selectAccounts(trx)
          .where(sql`lower(name)`, '=', sql`lower(${storable(name, 200)})`)
          .executeTakeFirst()
        return row && accountFromRow(row)
      })
    },

    get(id) {
      return scope('read an account', async (trx) => accountById(trx, id))
    },

    create(account, now) {
      return scope('create an account', (trx) => insertAccount(trx, tenant, account, now))
    },

    async setPassword(id, passwordHash, mustChange) {
      await scope('change a password', (trx) =>
        trx
          .updateTable('accounts')
          .set({ password_hash: passwordHash, must_change: mustChange })
          .where('id', '=', id)
          .execute(),
      )
    },

    async setRole(id, inTenant, role) {
      await scope('change a role', async (trx) => {
        if (role === undefined) {
          await trx
            .deleteFrom('account_roles')
            .where('account', '=', id)
            .where('in_tenant', '=', inTenant)
            .execute()
        } else {
          await trx
            .insertInto('account_roles')
            .values({ tenant, account: id, in_tenant: inTenant, role })
            .onConflict((conflict) =>
              conflict
                .columns(['tenant', 'account', 'in_tenant'])
                .doUpdateSet({ role: sql<RoleName>`excluded.role` }),
            )
            .execute()
        }
        await requireAdmin(trx, tenant, 'change a role')
      })
    },

    async setDisabled(id, disabled, now) {
      await scope('disable an account', async (trx) => {
        await trx
          .updateTable('accounts')
          .set({ disabled_at: disabled ? toTimestamp(now) : null })
          .where('id', '=', id)
          .execute()
        if (disabled) await trx.deleteFrom('sessions').where('account', '=', id).execute()
        await requireAdmin(trx, tenant, 'disable an account')
      })
    },

    async remove(id) {
      await scope('remove an account', async (trx) => {
        await trx.deleteFrom('accounts').where('id', '=', id).execute()
        await requireAdmin(trx, tenant, 'remove an account')
      })
    },

    async signedIn(id, now) {
      await scope('note a sign-in', (trx) =>
        trx
          .updateTable('accounts')
          .set({ last_sign_in: toTimestamp(now) })
          .where('id', '=', id)
          .execute(),
      )
    },
  }
}

/**
 * Sees that somebody is left who can manage the organisation.
 *
 * @throws {CodedError} `last-admin`, which undoes the transaction
 */
export async function requireAdmin(
  trx: Transaction<Database>,
  tenant: TenantId,
  what: string,
): Promise<void> {
  // One at a time: two admins who remove each other at the same moment would both see the other.
  await sql`SELECT pg_advisory_xact_lock(hashtext(${`vedette people ${tenant}`}))`.execute(trx)
  const admin = await trx
    .selectFrom('account_roles')
    .innerJoin('accounts', (join) =>
      join
        .onRef('accounts.tenant', '=', 'account_roles.tenant')
        .onRef('accounts.id', '=', 'account_roles.account'),
    )
    .select('accounts.id')
    .where('account_roles.in_tenant', '=', tenant)
    .where('account_roles.role', '=', 'admin')
    .where('accounts.disabled_at', 'is', null)
    .executeTakeFirst()
  if (admin === undefined) {
    throw new CodedError('last-admin', `Cannot ${what}: no admin would be left`)
  }
}

function selectAccounts(trx: Transaction<Database>) {
  return trx
    .selectFrom('accounts')
    .selectAll()
    .select([
      sql<readonly AccountRole[] | null>`(SELECT json_agg(json_build_object('tenant', in_tenant, 'role', role)
        ORDER BY in_tenant) FROM account_roles r WHERE r.tenant = accounts.tenant AND r.account = accounts.id)`.as(
        'roles',
      ),
      sql<boolean>`EXISTS (SELECT FROM second_factors f WHERE f.tenant = accounts.tenant AND f.account = accounts.id
        AND f.confirmed_at IS NOT NULL)`.as('second_factor'),
      sql<number>`(SELECT count(*) FROM passkeys p WHERE p.tenant = accounts.tenant AND p.account = accounts.id)`.as(
        'passkeys',
      ),
      sql<
        string | null
      >`(SELECT min(issuer) FROM identity_links l WHERE l.tenant = accounts.tenant AND l.account = accounts.id)`.as(
        'issuer',
      ),
      sql<string | null>`(SELECT o.name FROM organisations o WHERE o.tenant = accounts.tenant)`.as(
        'organisation_name',
      ),
    ])
}

/** Within a transaction of the organisation. */
export async function accountById(trx: Transaction<Database>, id: string): Promise<Account | undefined> {
  const row = await selectAccounts(trx).where('id', '=', id).executeTakeFirst()
  return row && accountFromRow(row)
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

type AccountRow = Selectable<Database['accounts']> & {
  readonly roles: readonly AccountRole[] | null
  readonly second_factor: boolean
  readonly passkeys: number
  readonly issuer: string | null
  readonly organisation_name: string | null
}

function accountFromRow(row: AccountRow): Account {
  return {
    id: row.id,
    tenant: row.tenant as TenantId,
    name: row.name,
    ...(row.organisation_name !== null && { organisationName: row.organisation_name }),
    passwordHash: row.password_hash,
    roles: row.roles ?? [],
    disabled: row.disabled_at !== null,
    mustChange: row.must_change,
    secondFactor: row.second_factor,
    passkeys: row.passkeys,
    ...(row.issuer !== null && { issuer: row.issuer }),
    createdAt: row.created_at,
    ...(row.last_sign_in !== null && { lastSignIn: row.last_sign_in }),
  }
}

export async function insertAccount(
  trx: Transaction<Database>,
  tenant: TenantId,
  { id, name, passwordHash, role, inTenant = tenant, mustChange = false }: NewAccount,
  now: number,
): Promise<Account> {
  await unlessTaken('accounts_by_name', 'create an account', name, () =>
    trx
      .insertInto('accounts')
      .values({
        tenant,
        id,
        name: storable(name, 200),
        password_hash: passwordHash,
        created_at: toTimestamp(now),
        must_change: mustChange,
      })
      .execute(),
  )
  await trx.insertInto('account_roles').values({ tenant, account: id, in_tenant: inTenant, role }).execute()
  const made = await accountById(trx, id)
  if (made === undefined) throw new TypeError('an account that was made is not there')
  return made
}
