import type { OwnAccount } from '@vedette/client/rest'
import { account, refresh, useCall } from '../../api/api.ts'
import { Failure, Loading } from '../../parts/state.tsx'
import { useSession } from '../../session/session.tsx'
import { usePlace } from '../../shell/header.tsx'
import { RawText } from '../../text/raw-text.tsx'
import { OwnKeys } from './own-keys.tsx'
import { OwnSessions } from './own-sessions.tsx'
import { OwnTenants } from './own-tenants.tsx'
import { Proofs } from './proofs.tsx'

/** What is one's own: how one is proved, where one is signed in, what programs may do in one's name. */
export function AccountPage() {
  usePlace({ title: 'Your account' })
  const { user } = useSession()
  const { data, error } = useCall('own account', () => account.get())
  return (
    <>
      <div className="top">
        <h1>
          You are <RawText text={user.name} />, {withArticle(user.role)}
        </h1>
        {data && <span>{standing(data)}</span>}
      </div>
      {error && (
        <Failure what="Your account could not be read" error={error} onRetry={() => void refresh()}>
          {data && <p>What was read before is below.</p>}
        </Failure>
      )}
      {!data && !error && <Loading what="your account" />}
      {data && (
        <>
          <Proofs own={data} />
          <OwnSessions sessions={data.sessions} />
          <OwnKeys own={data} />
          {data.tenants.length > 1 && <OwnTenants tenants={data.tenants} />}
        </>
      )}
    </>
  )
}

function withArticle(role: string): string {
  return `${/^[aeiou]/.test(role) ? 'an' : 'a'} ${role}`
}

function standing(own: OwnAccount): string {
  if (!own.has_password) return 'Somebody else proves you'
  return own.second_factor || own.passkeys.length > 0
    ? 'A stolen password alone opens nothing'
    : 'Your password alone opens this account: add a second factor'
}
