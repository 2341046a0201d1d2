import type { AgentId, TenantId } from '@vedette/model'
import type { CredentialDoor } from '../accounts.ts'
import { storable } from '../storable.ts'
import { credentialScope, type Reach, setLocal } from '../tenant-transaction.ts'
import { moment } from '../timestamps.ts'
import { accountById } from './accounts.ts'
import { apiTokenFromRow } from './api-tokens.ts'
import { secretFromRow } from './enrolments.ts'
import { organisationFromRow } from './organisation.ts'
import { passkeyFromRow } from './passkeys.ts'

export function credentialDoor(reach: Reach): CredentialDoor {
  return {
    session(tokenHash, now) {
      return credentialScope(reach, tokenHash)('find a session', async (trx) => {
        const session = await trx
          .selectFrom('sessions')
          .selectAll()
          .where('token_hash', '=', tokenHash)
          .executeTakeFirst()
        if (session === undefined || session.expires_at <= now) return undefined
        await setLocal(trx, 'vedette.tenant', session.tenant)
        const account = await accountById(trx, session.account)
        const role = account?.roles.find(({ tenant }) => tenant === session.in_tenant)?.role
        if (account === undefined || account.disabled || role === undefined) return undefined
        return {
          tenant: session.tenant as TenantId,
          account,
          inTenant: session.in_tenant as TenantId,
          role,
          createdAt: session.created_at,
          expiresAt: session.expires_at,
        }
      })
    },

    apiToken(tokenHash, now) {
      return credentialScope(reach, tokenHash)('find a token', async (trx) => {
        const row = await trx
          .selectFrom('api_tokens')
          .selectAll()
          .where('token_hash', '=', tokenHash)
          .executeTakeFirst()
        if (row === undefined || (row.expires_at !== null && row.expires_at <= now)) return undefined
        const token = apiTokenFromRow(row)
        if (token.account === undefined) return token
        // What its owner is now, and nothing where they are nothing any more.
        await setLocal(trx, 'vedette.tenant', token.organisation)
        const account = await accountById(trx, token.account)
        const role = account?.roles.find(({ tenant }) => tenant === token.tenant)?.role
        return account === undefined || account.disabled || role === undefined
          ? undefined
          : { ...token, role }
      })
    },

    passkey(tokenHash) {
      return credentialScope(reach, tokenHash)('find a passkey', async (trx) => {
        const row = await trx
          .selectFrom('passkeys')
          .selectAll()
          .where('token_hash', '=', tokenHash)
          .executeTakeFirst()
        return row && passkeyFromRow(row)
      })
    },

    organisation(name) {
      const wanted = storable(name, 200).toLowerCase()
      return credentialScope(reach, `organisation ${wanted}`)('find an organisation', async (trx) => {
        const row = await trx.selectFrom('organisations').select('tenant').executeTakeFirst()
        return row?.tenant as TenantId | undefined
      })
    },

    organisations() {
      return credentialScope(reach, 'organisations')('list organisations', async (trx) => {
        const rows = await trx.selectFrom('organisations').selectAll().orderBy('name').execute()
        return rows.map(organisationFromRow)
      })
    },

    agent(tokenHash) {
      return credentialScope(reach, tokenHash)("find an agent's credential", async (trx) => {
        const row = await trx
          .selectFrom('agent_credentials')
          .select(['tenant', 'agent'])
          .where('token_hash', '=', tokenHash)
          .executeTakeFirst()
        return row && { tenant: row.tenant as TenantId, agent: row.agent as AgentId }
      })
    },

    enrolmentSecret(tokenHash) {
      return credentialScope(reach, tokenHash)('find an enrolment secret', async (trx) => {
        const row = await trx
          .selectFrom('enrolment_secrets')
          .selectAll()
          .where('token_hash', '=', tokenHash)
          .executeTakeFirst()
        return row && secretFromRow(row)
      })
    },

    revocations(since, now) {
      return credentialScope(reach, 'revocations')('list revoked certificates', async (trx) => {
        const rows = await trx
          .selectFrom('agent_certificates')
          .select(['serial', 'revoked_at'])
          .where('revoked_at', '>=', moment(since))
          .where('expires_at', '>', moment(now))
          .execute()
        return rows.map(({ serial, revoked_at }) => ({ serial, revokedAt: revoked_at ?? since }))
      })
    },
  }
}
