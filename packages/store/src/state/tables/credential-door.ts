import type { AgentId, TenantId } from '@vedette/model'
import type { Kysely } from 'kysely'
import type { CredentialDoor } from '../accounts.ts'
import type { Database } from '../database.ts'
import { credentialScope, setLocal } from '../tenant-transaction.ts'
import { accountFromRow, apiTokenFromRow } from './accounts.ts'

export function credentialDoor(db: Kysely<Database>): CredentialDoor {
  return {
    session(tokenHash, now) {
      return credentialScope(db, tokenHash)('find a session', async (trx) => {
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
      return credentialScope(db, tokenHash)('find a token', async (trx) => {
        const row = await trx
          .selectFrom('api_tokens')
          .selectAll()
          .where('token_hash', '=', tokenHash)
          .executeTakeFirst()
        return row && apiTokenFromRow(row)
      })
    },

    agent(tokenHash) {
      return credentialScope(db, tokenHash)("find an agent's credential", async (trx) => {
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
