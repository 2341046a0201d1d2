import type { AgentId, TenantId } from '@vedette/model'
import type { CredentialDoor } from '../accounts.ts'
import { credentialScope, type Reach, setLocal } from '../tenant-transaction.ts'
import { accountFromRow, apiTokenFromRow } from './accounts.ts'

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
        const account = await trx
          .selectFrom('accounts')
          .selectAll()
          .where('id', '=', session.account)
          .executeTakeFirst()
        if (account === undefined) return undefined
        return {
          tenant: session.tenant as TenantId,
          account: accountFromRow(account),
          createdAt: session.created_at,
          expiresAt: session.expires_at,
        }
      })
    },

    apiToken(tokenHash) {
      return credentialScope(reach, tokenHash)('find a token', async (trx) => {
        const row = await trx
          .selectFrom('api_tokens')
          .selectAll()
          .where('token_hash', '=', tokenHash)
          .executeTakeFirst()
        return row && apiTokenFromRow(row)
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
  }
}
