import { join } from 'node:path'
import type { Logger } from '@vedette/base'
import type { TenantId } from '@vedette/model'
import { type Kysely, sql } from 'kysely'
import type pg from 'pg'
import { storeFailure } from '../failure.ts'
import type { Keyring } from '../keys/keyring.ts'
import type { Database } from './database.ts'
import { migrateState } from './migrate.ts'
import { SERVICE_ROLE } from './migrations/tenant-policy.ts'
import { DEFAULT_CONNECTIONS, keysOf, type StateStoreOptions } from './options.ts'
import { createDatabase, DATABASE, OWNER_ROLE } from './owner.ts'
import { openPool } from './pool.ts'
import { type EmbeddedPostgres, startPostgres } from './postgres/embedded-postgres.ts'
import { personalState } from '../privacy/personal-state.ts'
import type { StateStore, TenantState } from './state-store.ts'
import { ColumnSeal, requireKeys } from './sealed-columns.ts'
import { accounts, agentCredentials, setupTokens } from './tables/accounts.ts'
import { agentGroups } from './tables/agent-groups.ts'
import { alerts } from './tables/alerts.ts'
import { apiTokens } from './tables/api-tokens.ts'
import { caseTransaction, lockCases } from './tables/case-transaction.ts'
import { credentialDoor } from './tables/credential-door.ts'
import { customRoles } from './tables/custom-roles.ts'
import { allowList } from './tables/allow-list.ts'
import { enrolments } from './tables/enrolments.ts'
import { feeds } from './tables/feeds.ts'
import { hosts } from './tables/hosts.ts'
import { identityProviders } from './tables/identity-providers.ts'
import { incidents } from './tables/incidents.ts'
import { indicators } from './tables/indicators.ts'
import { ownOrganisation } from './tables/organisation.ts'
import { passkeys } from './tables/passkeys.ts'
import { responses } from './tables/responses.ts'
import { riskLedger } from './tables/risk-ledger.ts'
import { ruleExceptions } from './tables/rule-exceptions.ts'
import { rulePacks } from './tables/rule-packs.ts'
import { sealedSecrets } from './tables/sealed-secrets.ts'
import { secondFactors } from './tables/second-factors.ts'
import { sessions } from './tables/sessions.ts'
import { tenants } from './tables/tenants.ts'
import { type Reach, tenantScope } from './tenant-transaction.ts'

/**
 * Opens the store of state: starts PostgreSQL where it is ours, brings the schema up to date as the owner, and connects
 * as the service.
 *
 * @throws {CodedError} those of `startPostgres` and of `Keyring.open`, `key-lost`, `state-newer`, `state-store-failed`
 */
export async function openStateStore(options: StateStoreOptions): Promise<StateStore> {
  const log = options.log.child({ part: 'state' })
  const { connections: max = DEFAULT_CONNECTIONS } = options
  const keys = keysOf(options)
  if ('url' in options) {
    const config = { connectionString: options.url.reveal() }
    await prepare(config, log, keys)
    return stateStore(openPool({ config: { ...config, max }, log, role: SERVICE_ROLE }), keys)
  }
  const postgres = await startPostgres({ ...options, folder: join(options.folder), log, connections: max })
  try {
    await createDatabase(postgres, log)
    const as = (user: string) => ({ host: postgres.host, port: postgres.port, database: DATABASE, user })
    await prepare(as(OWNER_ROLE), log, keys)
    return stateStore(openPool({ config: { ...as(SERVICE_ROLE), max }, log }), keys, postgres)
  } catch (error) {
    await postgres[Symbol.asyncDispose]()
    throw storeFailure('state-store-failed', 'open the state store', error)
  }
}

/** Brings the schema to a version, the newest by default, as the owner; makes the role of the service in a server of somebody else's. */
export async function prepare(
  config: pg.PoolConfig,
  log: Logger,
  keys: Keyring | undefined,
  target?: string,
): Promise<void> {
  const db = openPool({ config: { ...config, max: 2, statement_timeout: 0 }, log })
  try {
    if (keys !== undefined) await requireKeys(db as Kysely<unknown>, keys)
    const known = await sql`SELECT 1 FROM pg_roles WHERE rolname = ${SERVICE_ROLE}`.execute(db)
    if (known.rows.length === 0) {
      await sql`CREATE ROLE ${sql.ref(SERVICE_ROLE)} NOLOGIN`.execute(db)
      await sql`GRANT ${sql.ref(SERVICE_ROLE)} TO CURRENT_USER`.execute(db)
    }
    await migrateState(db as Kysely<unknown>, keys, target)
  } catch (error) {
    throw storeFailure('state-store-failed', 'bring the schema of the state store up to date', error)
  } finally {
    await db.destroy()
  }
}

function stateStore(
  db: Kysely<Database>,
  keys: Keyring | undefined,
  postgres?: EmbeddedPostgres,
): StateStore {
  const reach = { db, isDiskFull: () => postgres?.saysDiskFull ?? false }
  return {
    credentials: credentialDoor(reach),

    of: (tenant) => tenantState(reach, tenant, new ColumnSeal(keys, tenant)),

    async ping() {
      try {
        await sql`SELECT 1`.execute(db)
      } catch (error) {
        throw storeFailure('state-store-failed', 'reach the state store', error)
      }
    },

    async [Symbol.asyncDispose]() {
      await db.destroy()
      await postgres?.[Symbol.asyncDispose]()
    },
  }
}

function tenantState(reach: Reach, tenant: TenantId, seal: ColumnSeal): TenantState {
  const scope = tenantScope(reach, tenant)
  return {
    alerts: alerts(scope),
    incidents: incidents(tenant, scope),
    risk: riskLedger(scope),
    hosts: hosts(tenant, scope),
    responses: responses(tenant, scope),
    accounts: accounts(tenant, scope),
    sessions: sessions(tenant, scope),
    secondFactors: secondFactors(tenant, scope, seal),
    passkeys: passkeys(tenant, scope),
    identityProviders: identityProviders(tenant, scope, seal),
    customRoles: customRoles(tenant, scope),
    organisation: ownOrganisation(tenant, scope),
    tenants: tenants(tenant, scope),
    setup: setupTokens(tenant, scope),
    agents: agentCredentials(tenant, scope),
    enrolments: enrolments(tenant, scope),
    agentGroups: agentGroups(tenant, scope),
    apiTokens: apiTokens(tenant, scope),
    indicators: indicators(tenant, scope),
    allowList: allowList(tenant, scope),
    feeds: feeds(tenant, scope, seal),
    exceptions: ruleExceptions(tenant, scope),
    rulePacks: rulePacks(tenant, scope),
    personal: personalState(tenant, scope),
    secrets: sealedSecrets(seal, scope),
    correlation: (work) =>
      scope('correlate', async (trx) => {
        await lockCases(trx, tenant)
        return work(caseTransaction(tenant, trx))
      }),
  }
}
