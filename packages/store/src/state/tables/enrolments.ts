import type { AgentId, TenantId } from '@vedette/model'
import { type Selectable, sql, type Transaction } from 'kysely'
import type { Database } from '../database.ts'
import type {
  AgentCertificate,
  EnrolledAgent,
  Enrolments,
  EnrolmentSecret,
  NewAgent,
  PendingAgent,
} from '../enrolment.ts'
import { storable } from '../storable.ts'
import type { TenantScope } from '../tenant-transaction.ts'
import { moment, toTimestamp } from '../timestamps.ts'

const MAX_AGENTS = 100_000
/** Who asks without a secret is a stranger: so many may wait in a tenant. */
const MAX_PENDING = 1000
const MAX_SECRETS = 1000

export function enrolments(tenant: TenantId, scope: TenantScope): Enrolments {
  return {
    list() {
      return scope('list agents', async (trx) => {
        const rows = await trx
          .selectFrom('agents')
          .selectAll()
          .orderBy('hostname')
          .orderBy('id')
          .limit(MAX_AGENTS)
          .execute()
        const newest = await trx
          .selectFrom('agent_certificates')
          .selectAll()
          .distinctOn('agent')
          .orderBy('agent')
          .orderBy('issued_at', 'desc')
          .execute()
        const certificates = new Map(newest.map((row) => [row.agent, row]))
        return rows.map((row) => agentFromRow(row, certificates.get(row.id)))
      })
    },

    get: (id) => scope('read an agent', (trx) => readAgent(trx, 'id', id)),

    byKey: (keyHash) => scope('read an agent', (trx) => readAgent(trx, 'key_hash', keyHash)),

    redeem(tokenHash, agent, now) {
      return scope('use an enrolment secret', async (trx) => {
        const used = await trx
          .updateTable('enrolment_secrets')
          .set({ uses_left: sql`uses_left - 1` })
          .where('token_hash', '=', tokenHash)
          .where('uses_left', '>', 0)
          .where('expires_at', '>', moment(now))
          .where('needs_approval', '=', false)
          .returning('id')
          .executeTakeFirst()
        return used && insertAgent(trx, tenant, agent, `secret ${used.id}`, now)
      })
    },

    use(tokenHash, now) {
      return scope('use an enrolment secret', async (trx) => {
        const used = await trx
          .updateTable('enrolment_secrets')
          .set({ uses_left: sql`uses_left - 1` })
          .where('token_hash', '=', tokenHash)
          .where('uses_left', '>', 0)
          .where('expires_at', '>', moment(now))
          .executeTakeFirst()
        return used.numUpdatedRows > 0n
      })
    },

    certify(id, keyHash, { serial, issuedAt, expiresAt }) {
      return scope('keep a certificate', async (trx) => {
        const changed = await trx
          .updateTable('agents')
          .set({ key_hash: keyHash })
          .where('id', '=', id)
          .where('state', '=', 'active')
          .executeTakeFirst()
        if (changed.numUpdatedRows === 0n) return false
        await trx
          .insertInto('agent_certificates')
          .values({
            tenant,
            serial,
            agent: id,
            issued_at: toTimestamp(issuedAt),
            expires_at: toTimestamp(expiresAt),
          })
          .execute()
        return true
      })
    },

    certificate(id, serial) {
      return scope('read a certificate', async (trx) => {
        const row = await trx
          .selectFrom('agent_certificates')
          .selectAll()
          .where('serial', '=', serial)
          .where('agent', '=', id)
          .executeTakeFirst()
        return row && certificateFromRow(row)
      })
    },

    settle(id, serial, now) {
      return scope('supersede certificates', async (trx) => {
        const rows = await trx
          .updateTable('agent_certificates')
          .set({ revoked_at: toTimestamp(now), reason: 'superseded' })
          .where('agent', '=', id)
          .where('revoked_at', 'is', null)
          .where('issued_at', '<', (of) =>
            of.selectFrom('agent_certificates').select('issued_at').where('serial', '=', serial),
          )
          .returning('serial')
          .execute()
        return rows.map((row) => row.serial)
      })
    },

    async seen(id, now) {
      await scope('keep when an agent was seen', (trx) =>
        trx
          .updateTable('agents')
          .set({ last_seen: toTimestamp(now) })
          .where('id', '=', id)
          .execute(),
      )
    },

    remove(id, now, movedTo) {
      return scope('remove an agent', async (trx) => {
        const row = await trx
          .updateTable('agents')
          .set({ state: 'removed', removed_at: toTimestamp(now), moved_to: movedTo ?? null })
          .where('id', '=', id)
          .where('state', '=', 'active')
          .returningAll()
          .executeTakeFirst()
        if (row === undefined) return undefined
        await trx
          .updateTable('agent_certificates')
          .set({ revoked_at: toTimestamp(now), reason: 'removed' })
          .where('agent', '=', id)
          .where('revoked_at', 'is', null)
          .execute()
        return agentFromRow(row, undefined)
      })
    },

    pending() {
      return scope('list agents that wait', async (trx) => {
        const rows = await trx.selectFrom('pending_agents').selectAll().orderBy('asked_at').execute()
        return rows.map(pendingFromRow)
      })
    },

    ask({ id, hostname, machineId, keyHash, address, askedAt }) {
      return scope('keep an agent that waits', async (trx) => {
        const { waiting } = await trx
          .selectFrom('pending_agents')
          .select((of) => of.fn.countAll().as('waiting'))
          .executeTakeFirstOrThrow()
        const before = await trx
          .selectFrom('pending_agents')
          .selectAll()
          .where('key_hash', '=', keyHash)
          .executeTakeFirst()
        if (before !== undefined) return pendingFromRow(before)
        if (Number(waiting) >= MAX_PENDING) return 'full'
        const row = await trx
          .insertInto('pending_agents')
          .values({
            tenant,
            id,
            key_hash: keyHash,
            hostname: storable(hostname, 255),
            machine_id: machineId,
            address: storable(address, 64),
            asked_at: toTimestamp(askedAt),
          })
          .returningAll()
          .executeTakeFirstOrThrow()
        return pendingFromRow(row)
      })
    },

    approve(id, by, now) {
      return scope('approve an agent', async (trx) => {
        const row = await trx
          .deleteFrom('pending_agents')
          .where('id', '=', id)
          .returningAll()
          .executeTakeFirst()
        return row && insertAgent(trx, tenant, pendingFromRow(row), by, now)
      })
    },

    refuse(id) {
      return scope('refuse an agent', async (trx) => {
        const row = await trx
          .deleteFrom('pending_agents')
          .where('id', '=', id)
          .returningAll()
          .executeTakeFirst()
        return row && pendingFromRow(row)
      })
    },

    secrets() {
      return scope('list enrolment secrets', async (trx) => {
        const rows = await trx
          .selectFrom('enrolment_secrets')
          .selectAll()
          .orderBy('created_at', 'desc')
          .limit(MAX_SECRETS)
          .execute()
        return rows.map(secretFromRow)
      })
    },

    async addSecret(tokenHash, { id, createdBy, expiresAt, uses, needsApproval = false }, now) {
      await scope('keep an enrolment secret', (trx) =>
        trx
          .insertInto('enrolment_secrets')
          .values({
            tenant,
            token_hash: tokenHash,
            id,
            created_at: toTimestamp(now),
            created_by: storable(createdBy, 200),
            expires_at: toTimestamp(expiresAt),
            uses,
            uses_left: uses,
            needs_approval: needsApproval,
          })
          .execute(),
      )
    },

    revokeSecret(id) {
      return scope('revoke an enrolment secret', async (trx) => {
        const done = await trx.deleteFrom('enrolment_secrets').where('id', '=', id).executeTakeFirst()
        return done.numDeletedRows > 0n
      })
    },

    async sweep(before) {
      await scope('forget old enrolments', async (trx) => {
        await trx.deleteFrom('pending_agents').where('asked_at', '<', moment(before)).execute()
        await trx.deleteFrom('enrolment_secrets').where('expires_at', '<', moment(before)).execute()
      })
    },
  }
}

async function readAgent(
  trx: Transaction<Database>,
  column: 'id' | 'key_hash',
  value: string,
): Promise<EnrolledAgent | undefined> {
  const row = await trx.selectFrom('agents').selectAll().where(column, '=', value).executeTakeFirst()
  if (row === undefined) return undefined
  const certificate = await trx
    .selectFrom('agent_certificates')
    .selectAll()
    .where('agent', '=', row.id)
    .orderBy('issued_at', 'desc')
    .limit(1)
    .executeTakeFirst()
  return agentFromRow(row, certificate)
}

async function insertAgent(
  trx: Transaction<Database>,
  tenant: TenantId,
  { id, hostname, machineId, keyHash }: NewAgent,
  by: string,
  now: number,
): Promise<EnrolledAgent> {
  const row = await trx
    .insertInto('agents')
    .values({
      tenant,
      id,
      hostname: storable(hostname, 255),
      machine_id: machineId,
      key_hash: keyHash,
      state: 'active',
      enrolled_at: toTimestamp(now),
      enrolled_by: storable(by, 200),
    })
    .returningAll()
    .executeTakeFirstOrThrow()
  return agentFromRow(row, undefined)
}

function agentFromRow(
  row: Selectable<Database['agents']>,
  certificate: Selectable<Database['agent_certificates']> | undefined,
): EnrolledAgent {
  return {
    id: row.id as AgentId,
    hostname: row.hostname,
    machineId: row.machine_id,
    keyHash: row.key_hash,
    state: row.state,
    enrolledAt: row.enrolled_at,
    enrolledBy: row.enrolled_by,
    ...(row.last_seen !== null && { lastSeen: row.last_seen }),
    ...(row.removed_at !== null && { removedAt: row.removed_at }),
    ...(row.moved_to !== null && { movedTo: row.moved_to as TenantId }),
    ...(certificate && { certificate: certificateFromRow(certificate) }),
  }
}

function certificateFromRow(row: Selectable<Database['agent_certificates']>): AgentCertificate {
  return {
    serial: row.serial,
    issuedAt: row.issued_at,
    expiresAt: row.expires_at,
    ...(row.revoked_at !== null && { revokedAt: row.revoked_at }),
    ...(row.reason !== null && { reason: row.reason }),
  }
}

function pendingFromRow(row: Selectable<Database['pending_agents']>): PendingAgent {
  return {
    id: row.id as AgentId,
    hostname: row.hostname,
    machineId: row.machine_id,
    keyHash: row.key_hash,
    address: row.address,
    askedAt: row.asked_at,
  }
}

export function secretFromRow(row: Selectable<Database['enrolment_secrets']>): EnrolmentSecret {
  return {
    id: row.id,
    tenant: row.tenant as TenantId,
    createdAt: row.created_at,
    createdBy: row.created_by,
    expiresAt: row.expires_at,
    uses: row.uses,
    usesLeft: row.uses_left,
    needsApproval: row.needs_approval,
  }
}
